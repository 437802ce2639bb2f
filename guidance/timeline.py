"""Days of a sick case as dates. Pure functions: nothing is asked of the database.

Day 1 is the first day of sick leave. For the days of the rehabilitation chain earlier
periods are added to the case when fewer than 90 days lie between them (socialförsäkrings-
balken 27:51, read as in force on 2025-09-01).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from .models import Milestone, Occupation

FEWEST_DAYS_APART = 90
# A new period that begins within so many days continues the one before (27:32).
CONTINUES_WITHIN = 5


@dataclass(frozen=True, order=True)
class Period:
    """Days of sick leave, the first and the last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def days_until(self, first_day: date) -> int:
        """Days between this period and one that begins on a day."""
        return (first_day - self.last).days - 1


@dataclass
class Row:
    """A day with what is due on it."""

    day: int
    on: date
    milestones: list[Milestone]
    today: date
    in_earlier_period: bool = False

    @property
    def state(self) -> str:
        if self.on == self.today:
            return "today"
        return "passed" if self.on < self.today else "coming"

    @property
    def days_left(self) -> int:
        return (self.on - self.today).days


@dataclass
class Timeline:
    """`counted` and `not_counted` are the earlier periods; `not_for` are milestones of the
    employed that do not apply to this occupation."""

    first_day: date
    occupation: str
    today: date
    rows: list[Row]
    counted: list[Period] = field(default_factory=list)
    not_counted: list[Period] = field(default_factory=list)
    not_for: list[Milestone] = field(default_factory=list)

    @property
    def today_is(self) -> int:
        """Which day of the new period today is; less than 1 before it has begun."""
        return (self.today - self.first_day).days + 1

    @property
    def counted_days(self) -> int:
        return sum(period.days for period in self.counted)

    @property
    def today_is_in_chain(self) -> int:
        return self.today_is + self.counted_days

    @property
    def next(self) -> Row | None:
        return next((row for row in self.rows if row.state != "passed"), None)

    @property
    def continues(self) -> bool:
        """Whether the new period continues the one before it, so that the count of its
        first days is in doubt."""
        return any(period.days_until(self.first_day) <= CONTINUES_WITHIN for period in self.counted)


def counted_periods(first_day: date, earlier: Iterable[Period]) -> list[Period]:
    """The earlier periods that are added to a case that begins on a day, oldest first."""
    counted = []
    for period in sorted(earlier, reverse=True):
        if period.days_until(first_day) >= FEWEST_DAYS_APART:
            break
        counted.append(period)
        first_day = period.first
    return counted[::-1]


def case_day(day: int, first_day: date, counted: Iterable[Period] = ()) -> date:
    """The date of a case's day, with the earlier periods' days counted first.

    case_day(90, date(2026, 1, 1)) → date(2026, 3, 31)
    """
    for period in counted:
        if day <= period.days:
            return period.first + timedelta(days=day - 1)
        day -= period.days
    return first_day + timedelta(days=day - 1)


def timeline(
    milestones: Iterable[Milestone],
    *,
    first_day: date,
    occupation: str,
    earlier: Iterable[Period],
    today: date,
) -> Timeline:
    """What is due on which date for a case, in the order of the dates."""
    milestones, earlier = list(milestones), list(earlier)
    counted = counted_periods(first_day, earlier)
    dated = [
        (case_day(each.day, first_day, counted if each.adds_periods else ()), each)
        for each in milestones
        if occupation in each.occupations
    ]
    dated.sort(key=lambda pair: (pair[0], pair[1].day, pair[1].position))
    rows = [
        Row(day, on, [each for _, each in group], today, in_earlier_period=on < first_day)
        for (on, day), group in groupby(dated, key=lambda pair: (pair[0], pair[1].day))
    ]
    return Timeline(
        first_day=first_day,
        occupation=occupation,
        today=today,
        rows=rows,
        counted=counted,
        not_counted=sorted({*earlier} - {*counted}),
        not_for=[
            each
            for each in milestones
            if Occupation.EMPLOYED in each.occupations and occupation not in each.occupations
        ],
    )
