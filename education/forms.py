import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from organisation.forms import profession_filter
from portal.web.filters import choice_filter, filter_chips, page_filter, row_filter, town_choices

from .models import CompetenceArea, Format, ImportedEvent, Occasion, Organiser

PAST = "tidigare"
PERIODS = [("", "Kommande"), ("90", "Närmaste tre månaderna"), (PAST, "Tidigare tillfällen")]
MONTH_VIEW = "manad"
VIEWS = [("", "Lista"), (MONTH_VIEW, "Månad")]
FIRST_YEAR, LAST_YEAR = 2000, 2099
FORMATS = [("", "Alla former"), *((each.value, each.label.capitalize()) for each in Format)]


def towns():
    own = Occasion.objects.exclude(town="").values_list("town", flat=True)
    others = ImportedEvent.objects.public().exclude(town="").values_list("town", flat=True)
    return town_choices([*own, *others.distinct()])


class MonthField(forms.Field):
    """A month as browsers write it, "2026-12", as its first day; None when left out."""

    WRONG = "Skriv månaden som år och månad, till exempel 2026-12."

    def to_python(self, value):
        text = str(value or "").strip()
        if not text:
            return None
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        year, month = map(int, match.groups()) if match else (0, 0)
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            raise ValidationError(self.WRONG)
        return date(year, month, 1)


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
    anmalan = forms.BooleanField(label="Ta med sista anmälningsdag", required=False)
    vy = choice_filter(VIEWS, label="Visa som", wrong="Välj lista eller månad.")
    manad = MonthField(label="Månad", required=False)
    page = page_filter()

    def chips(self, query):
        """The active filters; a month's table says itself which month it shows."""
        shown = {"vy", "anmalan"} | ({"manad"} if self.cleaned_data["vy"] else set())
        return filter_chips(self, query, besides=shown)


class CourseOccasionsForm(forms.Form):
    """Which of a course's occasions its page lists; whatever is odd lists those to come."""

    period = choice_filter([("", ""), (PAST, "")], label="", wrong="")
    tillfalle = forms.CharField(required=False)
    page = page_filter()


class CourseFilterForm(forms.Form):
    malgrupp = profession_filter()


class CoursePageForm(CourseFilterForm):
    """The catalogue in parts, for programs."""

    page = page_filter()
