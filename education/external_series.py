"""Events that are repeated → each time within a period, worked out by a library."""

import re
from datetime import date, datetime, timedelta

from .external_clock import Overrun, SeriesClock
from .external_properties import (
    STOCKHOLM,
    BadEvent,
    Properties,
    Zones,
    end_of,
    first_moment,
    moment_of,
    span,
)

TOO_OFTEN = re.compile(r"\bFREQ=(SECONDLY|MINUTELY|HOURLY)\b", re.I)
LONGEST_RULE = 500
MOST_DATES = 2000
NUMBER = "X-PORTAL-NUMBER"


def occurrences(
    parts: list[Properties], zones: Zones, clock: SeriesClock, first: date, last: date
) -> list[tuple[str, Properties, dict]]:
    """[(which time, its properties, when)] of a series from one day to another.

    Which time: the moment the series itself has for it, also when it was moved.
    """
    # Here, since only a reading of another's calendar needs them: five megabytes.
    import recurring_ical_events
    from icalendar import Calendar

    for each in parts:
        _refuse_endless(each)
    if clock.left <= 0:
        raise BadEvent("Kalenderns upprepningar tar för lång tid att räkna ut.")
    floating = {}
    calendar = Calendar()
    for number, each in enumerate(parts):
        event, floating[number] = _event(each, zones)
        event.add(NUMBER, str(number))
        calendar.add_component(event)
    try:
        with clock.running():
            found = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    except Overrun:
        raise BadEvent("Upprepningen (RRULE) tar för lång tid att räkna ut.") from None
    except Exception as fault:  # the library raises whatever its own libraries raise
        reason = "Upprepningen (RRULE) går inte att räkna ut."
        raise BadEvent(reason) from fault
    series = {}
    for event in found:
        number = int(event[NUMBER])
        moment = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else event["DTSTART"].dt
        times = span(event["DTSTART"].dt, event["DTEND"].dt, floating[number])
        series[which_time(moment)] = (parts[number], times)
    return [(which, *rest) for which, rest in sorted(series.items())]


def _refuse_endless(properties):
    for _, rule in properties.values.get("RRULE", []):
        if TOO_OFTEN.search(rule):
            raise BadEvent("Upprepas oftare än varje dag.")
        if len(rule) > LONGEST_RULE:
            raise BadEvent("Upprepningen (RRULE) är för lång.")
    dates = sum(
        value.count(",") + 1
        for name in ("RDATE", "EXDATE")
        for _, value in properties.values.get(name, [])
    )
    if dates > MOST_DATES:
        raise BadEvent("Upprepningen har för många datum.")


def _event(properties, zones):
    """(the library's event, with moments that we have read, whether they came without a zone)"""
    from icalendar import Event

    event = Event()
    starts, floating = first_moment(properties, "DTSTART", zones)
    ends = end_of(properties, starts, zones)
    span(starts, ends)  # one that cannot be is told of before it is repeated
    event.add("UID", "series")
    event.add("SEQUENCE", properties.number("SEQUENCE"))
    event.add("DTSTART", starts)
    event.add("DTEND", ends.astimezone(starts.tzinfo) if isinstance(starts, datetime) else ends)
    if "RECURRENCE-ID" in properties.values:
        moment, _ = first_moment(properties, "RECURRENCE-ID", zones)
        event.add("RECURRENCE-ID", moment)
    for name in ("RDATE", "EXDATE"):
        for parameters, value in properties.values.get(name, []):
            each = [part.partition("/")[0].strip() for part in value.split(",")]
            moments = [moment_of(parameters, part, zones)[0] for part in each if part]
            if moments:
                event.add(name, moments)
    for _, rule in properties.values.get("RRULE", []):
        try:
            event.add("RRULE", Event.from_ical(_as_event(rule))["RRULE"])
            if not hasattr(event["RRULE"], "get"):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise BadEvent("Upprepningen (RRULE) går inte att läsa.") from None
    return event, floating


def _as_event(rule):
    return f"BEGIN:VEVENT\r\nRRULE:{rule.strip()}\r\nEND:VEVENT\r\n"


def which_time(moment):
    if isinstance(moment, datetime):
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=STOCKHOLM)
        return f"{zoned.astimezone(STOCKHOLM):%Y%m%dT%H%M%S%z}"
    return f"{moment:%Y%m%d}"
