"""A calendar file → events as plain facts, and why each that is left out is left out.

Files come from strangers. A faulty event is set aside with its reason and the rest come in;
only what is no calendar at all is refused as a whole. What is simple is read here, because the
library takes 0.4 ms for an event; what is repeated is worked out by `external_series`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

from .external_clock import SeriesClock
from .external_properties import (
    BadEvent,
    Properties,
    Zones,
    clean_description,
    clean_text,
    clean_url,
    first_moment,
    refuse_personal_numbers_in,
    times_of,
    town_in,
)
from .external_series import occurrences, which_time

MOST_EVENTS = 20_000
# A series with more times than this within the period is no series of courses.
MOST_TIMES = 400
LONGEST_UID = 255
HIDDEN_TITLE = "Dold titel"


class NoCalendar(Exception):
    """The content cannot be read as a calendar at all; the message says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an event tells; see ImportedEvent. `fault` says why it is set aside."""

    uid: str
    recurrence: str = ""
    title: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    is_all_day: bool = False
    place: str = ""
    town: str = ""
    url: str = ""
    description: str = ""
    note: str = ""
    fault: str = ""
    is_cancelled: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.uid, self.recurrence


@dataclass
class Reading:
    """name     what the calendar calls itself
    events   by identity, faulty ones among them
    outside  (title, why) of what is well but lies outside the period or was cancelled before
    """

    name: str = ""
    events: dict[tuple[str, str], Facts] = field(default_factory=dict)
    outside: list[tuple[str, str]] = field(default_factory=list)

    def add(self, facts: Facts) -> None:
        self.events.setdefault(facts.key, facts)

    @property
    def faulty(self) -> list[Facts]:
        return [facts for facts in self.events.values() if facts.fault]


def read_calendar(content: bytes, *, first: date, last: date, towns=()) -> Reading:
    """What a file holds from one day to another.

    towns  the names of places that readers can filter by, looked for in an event's place
    """
    text, clock = _unfolded(decoded(content)), SeriesClock()
    reading = Reading(_name(text))
    places = {town.casefold(): town for town in towns}
    for zones, series in _calendars(_lines(text), clock):
        for uid in list(series):
            if len(reading.events) >= MOST_EVENTS:
                raise NoCalendar(
                    f"Kalendern har fler än {MOST_EVENTS} poster. Be anordnaren om en kortare."
                )
            # Taken out as they are read: as properties all events are many times the file.
            parts = [Properties(lines) for lines in series.pop(uid)]
            for facts in _facts_of(uid, parts, zones, clock, (first, last), reading, places):
                reading.add(facts)
    return reading


# -- the file ----------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """A file's text, whatever program wrote it; what is no calendar is refused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if not re.search(r"^\s*BEGIN:(?:VCALENDAR|VEVENT)\b", text[:100_000], re.I | re.M):
        page = re.match(r"\s*<(!doctype|html|\?xml)", text, re.I)
        kind = "Det är en webbsida, ingen kalender." if page else "Innehållet är ingen kalender."
        raise NoCalendar(f"{kind} Kontrollera att adressen eller filen är i formatet iCalendar.")
    return text


def _unfolded(text):
    return re.sub(r"(?:\r\n|\r|\n)[ \t]", "", text.replace("\x00", ""))


def _lines(text) -> Iterator[str]:
    """Whichever way they end; blank ones are nothing."""
    return (match[0] for match in re.finditer(r"[^\r\n]+", text))


def _name(text):
    named = re.search(r"^(?:X-WR-CALNAME|NAME[:;])[^\r\n]*", text.replace("\r", "\n"), re.I | re.M)
    return clean_text(named[0].partition(":")[2].replace("\\", ""), 120) if named else ""


def _calendars(lines, clock) -> Iterator[tuple[Zones, dict[str, list[list[str]]]]]:
    """(its time zones, {identity: lines of each event that bears it}) of each VCALENDAR; one cut
    short is read as far as it goes, and an event without an end ends where the next begins."""
    zones, blocks, event, zone, inner = Zones(clock), [], None, None, 0
    for line in lines:
        mark = line[:30].strip().upper()
        if mark in {"BEGIN:VCALENDAR", "END:VCALENDAR"}:
            if blocks or zones.blocks:
                yield zones, _by_identity(blocks)
            zones, blocks, event, zone, inner = Zones(clock), [], None, None, 0
        elif mark == "BEGIN:VEVENT":
            event, zone, inner = [], None, 0
            blocks.append(event)
        elif mark == "END:VEVENT":
            if event is not None:
                event.append("END:VEVENT")
            event = None
        elif mark == "BEGIN:VTIMEZONE":
            zone, event = [line], None
            zones.blocks.append(zone)
        elif mark == "END:VTIMEZONE":
            if zone is not None:
                zone.append(line)
            zone = None
        elif zone is not None:
            zone.append(line)
        elif event is not None:
            # An alarm's own lines say nothing about the event.
            inner += mark.startswith("BEGIN:") - mark.startswith("END:")
            if inner <= 0 and not mark.startswith("END:"):
                event.append(line)
    if blocks:
        yield zones, _by_identity(blocks)


def _by_identity(blocks):
    """{identity: lines of each event that bears it}; nobody else keeps them."""
    series = defaultdict(list)
    for lines in blocks:
        series[_uid(lines)].append(lines)
    blocks.clear()
    return series


# -- an event ----------------------------------------------------------------------------------


def _uid(lines):
    named = Properties([line for line in lines if line[:3].upper() == "UID"])
    uid = clean_text(named.text("UID"), 10_000)
    if not uid:
        # Without an identity of its own it is known by what it says.
        return "utan-uid-" + sha256("\n".join(lines).encode()).hexdigest()[:32]
    if len(uid) > LONGEST_UID:
        return "lang-uid-" + sha256(uid.encode()).hexdigest()
    return uid


def _facts_of(uid, parts, zones, clock, period, reading, places):
    """The facts of all that bears one identity: an event, or a series with its exceptions."""
    whole = [each for each in parts if "RECURRENCE-ID" not in each.values]
    repeated = len(whole) != len(parts) or any(
        each.values.keys() & {"RRULE", "RDATE"} for each in whole
    )
    try:
        if not repeated:
            yield from _single(uid, whole, zones, period, reading, places)
            return
        for each in whole:
            each.check()
        wrong = dict(_wrong_exceptions(parts, zones))
        for which, (each, fault) in wrong.items():
            yield _faulty(uid, each, fault, which)
        parts = [each for each in parts if each not in [part for part, _ in wrong.values()]]
        if not parts:
            return
        series = occurrences(parts, zones, clock, *period)
        if len(series) > MOST_TIMES:
            raise BadEvent(f"Upprepas fler än {MOST_TIMES} gånger under perioden.")
        if not series:
            reading.outside.append((_title(parts[0]), "Ingen gång i serien ligger i perioden."))
        for recurrence, properties, times in series:
            yield _facts(uid, recurrence, properties, times, places)
    except BadEvent as fault:
        yield _faulty(uid, parts[0], fault)


def _wrong_exceptions(parts, zones):
    """(which time, (properties, fault)) of a series' exceptions that cannot be read: each is set
    aside by itself, and the time that it was to replace is not shown as if nothing had changed."""
    for number, each in enumerate(parts):
        if "RECURRENCE-ID" not in each.values:
            continue
        which = f"undantag {number}"
        try:
            which = which_time(first_moment(each, "RECURRENCE-ID", zones)[0])
            each.check()
            times_of(each, zones)
        except BadEvent as fault:
            yield which, (each, fault)


def _single(uid, parts, zones, period, reading, places):
    """One event; of several with the same identity the one last changed counts."""
    newest = max(parts, key=lambda each: each.number("SEQUENCE"))
    for each in parts:
        if each is not newest and each.lines != newest.lines:
            copy = sha256("\n".join(each.lines).encode()).hexdigest()[:32]
            yield _faulty(uid, each, "Har samma identitet (UID) som en annan post.", copy)
    newest.check()
    times = times_of(newest, zones)
    first, last = period
    if times["starts_on"] <= last and times["ends_on"] >= first:
        yield _facts(uid, "", newest, times, places)
    else:
        reading.outside.append((_title(newest), f"Ligger utanför perioden {first}–{last}."))


def _facts(uid, recurrence, properties, times, places):
    try:
        title = clean_text(properties.text("SUMMARY"), 200)
        if not title:
            raise BadEvent("Saknar titel (SUMMARY).")
        place = clean_text(properties.text("LOCATION"), 200)
        facts = Facts(
            uid,
            recurrence,
            title=title,
            place=place,
            town=town_in(place, places),
            url=clean_url(properties.raw("URL")),
            description=clean_description(properties.text("DESCRIPTION")),
            is_cancelled=properties.raw("STATUS").strip().upper() == "CANCELLED",
            **times,
        )
        refuse_personal_numbers_in(facts.title, place, facts.url, facts.description, uid)
    except BadEvent as fault:
        return replace(_faulty(uid, properties, fault), recurrence=recurrence)
    return facts


def _title(properties):
    try:
        title = clean_text(properties.text("SUMMARY"), 200)
        refuse_personal_numbers_in(title)
    except BadEvent:
        return HIDDEN_TITLE
    return title or "Utan titel"


def _faulty(uid, properties, fault, recurrence=""):
    """A row for what could not be taken in; of its words only a title that may be shown."""
    try:
        refuse_personal_numbers_in(uid)
    except BadEvent:
        uid = "dold-uid-" + sha256(uid.encode()).hexdigest()[:32]
    return Facts(uid, recurrence, title=_title(properties), fault=str(fault)[:300])
