"""An event's lines → values: texts made plain, moments in Swedish time.

`icalendar` is imported where it is used: four megabytes that only the reading of a file needs.
"""

import html
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import nh3
from django.core.exceptions import ValidationError

from portal.web.personal_numbers import refuse_personal_numbers

from .external_clock import SeriesClock

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FLOATING = "Utan tidszon i källan: läst som svensk tid."
LONGEST = timedelta(days=366)
LONGEST_DESCRIPTION = 2000
LONGEST_URL = 1000
FIRST_YEAR, LAST_YEAR = 1900, 2200
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;(?:"[^"]*"|[^":])*)*):(.*)', re.S)
_NAME = re.compile(r"[A-Za-z0-9-]*")
_ZONE = re.compile(r';TZID=("[^"]*"|[^;]*)', re.I)
_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_ESCAPED = re.compile(r"\\([\\;,nN:])")
# Control characters, and those that turn the direction of what stands beside them.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f"
    r"\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/tr|/h\d)\b[^<>]*>", re.I)
_MARKUP = re.compile(r"<[a-z/!][^<>]*>", re.I)
# Participants and alarms are not among them: the former are persons, the latter others'.
READ = frozenset(
    ["UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "LOCATION", "DESCRIPTION", "URL", "STATUS",
     "SEQUENCE", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE"]
)  # fmt: skip
DATES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})


class BadEvent(Exception):
    """An event that is set aside; the message is the reason that an editor reads."""


class Properties:
    """The properties that we read of an event: {name: [(parameters, value)]}."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.values: dict[str, list[tuple[str, str]]] = {}
        for line in lines:
            name = _NAME.match(line)[0].upper()
            if name not in READ:
                continue
            if name in DATES:
                # A zone called "(UTC+01:00) Berlin" without quotation marks; dates have no colon.
                head, _, value = line.rpartition(":")
                self.values.setdefault(name, []).append((head[len(name) :], value.strip()))
            elif match := _LINE.fullmatch(line):
                self.values.setdefault(name, []).append((match[2], match[3]))

    def raw(self, name: str) -> str:
        return self.values[name][0][1] if name in self.values else ""

    def text(self, name: str) -> str:
        def plain(match):
            return "\n" if match[1] in "nN" else match[1]

        return _ESCAPED.sub(plain, self.raw(name))

    def number(self, name: str) -> int:
        return int(self.raw(name)[:9]) if re.fullmatch(r"\d{1,9}", self.raw(name)) else 0

    def check(self) -> None:
        if "END:VEVENT" not in self.lines:
            raise BadEvent("Posten är avbruten: END:VEVENT saknas.")
        if "DTSTART" not in self.values:
            raise BadEvent("Saknar starttid (DTSTART).")


class Zones:
    """The time zones of a calendar: names of the world, of Windows, and its own definitions."""

    def __init__(self, clock: SeriesClock):
        self.clock = clock
        self.blocks: list[list[str]] = []
        self.found = {}

    def __getitem__(self, name: str):
        name = name.strip().strip("\"'").strip()
        if name not in self.found:
            self.found[name] = self._look_up(name)
        if self.found[name] is None:
            raise BadEvent(f"Tidszonen ”{clean_text(name, 60)}” är okänd.")
        return self.found[name]

    def _look_up(self, name):
        if known := _windows_name(name):
            return ZoneInfo(known)
        # "/example.org/2026/Europe/Stockholm" ends with the world's own name for it.
        parts = name.split("/")
        for start in range(len(parts)):
            candidate = "/".join(parts[start:])
            if candidate in _world():
                return ZoneInfo(candidate)
        return self._own(name) or _shown_name(name)

    def _own(self, name):
        """The zone as the file itself defines it, None if it does not."""
        from icalendar import Timezone

        for block in self.blocks:
            if not any(line.partition(":")[2].strip().strip('"') == name for line in block):
                continue
            try:
                with self.clock.running():
                    return Timezone.from_ical("\r\n".join([*block, ""])).to_tz()
            # Whoever needs it is told that it is unknown; the library raises what it likes.
            except Exception:
                return None
        return None


def _windows_name(name):
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON.get(name)


def _shown_name(name):
    """The zone that Outlook shows as "(UTC+01:00) Amsterdam, Berlin, Bern", by its words."""
    shown = re.fullmatch(r"\((?:UTC|GMT)(?:[+-]\d\d:\d\d)?\) (.+)", name)
    if not shown:
        return None
    if known := _windows_name(re.sub(r" Time\b.*", " Standard Time", shown[1])):
        return ZoneInfo(known)
    for city in re.split(r"[,/] *", shown[1]):
        if city.strip() in _cities():
            return ZoneInfo(_cities()[city.strip()])
    return None


@cache
def _world() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _cities() -> dict[str, str]:
    """{"New York": "America/New_York"}"""
    areas = ("Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/")
    names = sorted(name for name in _world() if name.startswith(areas))
    return {name.rpartition("/")[2].replace("_", " "): name for name in names}


# -- moments -----------------------------------------------------------------------------------


def moment_of(parameters: str, value: str, zones: Zones) -> tuple[date | datetime, bool]:
    """(a day, or a moment with its zone; whether it came without a zone)"""
    match = _DATE_TIME.fullmatch(value)
    if not match:
        raise BadEvent(f"Tiden ”{clean_text(value, 40)}” går inte att läsa.")
    year, month, day, *clock, utc = match.groups()
    try:
        if not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise ValueError
        if clock[0] is None:
            return date(int(year), int(month), int(day)), False
        hour, minute, second = map(int, clock)
        # A leap second is written as the sixtieth.
        at = datetime(int(year), int(month), int(day), hour, minute, min(second, 59))
    except ValueError:
        raise BadEvent(f"Tiden ”{value}” finns inte.") from None
    if utc:
        return at.replace(tzinfo=UTC), False
    if zone := _ZONE.search(parameters):
        return at.replace(tzinfo=zones[zone[1]]), False
    return at.replace(tzinfo=STOCKHOLM), True


def first_moment(properties: Properties, name: str, zones: Zones):
    return moment_of(*properties.values[name][0], zones)


def times_of(properties: Properties, zones: Zones) -> dict:
    """When an event is, as the fields of Facts."""
    starts, floating = first_moment(properties, "DTSTART", zones)
    return span(starts, end_of(properties, starts, zones), floating)


def end_of(properties: Properties, starts, zones: Zones):
    """When an event ends; a day that says nothing of it lasts a day, a moment no time."""
    if "DTEND" in properties.values:
        ends, _ = first_moment(properties, "DTEND", zones)
        if isinstance(ends, datetime) != isinstance(starts, datetime):
            raise BadEvent("Börjar med en dag men slutar med ett klockslag, eller tvärtom.")
        return ends
    if "DURATION" in properties.values:
        from icalendar import vDuration

        try:
            lasts = vDuration.from_ical(properties.raw("DURATION").strip())
            return (starts.astimezone(UTC) if isinstance(starts, datetime) else starts) + lasts
        except (ValueError, TypeError, OverflowError):
            raise BadEvent("Längden (DURATION) går inte att läsa.") from None
    return starts if isinstance(starts, datetime) else starts + timedelta(days=1)


def span(starts, ends, floating: bool = False) -> dict:
    note = FLOATING if floating else ""
    if not isinstance(starts, datetime):
        # Some programs write the same day twice for one whole day.
        if ends == starts:
            ends += timedelta(days=1)
        _check_span(starts, ends)
        return {
            "starts": _midnight(starts),
            "ends": _midnight(ends),
            "starts_on": starts,
            "ends_on": ends - timedelta(days=1),
            "is_all_day": True,
            "note": note,
        }
    starts, ends = starts.astimezone(UTC), ends.astimezone(UTC)
    _check_span(starts, ends)
    last = max(starts, ends - timedelta(microseconds=1))
    return {
        "starts": starts,
        "ends": ends,
        "starts_on": starts.astimezone(STOCKHOLM).date(),
        "ends_on": last.astimezone(STOCKHOLM).date(),
        "is_all_day": False,
        "note": note,
    }


def _check_span(starts, ends):
    if ends < starts:
        raise BadEvent("Slutar innan den börjar.")
    if ends - starts > LONGEST:
        raise BadEvent("Pågår i mer än ett år.")


def _midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)


# -- texts -------------------------------------------------------------------------------------


def clean_text(text: str, longest: int) -> str:
    """One line of plain text, cut where it is too long."""
    text = " ".join(_FORBIDDEN.sub("", _without_markup(text)).split())
    return text if len(text) <= longest else f"{text[: longest - 2].rstrip()} …"


def clean_description(text: str) -> str:
    """Plain text with its line breaks; HTML, which many programs write, loses its tags."""
    text = _FORBIDDEN.sub("", _without_markup(text))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    return f"{text[: LONGEST_DESCRIPTION - 2].rstrip()} …"


def _without_markup(text):
    text = text[:100_000]
    if _MARKUP.search(text):
        text = html.unescape(nh3.clean(_BREAK.sub("\n", text), tags=set()))
    return text


def clean_url(text: str) -> str:
    """An address of a website, "" for anything else."""
    text = text.strip()
    if len(text) > LONGEST_URL or re.search(r"[\s\x00-\x20\x7f-\xa0\"'<>\\]", text):
        return ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    plain = parts.scheme in {"http", "https"} and host and "@" not in parts.netloc
    return text if plain and "." in host else ""


def refuse_personal_numbers_in(*texts: str) -> None:
    try:
        refuse_personal_numbers("\n".join(texts))
    except ValidationError:
        raise BadEvent("Det ser ut att stå ett personnummer i posten.") from None


def town_in(place: str, towns: dict[str, str]) -> str:
    """The last part of a place that is a known town: "Sal A, Provstad" → "Provstad"."""
    for part in reversed(re.split(r"[,;/()\n]|\b\d{3} ?\d{2}\b", place)):
        if found := towns.get(part.strip().casefold()):
            return found
    return ""
