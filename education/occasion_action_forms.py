"""Forms of the actions on occasions: a term, a copy, a cancellation."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS

from portal.web.sensible_days import refuse_odd_days

from .actions import Term
from .models import Course, Format, Occasion

_WEEKS = re.compile(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?")
WRONG_WEEKS = "Skriv veckor som nummer mellan 1 och 53, till exempel 36, 38, 40–43."


def day_field(label, **more):
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Skriv datumet som år-månad-dag, till exempel 2027-03-01."},
        validators=[refuse_odd_days],
        **more,
    )


def clock_field(label):
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"invalid": "Skriv klockslaget som timme och minut, till exempel 13:00."},
    )


class WeeksField(forms.CharField):
    """ISO week numbers as people write them: "36, 38, 40–43" → {36, 38, 40, 41, 42, 43}."""

    def clean(self, value):
        text = super().clean(value)
        weeks = set()
        for part in filter(None, (each.strip() for each in re.split(r"[,;]", text))):
            match = _WEEKS.fullmatch(part)
            first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
            if not 1 <= first <= last <= 53:
                raise ValidationError(WRONG_WEEKS)
            weeks |= {*range(first, last + 1)}
        return weeks


class TermForm(forms.Form):
    course = forms.ModelChoiceField(Course.objects.order_by("title"), label="Utbildning")
    title_suffix = forms.CharField(
        label="Tillägg till titeln",
        max_length=80,
        required=False,
        help_text="Till exempel vår 2027.",
    )
    weekday = forms.TypedChoiceField(
        label="Veckodag",
        choices=[(number, str(name).capitalize()) for number, name in WEEKDAYS.items()],
        coerce=int,
    )
    first = day_field("Från och med")
    last = day_field("Till och med")
    starts = clock_field("Börjar")
    ends = clock_field("Slutar")
    weeks = WeeksField(
        label="Bara dessa veckor",
        required=False,
        max_length=200,
        help_text="Veckonummer, till exempel 36, 38, 40–43. Tomt: varje vecka.",
    )
    skipped = WeeksField(
        label="Hoppa över veckor", required=False, max_length=200, help_text="Till exempel 44."
    )
    skip_red = forms.BooleanField(label="Hoppa över röda dagar", required=False, initial=True)
    format = forms.ChoiceField(label="Form", choices=Format.choices)
    place = forms.CharField(label="Plats", max_length=120, required=False)
    town = forms.CharField(label="Ort", max_length=60, required=False)
    seats_total = forms.IntegerField(label="Platser", min_value=1, max_value=10_000, required=False)
    closes_before = forms.IntegerField(
        label="Sista anmälningsdag, antal dagar före",
        min_value=0,
        max_value=365,
        required=False,
        help_text="Tomt: ingen sista dag.",
    )

    @property
    def term(self):
        names = ("course", "weekday", "first", "last", "starts", "ends")
        names += ("weeks", "skipped", "skip_red")
        return Term(**{name: self.cleaned_data[name] for name in names})

    @property
    def values(self):
        """Fields of each occasion."""
        names = ("title_suffix", "format", "place", "town", "seats_total")
        values = {name: self.cleaned_data[name] for name in names}
        return values | {"seats_left": values["seats_total"]}


class CopyForm(forms.Form):
    day = day_field("Ny dag", help_text="Dagen för det första passet. Klockslagen är desamma.")
    title_suffix = forms.CharField(label="Tillägg till titeln", max_length=80, required=False)


class CancelForm(forms.Form):
    on = day_field("Inställt den", initial=timezone.localdate)
    reason = forms.CharField(
        label="Varför?",
        max_length=Occasion._meta.get_field("cancel_reason").max_length,
        help_text="Visas för läsaren och i breven till dem som följer kursen.",
        error_messages={"required": "Skriv varför tillfället är inställt."},
    )
