import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from education import external_import
from education.external_import import MOST_BYTES, Report
from education.external_reading import NoCalendar
from education.models import ExternalCalendar
from portal.web.probe import Unreachable

NOTHING_STORED, WRONG_USE, SOME_SET_ASIDE = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Läser in en annan anordnares kalender (iCalendar) från en fil eller adress. Nya poster "
        "väntar på att en redaktör godkänner dem. Slutkod 0: allt lästes in, 1: inget sparades, "
        "2: fel i anropet, 3: en del undantogs, med orsak."
    )

    # The site's addresses, which the checks would load, are a third of the memory and no use here.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("source", nargs="?", metavar="FIL-ELLER-ADRESS")
        parser.add_argument(
            "--calendar",
            metavar="KOD",
            help="Kalenderns kod i redigeringen. Utan den hittas kalendern på adressen eller "
            "filens namn, och läggs upp om den inte finns.",
        )
        parser.add_argument(
            "--all",
            dest="every",
            action="store_true",
            help="Hämta alla kalendrar som är i bruk och har adress.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Visa, men spara inget.")
        parser.add_argument("--json", action="store_true", help="Skriv resultatet som JSON.")

    def handle(self, *args, source, calendar, every, dry_run, json, **options):
        if every == bool(source) or (every and calendar):
            raise wrong_use("Ange en fil eller adress, eller bara --all.")
        if every:
            rows = ExternalCalendar.objects.filter(is_active=True).exclude(url="")
            reports = [external_import.fetch_calendar(row, dry_run=dry_run) for row in rows]
        else:
            reports = [self.one(source, calendar, dry_run)]
        self.tell(reports, json)
        failed = [report for report in reports if report.fault]
        if failed and len(failed) == len(reports):
            raise CommandError("Inget sparades.", returncode=NOTHING_STORED)
        if failed or any(report.set_aside for report in reports):
            raise CommandError("En del undantogs.", returncode=SOME_SET_ASIDE)

    def one(self, source, code, dry_run) -> Report:
        address = source.replace("webcal://", "https://", 1)
        is_url = "://" in address
        content = None if is_url else content_of(address)
        calendar = calendar_for(code, address, is_url)
        if calendar is None and dry_run:
            return looked_at(address, content)
        if is_url and calendar and calendar.url == address:
            return external_import.fetch_calendar(calendar, dry_run=dry_run)
        # Another address than the calendar's own: what is known of that one says nothing here.
        if is_url:
            try:
                content = external_import.fetch(address).body
            except Unreachable as fault:
                return Report(code or address, fault=external_import.in_a_sentence(fault))
        reading = None
        if calendar is None:
            # Only what is a calendar gets a row.
            try:
                reading = external_import.read(content)
            except NoCalendar as fault:
                return Report(address, fault=str(fault))
            calendar = made_calendar(address, is_url, reading.name)
        return external_import.store_content(calendar, content, dry_run=dry_run, reading=reading)

    def tell(self, reports, as_json):
        if as_json:
            rows = [asdict(report) for report in reports]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for report in reports:
            self.stdout.write(report.in_words())
            for title, reason in report.set_aside:
                self.stdout.write(f"  Undantagen: {title}: {reason}")
            for title, reason in report.left_out:
                self.stdout.write(f"  Utelämnad: {title}: {reason}")


def wrong_use(text):
    return CommandError(text, returncode=WRONG_USE)


def content_of(name) -> bytes:
    try:
        with Path(name).open("rb") as file:
            # One byte more than is allowed, so that a larger file is told from one that fits.
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise wrong_use(f"Filen {name} går inte att läsa.") from None


def calendar_for(code, address, is_url) -> ExternalCalendar | None:
    if code:
        calendar = ExternalCalendar.objects.filter(code=code).first()
        if calendar is None:
            codes = ", ".join(ExternalCalendar.objects.values_list("code", flat=True))
            raise wrong_use(f"Kalendern {code} finns inte. De som finns: {codes or 'inga'}.")
        return calendar
    by_url = ExternalCalendar.objects.filter(url=address).first() if is_url else None
    return by_url or ExternalCalendar.objects.filter(code=code_of(address, is_url)).first()


def code_of(address, is_url) -> str:
    name = address
    if is_url:
        try:
            parts = urlsplit(address)
        except ValueError:
            raise wrong_use("Adressen går inte att tolka.") from None
        name = f"{parts.hostname}-{Path(parts.path).stem}"
    return slugify(name if is_url else Path(address).stem)[:50].strip("-") or "kalender"


def made_calendar(address, is_url, name) -> ExternalCalendar:
    code = code_of(address, is_url)
    row = ExternalCalendar(code=code, name=name or code, url=address if is_url else "")
    try:
        row.clean_fields()
    except ValidationError as fault:
        raise wrong_use(" ".join(fault.messages)) from None
    # Another run may have made it in the meantime.
    known = {"name": row.name, "url": row.url}
    return ExternalCalendar.objects.get_or_create(code=code, defaults=known)[0]


def looked_at(address, content) -> Report:
    """What would come of a calendar that is not stored."""
    try:
        if content is None:
            content = external_import.fetch(address).body
        reading = external_import.read(content)
    except Unreachable as fault:
        return Report(address, fault=external_import.in_a_sentence(fault))
    except NoCalendar as fault:
        return Report(address, fault=str(fault))
    return Report(
        address,
        new=len(reading.events) - len(reading.faulty),
        set_aside=[(facts.title, facts.fault) for facts in reading.faulty],
        left_out=reading.outside,
    )
