"""Rows → the calendar's months."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone

from portal.web.days import add_months

from .models import ImportedEvent, Occasion, OccasionState

STATE_TAGS = {
    OccasionState.CANCELLED: "danger",
    OccasionState.DONE: "plain",
    OccasionState.PLANNED: "plain",
    OccasionState.FULL: "danger",
    OccasionState.CLOSED: "plain",
    OccasionState.OPENS: "plain",
    OccasionState.FEW: "warn",
    OccasionState.OPEN: "ok",
}


class ShownTimes:
    """What a row of the calendar says of its times, which are Swedish wall time."""

    starts: datetime
    ends: datetime

    @property
    def week(self) -> int:
        """The week by ISO 8601, as Swedish calendars count: 1 January 2027 is in week 53."""
        return self.starts.isocalendar().week


@dataclass
class ImportedRow(ShownTimes):
    """An event of another organiser as it stands at a moment.

    ends  the moment; for whole days the last one's midnight, so that its date is the last day
    """

    event: ImportedEvent
    starts: datetime
    ends: datetime
    state: OccasionState | None
    tag: str
    template = "education/_imported_event.html"

    @property
    def several_days(self) -> bool:
        return self.event.starts_on != self.event.ends_on

    @property
    def anchor(self) -> str:
        return self.event.anchor


@dataclass
class CalendarRow(ShownTimes):
    """An occasion as it stands at a moment; times are Swedish wall time."""

    occasion: Occasion
    starts: datetime
    ends: datetime
    state: OccasionState
    tag: str
    template = "education/_event.html"

    @property
    def anchor(self) -> str:
        return self.occasion.uid

    @property
    def several_days(self) -> bool:
        return self.starts.date() != self.ends.date()

    @property
    def is_open(self) -> bool:
        return self.state in {OccasionState.FEW, OccasionState.OPEN}

    @property
    def may_still_register(self) -> bool:
        return self.is_open or self.state == OccasionState.OPENS


@dataclass
class Month:
    first_day: date
    rows: list[CalendarRow | ImportedRow] = field(default_factory=list)


def calendar_row(occasion: Occasion, at: datetime | None = None) -> CalendarRow:
    state = occasion.state(at)
    return CalendarRow(
        occasion,
        timezone.localtime(occasion.starts),
        timezone.localtime(occasion.ends),
        state,
        STATE_TAGS[state],
    )


def state_of(event: ImportedEvent, at: datetime | None = None) -> OccasionState | None:
    """Cancelled or held; of registration nothing is known."""
    if event.is_cancelled:
        return OccasionState.CANCELLED
    return OccasionState.DONE if event.has_ended(at) else None


def imported_row(event: ImportedEvent, at: datetime | None = None) -> ImportedRow:
    state = state_of(event, at)
    return ImportedRow(
        event,
        timezone.localtime(event.starts),
        timezone.localtime(event.ends) - timedelta(days=event.is_all_day),
        state,
        STATE_TAGS.get(state, ""),
    )


def row_of(row: Occasion | ImportedEvent, at: datetime | None = None) -> CalendarRow | ImportedRow:
    return imported_row(row, at) if isinstance(row, ImportedEvent) else calendar_row(row, at)


def months(
    occasions: Iterable[Occasion | ImportedEvent], at: datetime | None = None
) -> list[Month]:
    """Occasions and events, in the order given, by the month in which they start."""
    rows = [row_of(occasion, at) for occasion in occasions]
    return [
        Month(first_day, list(group))
        for first_day, group in groupby(rows, lambda row: row.starts.date().replace(day=1))
    ]


@dataclass
class Meeting:
    """A session as it stands on one day; one over midnight stands on both."""

    row: CalendarRow | ImportedRow
    starts: datetime
    ends: datetime
    title: str

    @property
    def goes_on(self) -> bool:
        return self.starts.date() != self.ends.date()


@dataclass
class Day:
    on: date
    in_month: bool
    is_today: bool
    meetings: list[Meeting]


@dataclass
class MonthGrid:
    """A month's weeks, Monday first: [(week number, its seven days)]."""

    first_day: date
    weeks: list[tuple[int, list[Day]]]
    before: date
    after: date


def month_grid(
    occasions: Iterable[Occasion | ImportedEvent], first_day: date, at: datetime | None = None
) -> MonthGrid:
    """A month as a table, from others' events and occasions with their sessions."""
    by_day = defaultdict(list)
    for occasion in occasions:
        row = row_of(occasion, at)
        imported = isinstance(occasion, ImportedEvent)
        for session in [occasion] if imported else occasion.sessions.all():
            starts, ends = timezone.localtime(session.starts), timezone.localtime(session.ends)
            meeting = Meeting(row, starts, ends, "" if imported else session.title)
            # What ends at midnight takes no part of the day that begins then.
            last = max(starts, ends - timedelta(microseconds=1)).date()
            for number in range((last - starts.date()).days + 1):
                by_day[starts.date() + timedelta(days=number)].append(meeting)
    today = timezone.localdate(at)
    weeks = []
    for week in Calendar().monthdatescalendar(first_day.year, first_day.month):
        days = [
            Day(
                day,
                day.month == first_day.month,
                day == today,
                sorted(by_day[day], key=lambda meeting: (meeting.starts, meeting.row.anchor)),
            )
            for day in week
        ]
        weeks.append((week[0].isocalendar().week, days))
    return MonthGrid(first_day, weeks, add_months(first_day, -1), add_months(first_day, 1))
