"""Days that only a slip of the keys makes, like 2126 for 2026: one rule, held wherever a day
is saved.

`guard_days` gives the rule to every day, moment and year of every model, so that forms of the
admin and of the site, forged posts and content packs are all refused by the same line. Forms
without a model, and files, ask `fault_of`.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from .days import add_months
from .own_fields import own_fields

# 19 for 20 is noticed until 2040, and the oldest laws that still count here are from the forties.
EARLIEST = date(1940, 1, 1)
# Longer than any appointment, agreement or plan of publishing, and shorter than 2062 for 2026.
YEARS_AHEAD = 10
YEARS = {"year", "first_year"}


def latest_day() -> date:
    return add_months(timezone.localdate(), 12 * YEARS_AHEAD)


def fault_of(day: date, earliest: date | None = None, latest: date | None = None) -> str:
    """What is wrong with a day, in Swedish; "" for nothing. A form may ask for a closer span."""
    earliest, latest = earliest or EARLIEST, latest or latest_day()
    if earliest <= day <= latest:
        return ""
    return f"Kontrollera årtalet. Dagen ska ligga mellan {earliest} och {latest}."


def refuse_odd_days(value: date | datetime) -> None:
    """A validator of days, and of moments by their Swedish day."""
    day = _day_of(value) if isinstance(value, datetime) else value
    if fault := fault_of(day):
        raise ValidationError(fault, code="span")


def _day_of(moment):
    try:
        return timezone.localdate(moment) if timezone.is_aware(moment) else moment.date()
    except OverflowError:  # the calendar's first and last day have no time in another zone
        return moment.date()


def refuse_odd_years(value: int) -> None:
    earliest, latest = EARLIEST.year, latest_day().year
    if not earliest <= value <= latest:
        raise ValidationError(
            f"Kontrollera årtalet. Det ska ligga mellan {earliest} och {latest}.", code="span"
        )


def guard_days() -> None:
    """Once, when all models are known; migrations need not know of it."""
    for field in own_fields():
        rule = _rule_of(field)
        if rule and rule not in field.validators:
            field.validators.append(rule)


def _rule_of(field):
    if isinstance(field, models.DateField):  # a DateTimeField is one too
        return refuse_odd_days
    return refuse_odd_years if field.name in YEARS else None
