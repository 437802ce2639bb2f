"""Dates as a calendar file. It says days and duties, and nothing of whom they concern."""

import uuid

from django.utils import timezone

from .timeline import Timeline


def timeline_file(timeline: Timeline, page_url: str) -> bytes:
    """A timeline as iCalendar, one all-day event a day.

    page_url  absolute, without the query: the file is often shared, the case is not

    An event's UID follows from what it says and its date, so that a second download of the
    same timeline updates the events instead of doubling them.
    """
    # Here, since few ask for the file and four megabytes go with the library.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Forsakringsmedicin//Tidslinje//SV")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for row in timeline.rows:
        calendar.add_component(_event(row, page_url))
    return calendar.to_ical()


def _event(row, page_url):
    from icalendar import Event

    event = Event()
    codes = ",".join(milestone.code for milestone in row.milestones)
    event.add("uid", f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{page_url}#{codes}@{row.on}')}")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", row.on)  # a date without time is an event of the whole day
    event.add("summary", f"Dag {row.day}: {row.milestones[0].title}")
    event.add("description", "\n\n".join(_told(each) for each in row.milestones))
    event.add("url", page_url)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def _told(milestone):
    lines = [milestone.title, f"{milestone.who}: {milestone.text}", milestone.law_text]
    if milestone.review_note:
        lines.append(f"Ska granskas: {milestone.review_note}")
    return "\n".join(filter(None, lines))
