"""The import desk's forms: which files, whom a name means, why not."""

from itertools import zip_longest

from django import forms
from django.utils import timezone

from organisation.models import Unit
from portal.accounts.hsa_id import normal_hsa_id
from portal.tables.fields import MEGABYTES, TableFileField
from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.sensible_days import refuse_odd_years

from .models import Indicator

NONE, OTHER = "-", "+"


def importable():
    """Indicators with values of their own."""
    return Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)


class IndicatorField(forms.ModelChoiceField):
    def to_python(self, value):
        # PostgreSQL takes no NUL in a text, and a choice is not checked for it as a text is.
        return super().to_python("?" if "\0" in (value or "") else value)


class IndicatorYearForm(forms.Form):
    indikator = IndicatorField(
        importable(),
        to_field_name="code",
        label="Indikator",
        empty_label="Välj indikator",
        error_messages={
            "required": "Välj en indikator.",
            "invalid_choice": "Välj en indikator i listan.",
        },
    )
    ar = forms.IntegerField(
        label="År",
        min_value=1990,
        validators=[refuse_odd_years],
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={"required": "Skriv året.", "invalid": "Skriv året med fyra siffror."},
    )

    def __init__(self, *args, **options):
        options["initial"] = {"ar": timezone.localdate().year - 1, **(options.get("initial") or {})}
        super().__init__(*args, **options)


class UploadForm(IndicatorYearForm):
    fil = TableFileField(
        label="Fil",
        help_text="Mallen, en rapport ur Intygsstatistik som den är, eller täljarens rapport. "
        f"CSV, XLSX, ODS eller XLS, högst {MEGABYTES} MB.",
    )
    namnare = TableFileField(
        label="Nämnarens rapport, om den är en egen fil",
        help_text="Till exempel alla sjukfall, när filen ovan har de långa.",
        required=False,
    )


class SourceForm(IndicatorYearForm):
    enhet = forms.CharField(label="Enhet eller HSA-id", required=False, max_length=100)

    def clean_enhet(self):
        text = self.cleaned_data["enhet"]
        refuse_personal_numbers(text)
        return text


class RejectForm(forms.Form):
    skal = forms.CharField(
        label="Varför avvisas den?",
        help_text="Den som laddade upp filen läser det här.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_personal_numbers],
        error_messages={"required": "Skriv varför, så att det kan rättas."},
    )


class UnitsForm(forms.Form):
    """One question for each name that is doubtful: which unit, or none.

    `rest` leaves out all that have no answer, so that a long list need not be gone through.
    """

    rest = forms.BooleanField(label="Ta inte med dem som jag inte har svarat på", required=False)

    def __init__(self, *args, doubtful, **options):
        super().__init__(*args, **options)
        self.doubtful = doubtful
        for each in doubtful:
            choices = [(unit.hsa_id, unit.name) for unit in each.candidates]
            choices += [(OTHER, "En annan enhet, med det här HSA-id:t:"), (NONE, "Ta inte med")]
            self.fields[each.field] = forms.ChoiceField(
                label=each.name,
                choices=choices,
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": "Välj ett av alternativen."},
            )
            self.fields[f"{each.field}-id"] = forms.CharField(
                label=f"HSA-id för {each.name}", required=False, max_length=60
            )

    def questions(self):
        """(doubtful name, its choice, the choice's options with their units, its field for an
        HSA-id), in the order of the file."""
        for each in self.doubtful:
            choice = self[each.field]
            options = zip_longest(choice, each.candidates)
            yield each, choice, list(options), self[f"{each.field}-id"]

    def clean(self):
        cleaned = super().clean()
        self.choices = {}
        ids = {normal_hsa_id(cleaned.get(f"{each.field}-id") or "") for each in self.doubtful}
        known = set(Unit.objects.filter(hsa_id__in=ids).values_list("hsa_id", flat=True))
        for each in self.doubtful:
            answer = cleaned.get(each.field)
            written = normal_hsa_id(cleaned.get(f"{each.field}-id") or "")
            if answer == OTHER or (not answer and written):
                if written in known:
                    self.choices[each.key] = written
                else:
                    told = "Ingen enhet i portalen har det HSA-id:t."
                    self.add_error(f"{each.field}-id", told if written else "Skriv HSA-id.")
            elif answer == NONE or (not answer and cleaned.get("rest") and each.field in cleaned):
                self.choices[each.key] = ""
            elif answer:
                self.choices[each.key] = answer
        return cleaned
