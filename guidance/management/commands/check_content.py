import json
from collections import Counter
from dataclasses import asdict
from itertools import groupby

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import BaseCommand, CommandError

from guidance import page_reading
from guidance.content_checks import check_pages
from guidance.content_checks.findings import ERROR, RULES
from guidance.page_texts import FIELDS, facts_for, live_pages
from guidance.text_control import remember

SEVERITIES = {"error": "fel", "warning": "varning"}


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
        try:
            staticfiles_storage.url("css/site.css")
        except ValueError:
            # Lists are read as their pages show them, with names of files that it gives.
            raise CommandError(
                "Statiska filer saknas. Kör manage.py collectstatic först."
            ) from None
        pages = live_pages()
        findings = check_pages(pages, facts_for(pages, extra_hosts=allow_host))
        remember(findings)
        statistics = (
            {page.slug: page_reading.statistics(page) for page in pages}
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
