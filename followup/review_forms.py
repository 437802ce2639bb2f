"""The form where a unit answers to its figures."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone

from portal.web.forms import TextField
from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.typed_dates import TypedDateField

from .models import UnitReview
from .models.reviews import LONGEST

AHEAD = timedelta(days=3 * 366)


def _earliest() -> date:
    return timezone.localdate() - AHEAD


def _latest() -> date:
    return timezone.localdate() + AHEAD


def text(label, hint, missing, **options):
    return TextField(
        label=label,
        help_text=hint,
        max_length=LONGEST,
        error_messages={"required": missing},
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[refuse_personal_numbers],
        **options,
    )


class ReviewForm(forms.ModelForm):
    """This year's answer, and how it went with the one before where there is one.

    earlier  the answer before; valid, its `outcome` is what was written
    """

    outcome = text("Hur gick det?", "Gjordes det, och märks det i siffrorna?", "", required=False)
    comment = text(
        "Vad ser ni i siffrorna?",
        "Det viktigaste, till exempel vad som skiljer er från medianen eller från i fjol.",
        "Skriv vad ni ser i siffrorna.",
    )
    cause = text(
        "Varför är det så?",
        "Er förklaring. Skriv också om ni inte vet.",
        "Skriv er förklaring, eller att ni inte vet.",
    )
    action = text(
        "Vad gör ni?",
        "En eller två saker. Behöver inget ändras, skriv det.",
        "Skriv vad ni gör, eller att inget behöver ändras.",
    )
    owner = forms.CharField(
        label="Vem svarar för det?",
        help_text="Roll eller funktion, hellre än en persons namn.",
        max_length=120,
        error_messages={"required": "Skriv vilken roll som svarar för det."},
        validators=[refuse_personal_numbers],
    )
    due = TypedDateField(
        label="Till när?",
        help_text="Till exempel 2027-03-01.",
        error_messages={"required": "Skriv till när det ska vara gjort."},
        earliest=_earliest,
        latest=_latest,
    )

    class Meta:
        model = UnitReview
        fields = ["comment", "cause", "action", "owner", "due"]

    def __init__(self, data=None, *, instance, earlier):
        super().__init__(data, instance=instance)
        self.earlier = earlier
        if earlier is None:
            del self.fields["outcome"]
        else:
            self.initial["outcome"] = earlier.outcome
            self.order_fields(["outcome"])
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def clean(self):
        values = super().clean()
        if self.earlier is not None and "outcome" in values:
            self.earlier.outcome = values["outcome"]
        return values
