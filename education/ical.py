"""Entries → iCalendar (RFC 5545, with the names of RFC 7986)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.web.content_lines import escaped, joined, quoted

from .entries import Entry, ImportedEntry

# How often a subscriber asks again, and the rules of Swedish time since 1996.
REFRESH = "PT6H"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
DTSTART:19960331T020000
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE""".splitlines()


def calendar_file(
    entries: Iterable[Entry | ImportedEntry], *, name: str, url: str, root: str
) -> bytes:
    """A calendar as a file.

    name  what the subscription is called in the reader's calendar
    url   the feed's own address, absolute
    root  the site's address without a slash last; entries lead to pages below it

    Nothing in it depends on when it is asked for, so that an unchanged calendar is the same bytes.
    """
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Forsakringsmedicin//Utbildningskalender//SV",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Europe/Stockholm",
        f"SOURCE;VALUE=URI:{url}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *ZONE,
    ]
    known = {}
    events = (line for entry in entries for line in _event(entry, root, known))
    return joined([*head, *events, "END:VCALENDAR"]).encode("utf-8", "replace")


@dataclass(frozen=True)
class _OfCourse:
    """What all of a course's occasions say alike, written once."""

    categories: str
    organizer: str


def _of_course(course) -> _OfCourse:
    names = [each.name for each in (*course.areas.all(), *course.audiences.all())]
    organiser = course.organiser
    return _OfCourse(
        f"CATEGORIES:{','.join(map(escaped, names))}" if names else "",
        f"ORGANIZER;CN={quoted(organiser.name)}:mailto:{organiser.email}"
        if organiser.email
        else "",
    )


def _event(entry: Entry | ImportedEntry, root: str, known: dict[int, _OfCourse]) -> Iterator[str]:
    """known  what has been written of courses, by primary key"""
    if isinstance(entry, ImportedEntry):
        yield from _imported(entry)
        return
    occasion = entry.occasion
    course = known.get(occasion.course_id)
    if course is None:
        course = known[occasion.course_id] = _of_course(occasion.course)
    changed = _moment(occasion.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{occasion.sequence}"
    yield f"SUMMARY:{escaped(entry.title)}"
    if entry.is_deadline:
        yield f"DTSTART;VALUE=DATE:{entry.starts:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.starts + timedelta(days=1):%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    else:
        yield f"DTSTART;TZID=Europe/Stockholm:{_local(entry.starts)}"
        yield f"DTEND;TZID=Europe/Stockholm:{_local(entry.ends)}"
    yield f"STATUS:{_status(occasion)}"
    if place := place_of(occasion):
        yield f"LOCATION:{escaped(place)}"
    yield f"DESCRIPTION:{escaped(_description(occasion))}"
    if course.categories:
        yield course.categories
    yield f"URL:{root}{occasion.get_absolute_url()}"
    if course.organizer:
        yield course.organizer
    yield "END:VEVENT"


def _imported(entry: ImportedEntry) -> Iterator[str]:
    event, changed = entry.event, _moment(entry.event.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"SUMMARY:{escaped(entry.title)}"
    if event.is_all_day:
        yield f"DTSTART;VALUE=DATE:{event.starts_on:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.ends_on + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART;TZID=Europe/Stockholm:{_local(event.starts)}"
        if event.ends != event.starts:
            yield f"DTEND;TZID=Europe/Stockholm:{_local(event.ends)}"
    yield f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}"
    if event.place:
        yield f"LOCATION:{escaped(event.place)}"
    told = [event.description, f"Anordnare: {event.source}"]
    yield f"DESCRIPTION:{escaped(chr(10).join(filter(None, told)))}"
    if categories := [each.name for each in event.audiences.all()]:
        yield f"CATEGORIES:{','.join(map(escaped, categories))}"
    if url := event.get_original_url():
        yield f"URL:{url}"
    yield "END:VEVENT"


def _local(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%Y%m%dT%H%M%S}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _status(occasion) -> str:
    if occasion.cancelled_on:
        return "CANCELLED"
    return "TENTATIVE" if occasion.is_preliminary else "CONFIRMED"


def place_of(occasion) -> str:
    if occasion.format == "digital":
        return "Digitalt"
    place = ", ".join(filter(None, [occasion.place, occasion.town]))
    return f"{place} eller digitalt" if occasion.format == "hybrid" else place


def _description(occasion) -> str:
    course = occasion.course
    closes = occasion.registration_closes
    told = [
        f"Inställt: {occasion.cancel_reason}" if occasion.cancelled_on else "",
        "Preliminärt." if occasion.is_preliminary else "",
        course.aim,
        f"För: {course.audience_note}" if course.audience_note else "",
        f"Sista anmälningsdag: {closes:%Y-%m-%d}" if closes else "",
        f"Så bokar du: {course.booking}",
        f"Länk: {occasion.link}" if occasion.link else "",
        f"Anordnare: {course.organiser.name}",
    ]
    return "\n".join(filter(None, told))
