"""Days in Swedish time, where several rooms need the same step."""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, datetime, time

from django.utils import timezone


def midnight(day: date | None) -> datetime | None:
    """The moment a day begins in Sweden, None for no day."""
    return day and timezone.make_aware(datetime.combine(day, time.min))


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has no such day.

    add_months(date(2026, 1, 31), 1) → date(2026, 2, 28). Raises ValueError past year 9999.
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > MAXYEAR:
        raise ValueError(f"Ingen dag i {year}-{month:02}.")
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def months_before(day: date, months: int) -> date:
    """The latest day from which so many months lead to `day` or a day before it.

    months_before(date(2027, 2, 28), 1) → date(2027, 1, 31), since January's last days all lead
    there. Before year 1: the first day there is.
    """
    month = day.month - 1 - months
    year, month = day.year + month // 12, month % 12 + 1
    if year < MINYEAR:
        return date.min
    last = monthrange(year, month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month, last if is_last else min(day.day, last))
