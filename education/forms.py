from django import forms

from organisation.models import Profession
from portal.web.ordering import swedish_key

from .models import CompetenceArea, Format, Occasion, Organiser


def towns():
    """The towns where public occasions are held, as choices in a filter."""
    names = Occasion.objects.exclude(town="").values_list("town", flat=True)
    return [("", "Alla orter"), *((name, name) for name in sorted(set(names), key=swedish_key))]


PERIODS = [("", "Kommande"), ("90", "Närmaste tre månaderna"), ("tidigare", "Tidigare tillfällen")]


class CalendarForm(forms.Form):
    """The calendar's filters, from the address. The same names in every calendar format."""

    malgrupp = forms.ModelChoiceField(
        Profession.objects.exclude(code=Profession.EVERYONE),
        to_field_name="code",
        label="Målgrupp",
        empty_label="Alla målgrupper",
        required=False,
        error_messages={"invalid_choice": "Välj en målgrupp i listan."},
    )
    omrade = forms.ModelChoiceField(
        CompetenceArea.objects.all(),
        to_field_name="code",
        label="Kunskapsområde",
        empty_label="Alla områden",
        required=False,
        error_messages={"invalid_choice": "Välj ett kunskapsområde i listan."},
    )
    form = forms.ChoiceField(
        choices=[("", "Alla former"), *((f.value, f.label.capitalize()) for f in Format)],
        label="Form",
        required=False,
        error_messages={"invalid_choice": "Välj en form i listan."},
    )
    ort = forms.ChoiceField(
        choices=towns,
        label="Ort",
        required=False,
        error_messages={"invalid_choice": "Välj en ort i listan."},
    )
    arrangor = forms.ModelChoiceField(
        Organiser.objects.all(),
        to_field_name="code",
        label="Anordnare",
        empty_label="Alla anordnare",
        required=False,
        error_messages={"invalid_choice": "Välj en anordnare i listan."},
    )
    period = forms.ChoiceField(
        choices=PERIODS,
        label="Period",
        required=False,
        error_messages={"invalid_choice": "Välj en period i listan."},
    )
    oppna = forms.BooleanField(label="Bara öppna för anmälan", required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


class CourseFilterForm(forms.Form):
    malgrupp = forms.ModelChoiceField(
        Profession.objects.exclude(code=Profession.EVERYONE),
        to_field_name="code",
        label="Målgrupp",
        empty_label="Alla målgrupper",
        required=False,
        error_messages={"invalid_choice": "Välj en målgrupp i listan."},
    )
