"""Periods are stored with the first day that they no longer hold; everybody reads and writes the
last day that they do."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

ONE_DAY = timedelta(days=1)


def last_day_before(end: date | None) -> date | None:
    # Before the first day of the calendar there is none.
    return None if end in {None, date.min} else end - ONE_DAY


def day_after(last: date | None) -> date | None:
    return last and last + ONE_DAY


class LastDayField(forms.DateField):
    """Shows and takes the last valid day of what is the day after in the row."""

    def prepare_value(self, value):
        return last_day_before(value) if isinstance(value, date) else value

    def to_python(self, value):
        day = super().to_python(value)
        if day == date.max:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day_after(day)


class PeriodEnd(models.DateField):
    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": LastDayField, **kwargs})

    def deconstruct(self):
        # To the database it is a day as any other.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs
