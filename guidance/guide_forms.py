"""What the guides ask: text from the address → checked values, with Swedish messages."""

import re
from datetime import date
from itertools import pairwise

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.web.typed_dates import EXAMPLE, TypedDateField, five_years_ahead

from .models import Certificate, Occupation
from .timeline import Period

EARLIEST = date(2000, 1, 1)
EARLIER_PERIODS = (1, 2, 3)


def capitalised(choices):
    return [(value, label.capitalize()) for value, label in choices]


class GuideForm(forms.Form):
    """A form in an address. Nothing of it is stored."""

    @classmethod
    def of(cls, query):
        """The form of an address's query: empty until one of its fields stands there."""
        return cls(query if any(name in query for name in cls.base_fields) else None)


def occupation_field():
    return forms.ChoiceField(
        label="Patienten är",
        choices=capitalised(Occupation.choices),
        error_messages={
            "required": "Välj vad patienten är: anställd, egenföretagare …",
            "invalid_choice": "Välj i listan vad patienten är.",
        },
    )


def earlier_day(label):
    return TypedDateField(earliest=EARLIEST, latest=five_years_ahead, label=label, required=False)


class TimelineForm(GuideForm):
    forsta_dag = TypedDateField(
        earliest=EARLIEST,
        latest=five_years_ahead,
        label="Första sjukdagen",
        help_text="Åtta siffror räcker, till exempel 20260115. Du kan också skriva 15 jan 2026.",
        error_messages={"required": f"Skriv den första sjukdagen. {EXAMPLE}"},
    )
    sysselsattning = occupation_field()
    fran1 = earlier_day("Tidigare period 1, första dagen")
    till1 = earlier_day("Tidigare period 1, sista dagen")
    fran2 = earlier_day("Tidigare period 2, första dagen")
    till2 = earlier_day("Tidigare period 2, sista dagen")
    fran3 = earlier_day("Tidigare period 3, första dagen")
    till3 = earlier_day("Tidigare period 3, sista dagen")

    def clean(self):
        cleaned = super().clean()
        periods = [period for number in EARLIER_PERIODS if (period := self._period(number))]
        first_day = cleaned.get("forsta_dag")
        ordered = sorted(periods)
        if first_day and any(period.last >= first_day for period in periods):
            raise ValidationError("En tidigare period ska sluta före den första sjukdagen.")
        if any(one.last >= other.first for one, other in pairwise(ordered)):
            raise ValidationError("Två tidigare perioder går in i varandra. Kontrollera dagarna.")
        cleaned["tidigare"] = periods
        return cleaned

    def _period(self, number):
        """An earlier period, None for one that is left out or has a fault, which is told."""
        first_name, last_name = f"fran{number}", f"till{number}"
        first, last = (self.cleaned_data.get(name) for name in (first_name, last_name))
        for name, day in ((first_name, first), (last_name, last)):
            if day is None and (first or last) and name not in self.errors:
                self.add_error(name, "Skriv både första och sista dagen, eller ingen av dem.")
        if not (first and last):
            return None
        if last < first:
            self.add_error(last_name, "Sista dagen kan inte ligga före den första.")
            return None
        return Period(first, last)

    @property
    def earlier(self):
        """The pairs of fields of the earlier periods, as the page sets them out."""
        return [(self[f"fran{number}"], self[f"till{number}"]) for number in EARLIER_PERIODS]

    @property
    def has_earlier(self):
        """Whether anything is written about earlier periods, so that it must be seen."""
        return any(field.value() or field.errors for pair in self.earlier for field in pair)


class CaseDayField(TypedDateField):
    """A day of the case as a number, or the first day as a date: (day, first day or None)."""

    def to_python(self, value):
        text = " ".join(forms.CharField.to_python(self, value).lower().split())
        if re.fullmatch(r"(?:dag )?[1-9]\d{0,2}", text, re.A):
            return int(text.removeprefix("dag ")), None
        if re.fullmatch(r"(?:dag )?-?\d{1,4}", text, re.A):
            raise ValidationError("Skriv dagen som ett tal från 1 till 999.", code="number")
        first_day = super().to_python(value)
        if first_day is None:
            return None
        return (timezone.localdate() - first_day).days + 1, first_day


class CertificateForm(GuideForm):
    dag = CaseDayField(
        earliest=EARLIEST,
        latest=timezone.localdate,
        label="Dag i sjukfallet, eller första sjukdagen",
        help_text="Till exempel 10, eller 20260115.",
        error_messages={"required": "Skriv vilken dag i sjukfallet det är, eller första dagen."},
    )
    sysselsattning = occupation_field()
    mottagare = forms.ChoiceField(
        label="Vem ska ha intyget?",
        choices=[("", "Visa alla mottagare"), *capitalised(Certificate.Recipient.choices)],
        required=False,
        error_messages={"invalid_choice": "Välj mottagare i listan."},
    )
