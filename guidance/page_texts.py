"""The pages as the content checks read them: rows and what templates add → plain data."""

import re
from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import timezone

from portal.caching.prepared import Question
from portal.richtext.links import addresses_of
from portal.web import panels

from . import content_checks
from .content_checks import Facts
from .models import FormerSlug, GlossaryTerm, PageVersion
from .page_reading import PageText, StepText

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
    "laws": "lagrum",
}
# Other rooms' views show lists of their own round a page's text. (Named, not imported: the
# views need what this module serves.)
PAGE_VIEWS = "guidance.views"
# What a version's text is read from, for several versions at once.
READ_WITH = ("laws", "documents", "steps__responsible", "steps__laws")


def live_versions() -> QuerySet[PageVersion]:
    """What readers see, with all that `page_text` asks for."""
    return with_text(PageVersion.objects.live())


def with_text(versions: QuerySet[PageVersion]) -> QuerySet[PageVersion]:
    return versions.select_related("page__parent").prefetch_related(*READ_WITH)


def live_pages() -> list[PageText]:
    """All pages that the public may read, in the order of their addresses."""
    rows = [(version.page.get_absolute_url(), version) for version in live_versions()]
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
    if (view := resolve(url).func).__module__ != PAGE_VIEWS:
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
        amended_laws=amended_laws(version),
    )


def amended_laws(version) -> tuple[tuple[str, str], ...]:
    steps = [(f"#{step.anchor}", law) for step in version.steps.all() for law in step.laws.all()]
    return tuple(
        (place, f"{law.short_name} ({law.latest_amendment})")
        for place, law in [*(("laws", law) for law in version.laws.all()), *steps]
        if version.page.has_unread(law)
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
    request.user = AnonymousUser()
    try:
        html = view(request).content.decode()
    except Http404:
        return []  # the page of this list is not published yet
    return list((Counter(ids(html)) - Counter(besides)).elements())


_terms = Question(lambda: GlossaryTerm.objects.values_list("term", flat=True))
_former_among = Question(
    lambda slugs: (
        FormerSlug.objects.filter(slug__in=slugs).order_by().values_list("slug", "page__slug")
    )
)


def facts_for(pages: list[PageText], *, extra_hosts: Iterable[str] = ()) -> Facts:
    wanted = content_checks.link_references(pages)
    addresses = [*content_checks.LINK_ADDRESSES, settings.LAW_URL_PATTERN]
    slugs = {key for scheme, key, _ in wanted if scheme == "sida"}
    return Facts(
        targets=frozenset(addresses_of((x, key) for x, key, _ in wanted if x != "sida")),
        former_slugs=dict(_former_among(sorted(slugs)) if slugs else ()),
        abbreviations=frozenset(
            word for term in _terms() for word in re.findall(r"[A-ZÅÄÖ]{2,}", term)
        ),
        hosts=content_checks.allowed_hosts(addresses) | {host.lower() for host in extra_hosts},
        today=timezone.localdate(),
    )
