import json
import re
from collections import Counter
from dataclasses import asdict
from itertools import groupby

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import timezone

from guidance import content_checks, views
from guidance.content_checks import ERROR, RULES, Facts, PageText, StepText, check_pages
from guidance.models import GlossaryTerm, PageVersion
from portal.richtext.links import resolve_references
from portal.web import panels

SEVERITIES = {"error": "fel", "warning": "varning"}
# Places that are fields; the others are anchors.
FIELDS = {
    "title": "rubrik",
    "purpose": "syfte",
    "lead": "ingress",
    "brief": "i korthet",
    "review_note": "återstår att granska",
    "body": "texten",
    "list": "listan som visas",
    "register_anchor": "listans plats",
    "reviewed_on": "granskning",
}
PAGE_VIEWS = {views.section, views.page, views.document_or_page}


class Command(BaseCommand):
    help = (
        "Granskar de publicerade sidorna: länkar, rubriker, dubbletter, ord som åldras, "
        "personuppgifter, längd och försenad granskning. Slutkod 1 när något måste rättas."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Skriv resultatet som JSON.")
        parser.add_argument(
            "--statistics", action="store_true", help="Visa även antal ord och LIX per sida."
        )
        parser.add_argument(
            "--allow-host",
            action="append",
            default=[],
            metavar="VÄRD",
            help="En webbplats till som texter får länka till. Kan anges flera gånger.",
        )

    def handle(self, *args, allow_host, **options):
        pages = live_pages()
        findings = check_pages(pages, facts_for(pages, extra_hosts=allow_host))
        statistics = (
            {page.slug: content_checks.statistics(page) for page in pages}
            if options["statistics"]
            else {}
        )
        errors = sum(finding.severity == ERROR for finding in findings)
        if options["json"]:
            self.print_json(findings, statistics)
        else:
            self.print_findings(findings)
            self.print_statistics(statistics)
            self.print_summary(findings, len(pages))
        if errors:
            raise CommandError(f"{errors} fel ska rättas.", returncode=1)

    def print_json(self, findings, statistics):
        result = {"findings": [asdict(finding) for finding in findings], "statistics": statistics}
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))

    def print_findings(self, findings):
        for slug, rows in groupby(findings, key=lambda finding: finding.page):
            self.stdout.write(f"\n{slug}")
            for row in rows:
                place = FIELDS.get(row.place, row.place)
                self.stdout.write(f"  {SEVERITIES[row.severity]:8}{place}: {row.message}")

    def print_statistics(self, statistics):
        if statistics:
            self.stdout.write(f"\n{'Sida':44}{'Ord':>6}{'LIX':>8}")
        for slug, row in statistics.items():
            lix = f"{row['lix']:.1f}".replace(".", ",")
            self.stdout.write(f"{slug:44}{row['words']:>6}{lix:>8}")

    def print_summary(self, findings, page_count):
        counts = Counter((finding.rule, finding.severity) for finding in findings)
        self.stdout.write(f"\n{'Regel':44}{'Fel':>6}{'Varningar':>11}")
        for rule, (_, label) in RULES.items():
            errors, warnings = counts[rule, "error"], counts[rule, "warning"]
            if errors or warnings:
                self.stdout.write(f"{label:44}{errors:>6}{warnings:>11}")
        totals = Counter(finding.severity for finding in findings)
        self.stdout.write(
            f"{f'Summa för {page_count} sidor':44}{totals['error']:>6}{totals['warning']:>11}"
        )


def live_pages() -> list[PageText]:
    """All pages that the public may read, in the order of their addresses."""
    versions = (
        PageVersion.objects.live()
        .select_related("page__parent")
        .prefetch_related("laws", "documents", "steps__responsible", "steps__laws")
    )
    rows = [(version.page.get_absolute_url(), version) for version in versions]
    rows.sort(key=lambda row: row[0])
    return [page_text(version, url) for url, version in rows]


def page_text(version: PageVersion, url: str) -> PageText:
    page = version.page
    shown_html = "".join(
        render_to_string(panel.template, {"rows": panel.rows})
        for panel in (panels.collect(f"register:{page.register}") if page.register else [])
    )
    shown_ids = ids(shown_html)
    if version.laws.all() or version.documents.all():
        shown_ids.append("underlag")
    if version.brief:
        shown_ids.append("korthet")
    if (view := resolve(url).func) not in PAGE_VIEWS:
        shown_ids = ids_of_view(view, url, besides=ids(version.rendered))
    return PageText(
        slug=page.slug,
        kind=page.kind,
        title=version.title,
        purpose=page.purpose,
        lead=version.lead,
        brief=tuple(version.brief),
        review_note=version.review_note,
        body=version.body,
        steps=tuple(step_text(step) for step in version.steps.all()),
        shown_ids=tuple(shown_ids),
        shown_html=shown_html,
        register_anchor=page.register_anchor if page.register else "",
        next_review=page.next_review,
    )


def step_text(step) -> StepText:
    filled = {
        "Vem": step.responsible.all(),
        "När": step.when,
        "Dokumenteras": step.documented,
        "Lag": step.laws.all(),
    }
    return StepText(
        anchor=step.anchor,
        title=step.title,
        text=step.text,
        when=step.when,
        documented=step.documented,
        labels=frozenset(label for label, value in filled.items() if value),
    )


def ids(html: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', html)


def ids_of_view(view, url: str, *, besides: list[str]) -> list[str]:
    """The ids that a room's own list page shows beside the page's text.

    Such rooms may know guidance, not the other way round, so the page is asked for.
    """
    request = HttpRequest()
    request.method, request.path = "GET", url
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    html = view(request).content.decode()
    return list((Counter(ids(html)) - Counter(besides)).elements())


def facts_for(pages: list[PageText], *, extra_hosts: list[str]) -> Facts:
    wanted = content_checks.link_references(pages)
    addresses = [*content_checks.LINK_ADDRESSES, settings.LAW_URL_PATTERN]
    terms = GlossaryTerm.objects.values_list("term", flat=True)
    return Facts(
        targets=existing(wanted),
        abbreviations=frozenset(
            word for term in terms for word in re.findall(r"[A-ZÅÄÖ]{2,}", term)
        ),
        hosts=content_checks.allowed_hosts(addresses) | {host.lower() for host in extra_hosts},
        today=timezone.localdate(),
    )


def existing(wanted: set[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of some (scheme, key) that lead somewhere: each room resolves its own."""
    order = sorted(wanted)
    links = [f'<a href="{scheme}:{key}">x</a>' for scheme, key in order]
    resolved = resolve_references("\n".join(links)).split("\n")
    return frozenset(
        pair for pair, html in zip(order, resolved, strict=True) if html.startswith("<a")
    )
