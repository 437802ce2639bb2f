from django import forms

from portal.web.filters import choice_filter, page_filter, row_filter, town_choices

from .models import Level, Ownership, Unit, UnitKind

OWNERSHIPS = [("", "Offentlig och privat"), *Ownership.choices]


def towns():
    units = Unit.objects.public().exclude(town="")
    return town_choices(units.values_list("town", flat=True))


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
