"""What a reader chooses: two versions to compare, whose news to see."""

from django import forms

from organisation.forms import profession_filter

WRONG = "Välj en version i listan."


class CompareForm(forms.Form):
    """The names of its fields are the address's."""

    fran = forms.TypedChoiceField(
        label="Från", coerce=int, error_messages={"invalid_choice": WRONG}
    )
    till = forms.TypedChoiceField(
        label="Till", coerce=int, error_messages={"invalid_choice": WRONG}
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("fran", "till"):
            self.fields[name].choices = choices

    def clean(self):
        values = super().clean()
        chosen = [values.get("fran"), values.get("till")]
        if None not in chosen and chosen[0] == chosen[1]:
            raise forms.ValidationError("Välj två olika versioner.")
        return values


class NewsForm(forms.Form):
    malgrupp = profession_filter()
