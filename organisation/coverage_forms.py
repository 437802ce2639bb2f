"""What the coverage matrix is asked: text from the address → checked values."""

from datetime import date

from django import forms

from portal.web import clean_address
from portal.web.filters import choice_filter, page_filter, row_filter, town_choices
from portal.web.typed_dates import IDENTITY_NUMBER, TypedDateField, five_years_ahead

from .coverage import required_roles
from .forms import OWNERSHIPS
from .models import Level, Unit, UnitKind

EARLIEST = date(2000, 1, 1)


def towns():
    """Of units that have closed, too: the matrix looks back."""
    units = Unit.objects.with_page().exclude(town="").order_by()
    return town_choices(units.values_list("town", flat=True).distinct())


class CoverageForm(forms.Form):
    datum = TypedDateField(
        earliest=EARLIEST, latest=five_years_ahead, label="Dag (tomt är i dag)", required=False
    )
    roll = row_filter(
        required_roles(),
        label="Funktion",
        empty="Alla funktioner",
        wrong="Välj en funktion i listan.",
    )
    typ = row_filter(
        UnitKind.objects.filter(level=Level.UNIT, required_roles__isnull=False).distinct(),
        label="Typ av enhet",
        empty="Alla typer",
        wrong="Välj en typ av enhet i listan.",
    )
    drift = choice_filter(OWNERSHIPS, label="Driftform", wrong="Välj en driftform i listan.")
    ort = choice_filter(towns, label="Ort", wrong="Välj en ort i listan.")
    luckor = forms.BooleanField(label="Bara luckor", required=False)
    fel = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    page = page_filter()

    def clean_fel(self):
        if self.cleaned_data["fel"] == clean_address.IDENTITY_NUMBER:
            raise forms.ValidationError(IDENTITY_NUMBER)
