from django import forms

from portal.web.ordering import swedish_key

from .models import Ownership, Unit, UnitKind


def towns():
    """The towns that public units lie in, as choices in a filter."""
    names = Unit.objects.public().exclude(town="").values_list("town", flat=True)
    return [("", "Alla orter"), *((name, name) for name in sorted(set(names), key=swedish_key))]


class UnitFilterForm(forms.Form):
    """The unit directory's search and filters, from the address."""

    q = forms.CharField(label="Enhet, ort eller HSA-id", max_length=80, required=False)
    typ = forms.ModelChoiceField(
        UnitKind.objects.filter(level="unit"),
        to_field_name="code",
        label="Typ av enhet",
        empty_label="Alla typer",
        required=False,
        error_messages={"invalid_choice": "Välj en typ av enhet i listan."},
    )
    drift = forms.ChoiceField(
        choices=[("", "Offentlig och privat"), *Ownership.choices],
        label="Driftform",
        required=False,
        error_messages={"invalid_choice": "Välj en driftform i listan."},
    )
    ort = forms.ChoiceField(
        choices=towns,
        label="Ort",
        required=False,
        error_messages={"invalid_choice": "Välj en ort i listan."},
    )
    utan = forms.BooleanField(label="Bara enheter utan namngiven koordinator", required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)
