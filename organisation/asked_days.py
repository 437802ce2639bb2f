"""Who was responsible on a day: the day that a unit's or a role's page is asked for."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from portal.web.typed_dates import TypedDateField, five_years_ahead

# Appointments are registered no further back, and nobody decides about them further ahead.
EARLIEST = date(1990, 1, 1)


class DayForm(forms.Form):
    datum = TypedDateField(
        earliest=EARLIEST,
        latest=five_years_ahead,
        label="Dag",
        required=False,
        help_text="Till exempel 2025-03-01 eller 1 mars 2025. Även en dag framåt, om det redan är "
        "bestämt.",
    )

    def __init__(self, data, *, unit=None):
        self.unit = unit
        super().__init__(data)

    def clean_datum(self):
        day = self.cleaned_data["datum"]
        if day and self.unit:
            first, end = self.unit.valid_from, self.unit.valid_to
            if first and day < first:
                said = date_format(first, "j F Y")
                raise forms.ValidationError(f"Enheten fanns inte den dagen. Den öppnade {said}.")
            if end and day >= end:
                said = date_format(self.unit.last_day, "j F Y")
                raise forms.ValidationError(
                    f"Enheten finns inte den dagen. Dess sista dag är {said}."
                )
        return day


@dataclass(frozen=True)
class AskedDay:
    """The form, and the day when it is another one than today; None for today."""

    form: DayForm
    day: date | None

    @property
    def is_past(self):
        return self.day is not None and self.day < timezone.localdate()


def asked_day(request, *, unit=None) -> AskedDay:
    form = DayForm(request.GET, unit=unit)
    day = form.cleaned_data["datum"] if form.is_valid() else None
    return AskedDay(form, None if day == timezone.localdate() else day)


def keep_out_of_search_engines(response):
    """A page as of a day is the page again; its own address is the one to find."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response
