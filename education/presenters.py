"""Rows → the calendar's months."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from .models import Occasion, OccasionState

STATE_TAGS = {
    OccasionState.CANCELLED: "danger",
    OccasionState.DONE: "plain",
    OccasionState.FULL: "danger",
    OccasionState.CLOSED: "plain",
    OccasionState.OPENS: "plain",
    OccasionState.FEW: "warn",
    OccasionState.OPEN: "ok",
}


@dataclass
class CalendarRow:
    """An occasion as it stands at a moment; times are Swedish wall time."""

    occasion: Occasion
    starts: datetime
    ends: datetime
    state: OccasionState
    tag: str

    @property
    def several_days(self) -> bool:
        return self.starts.date() != self.ends.date()


@dataclass
class Month:
    first_day: date
    rows: list[CalendarRow] = field(default_factory=list)


def calendar_row(occasion: Occasion, at: datetime | None = None) -> CalendarRow:
    state = occasion.state(at)
    return CalendarRow(
        occasion,
        timezone.localtime(occasion.starts),
        timezone.localtime(occasion.ends),
        state,
        STATE_TAGS[state],
    )


def months(occasions: Iterable[Occasion], at: datetime | None = None) -> list[Month]:
    """Occasions, in the order given, by the month in which they start."""
    rows = [calendar_row(occasion, at) for occasion in occasions]
    return [
        Month(first_day, list(group))
        for first_day, group in groupby(rows, lambda row: row.starts.date().replace(day=1))
    ]
