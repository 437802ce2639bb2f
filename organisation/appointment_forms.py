"""An appointment, how it ends and how a vacancy is filled: what is asked for."""

from django import forms
from django.forms.models import construct_instance

from portal.editing.history_admin import ReasonForm
from portal.web.personal_numbers import refuse_personal_numbers

from .models import Appointment, Person, Unit
from .phone_hours import refuse_impossible_days

State = Appointment.State
NEEDED, NOT_NEEDED = "vacant", "not_applicable"
DAY = {"format": "%Y-%m-%d", "attrs": {"type": "date"}}
LONGEST_REASON = 100


def person_field(**kwargs):
    return forms.ModelChoiceField(Person.objects.all(), **kwargs)


class EndForm(forms.Form):
    last_day = forms.DateField(
        label="Sista dag",
        widget=forms.DateInput(**DAY),
        help_text="Sista dagen med uppdraget. Från dagen efter visas rollen som vakant.",
    )
    afterwards = forms.ChoiceField(
        label="Efter den dagen",
        choices=[
            (NEEDED, "Rollen är vakant och ska tillsättas"),
            (NOT_NEEDED, "Enheten ska inte ha rollen längre"),
        ],
        widget=forms.RadioSelect,
        initial=NEEDED,
    )
    stand_in = person_field(
        label="Tillförordnad under vakansen",
        required=False,
        help_text="Den som svarar för rollen tills någon är tillsatt. Kan lämnas tomt.",
    )
    reason = forms.CharField(
        label="Varför ändrar du?",
        required=False,
        max_length=LONGEST_REASON,
        validators=[refuse_personal_numbers],
        help_text="Visas i historiken. Skriv inget namn här.",
    )

    def clean(self):
        values = super().clean()
        if values.get("stand_in") and values.get("afterwards") == NOT_NEEDED:
            self.add_error(
                "stand_in", "Ingen kan vara tillförordnad i en roll som enheten inte ska ha."
            )
        return values


class PhoneHoursForm(forms.ModelForm):
    def clean_phone_hours(self):
        """Looked at when written anew: older words must not stand in the way of other changes."""
        hours = self.cleaned_data["phone_hours"]
        if "phone_hours" in self.changed_data:
            refuse_impossible_days(hours)
        return hours


class AppointmentForm(PhoneHoursForm, ReasonForm):
    pass


class FillForm(PhoneHoursForm):
    reason = EndForm.base_fields["reason"]

    class Meta:
        model = Appointment
        fields = [
            "state",
            "person",
            "shared_with",
            "valid_from",
            "valid_to",
            "email",
            "phone",
            "phone_hours",
        ]
        labels = {"valid_from": "Första dag"}
        widgets = {
            "valid_from": forms.DateInput(**DAY),
            "valid_to": forms.DateInput(**DAY),
            "email": forms.EmailInput(attrs={"class": "vTextField"}),
        }
        help_texts = {
            "person": "Bara när rollen har en innehavare.",
            "shared_with": "Bara när rollen delas: enheten där den finns.",
            "email": "Funktionens brevlåda, inte en persons egen adress.",
            "valid_from": "Vakansen och den som är tillförordnad slutar dagen innan.",
            "valid_to": "Sista dagen med uppdraget. Tomt: tills vidare.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        holding = (State.HELD, State.FUNCTION, State.SHARED)
        self.fields["state"].choices = [(state, state.label) for state in holding]
        self.fields["valid_from"].required = True
        self.fields["shared_with"].queryset = Unit.objects.all()

    def _post_clean(self):
        """The row is looked at when it is stored: only then has the vacancy left the seat."""
        construct_instance(self, self.instance, self._meta.fields)
