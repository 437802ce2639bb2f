from django import forms

from portal.web import chosen_unit
from portal.web.filters import choice_filter, page_filter, row_filter, town_choices
from portal.web.form_token import token_is_valid

from .converters import HsaIdConverter
from .models import Level, Ownership, Profession, Unit, UnitKind

OWNERSHIPS = [("", "Offentlig och privat"), *Ownership.choices]


def towns():
    units = Unit.objects.public().exclude(town="")
    return town_choices(units.order_by().values_list("town", flat=True).distinct())


def profession_filter():
    return row_filter(
        Profession.objects.exclude(code=Profession.EVERYONE),
        label="Målgrupp",
        empty="Alla målgrupper",
        wrong="Välj en målgrupp i listan.",
    )


class FindCoordinatorForm(forms.Form):
    """What a reader writes of a unit: part of its name, its town or its HSA-id."""

    q = forms.CharField(label="Enhetens namn, ort eller HSA-id", max_length=80, required=False)


class ChosenUnitForm(forms.Form):
    """A press on "Gör till min enhet", or without a unit on "Glöm min enhet"."""

    enhet = forms.RegexField(rf"\A{HsaIdConverter.regex}\Z", required=False)
    sida = forms.CharField(required=False)
    kod = forms.CharField(max_length=200)

    def clean_kod(self):
        if not token_is_valid(self.cleaned_data["kod"], chosen_unit.FORM):
            raise forms.ValidationError("Sidan är för gammal.")
        return self.cleaned_data["kod"]


class UnitFilterForm(forms.Form):
    """The unit directory's search and filters, from the address."""

    q = forms.CharField(label="Enhet, ort eller HSA-id", max_length=80, required=False)
    typ = row_filter(
        UnitKind.objects.filter(level=Level.UNIT),
        label="Typ av enhet",
        empty="Alla typer",
        wrong="Välj en typ av enhet i listan.",
    )
    drift = choice_filter(OWNERSHIPS, label="Driftform", wrong="Välj en driftform i listan.")
    ort = choice_filter(towns, label="Ort", wrong="Välj en ort i listan.")
    utan = forms.BooleanField(label="Bara enheter utan namngiven koordinator", required=False)
    page = page_filter()
