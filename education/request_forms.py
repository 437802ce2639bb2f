"""A unit's wish for training → checked values, with messages that say what to do."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from organisation.models import Unit
from portal.web.free_texts import tells_of_a_person
from portal.web.open_forms import WRONG_ADDRESS, FreeText, SentByAnybody
from portal.web.personal_numbers import refuse_personal_numbers

from .models import LONGEST_TEXT, MOST_PARTICIPANTS

NUMBER = f"Skriv antalet som en siffra mellan 1 och {MOST_PARTICIPANTS}."
MOST_CHOICES = 10
NOT_LISTED = "ingen"
_PHONE = re.compile(r"[0-9+() -]{5,40}")


def refuse_persons(text):
    if found := tells_of_a_person(text):
        raise ValidationError(
            f"Det ser ut att stå {' och '.join(found)} i texten. Ta bort uppgiften: skriv aldrig "
            "om en patient, och dina egna kontaktuppgifter längst ner.",
            code="person",
        )


class Line(FreeText):
    def to_python(self, value):
        return super().to_python(value).replace("\n", " ")


def _line(label, longest, required, *validators, hint="", **attrs):
    return Line(
        label=label,
        help_text=hint,
        max_length=longest,
        widget=forms.TextInput(attrs=attrs),
        validators=validators,
        error_messages={
            "required": required,
            "max_length": f"Texten är för lång. Korta den till {longest} tecken.",
        },
    )


class TrainingRequestForm(SentByAnybody):
    innehall = FreeText(
        label="Vad vill ni lära er?",
        help_text=f"Till exempel era frågor om intyg eller samverkan. Högst {LONGEST_TEXT} tecken.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
        validators=[refuse_persons],
        error_messages={
            "required": "Skriv vad utbildningen ska handla om.",
            "max_length": "Texten är för lång: %(show_value)s tecken. Korta den till "
            f"{LONGEST_TEXT}.",
        },
    )
    for_vem = _line(
        "För vem?",
        200,
        "Skriv vilka som ska delta.",
        refuse_persons,
        hint="Till exempel läkare och rehabkoordinatorer.",
    )
    antal = forms.IntegerField(
        label="Ungefär hur många?",
        min_value=1,
        max_value=MOST_PARTICIPANTS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        error_messages=dict.fromkeys(["required", "invalid", "min_value", "max_value"], NUMBER),
    )
    nar = _line(
        "När?",
        200,
        "Skriv när det passar er.",
        refuse_persons,
        hint="Till exempel en onsdag efter lunch i februari.",
    )
    enhet = _line(
        "Vilken enhet?",
        120,
        "Skriv enhetens namn eller HSA-id.",
        refuse_personal_numbers,
        hint="Namn eller HSA-id.",
    )
    enhet_val = forms.ChoiceField(label="Vilken av dem?", widget=forms.RadioSelect, required=False)
    namn = _line("Ditt namn", 120, "Skriv ditt namn.", refuse_personal_numbers, autocomplete="name")
    epost = forms.EmailField(
        label="Din e-postadress i arbetet",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        validators=[refuse_personal_numbers],
        max_length=254,
        error_messages={
            "required": WRONG_ADDRESS,
            "invalid": WRONG_ADDRESS,
            "max_length": "E-postadressen kan ha högst 254 tecken.",
        },
    )
    telefon = forms.CharField(
        label="Telefon (om du vill)",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        validators=[refuse_personal_numbers],
    )

    # Which unit of the register it is; None when it is none of them.
    unit = None

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.units = self._units() if data is not None else []
        choices = [(unit.hsa_id, f"{unit.name} ({unit.hsa_id})") for unit in self.units]
        self.fields["enhet_val"].choices = [*choices, (NOT_LISTED, "Ingen av dem")]

    @property
    def asks_which_unit(self):
        return bool(self.units)

    def _units(self):
        """Those that the text may mean; none when it says exactly which, or nothing fits."""
        text = str(self.data.get("enhet", "")).replace("\x00", "").strip()
        if not 1 < len(text) <= 120:
            return []
        found = Unit.objects.public().matching(text).order_by("name", "pk")
        exact = f"^{re.escape(text)}$"
        same = found.filter(Q(name__iregex=exact) | Q(hsa_id__iregex=exact))[:2]
        if len(same) == 1:
            self.unit = same[0]
            return []
        return [*found[:MOST_CHOICES]]

    def clean_telefon(self):
        phone = self.cleaned_data["telefon"].strip()
        if phone and not _PHONE.fullmatch(phone):
            raise ValidationError("Skriv telefonnumret med siffror, till exempel 070-123 45 67.")
        return phone

    def clean(self):
        chosen = self.cleaned_data.get("enhet_val")
        if self.units and not chosen and "enhet_val" not in self.errors:
            self.add_error(
                "enhet_val", "Flera enheter kan vara den du menar. Välj i listan eller skriv mer."
            )
        elif chosen and chosen != NOT_LISTED:
            self.unit = next(unit for unit in self.units if unit.hsa_id == chosen)

    def _clean_fields(self):
        # A choice made for another text than the one that is sent now is asked for again.
        if self.data.get("enhet_val") not in dict(self.fields["enhet_val"].choices):
            self.data = self.data.copy()
            self.data["enhet_val"] = ""
        super()._clean_fields()
