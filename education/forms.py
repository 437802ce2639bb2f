from django import forms

from organisation.models import Profession
from portal.web.filters import choice_filter, page_filter, row_filter, town_choices

from .models import CompetenceArea, Format, Occasion, Organiser

PERIODS = [("", "Kommande"), ("90", "Närmaste tre månaderna"), ("tidigare", "Tidigare tillfällen")]
FORMATS = [("", "Alla former"), *((each.value, each.label.capitalize()) for each in Format)]


def towns():
    return town_choices(Occasion.objects.exclude(town="").values_list("town", flat=True))


def profession_filter():
    return row_filter(
        Profession.objects.exclude(code=Profession.EVERYONE),
        label="Målgrupp",
        empty="Alla målgrupper",
        wrong="Välj en målgrupp i listan.",
    )


class CalendarForm(forms.Form):
    """The calendar's filters, from the address. The same names in every calendar format."""

    malgrupp = profession_filter()
    omrade = row_filter(
        CompetenceArea.objects.all(),
        label="Kunskapsområde",
        empty="Alla områden",
        wrong="Välj ett kunskapsområde i listan.",
    )
    form = choice_filter(FORMATS, label="Form", wrong="Välj en form i listan.")
    ort = choice_filter(towns, label="Ort", wrong="Välj en ort i listan.")
    arrangor = row_filter(
        Organiser.objects.all(),
        label="Anordnare",
        empty="Alla anordnare",
        wrong="Välj en anordnare i listan.",
    )
    period = choice_filter(PERIODS, label="Period", wrong="Välj en period i listan.")
    oppna = forms.BooleanField(label="Bara öppna för anmälan", required=False)
    page = page_filter()


class CourseFilterForm(forms.Form):
    malgrupp = profession_filter()
