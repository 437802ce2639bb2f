from django import forms

APPEARANCE_COOKIE = "utseende"


class AppearanceForm(forms.Form):
    """Light, dark, or as the reader's device says (no cookie)."""

    utseende = forms.ChoiceField(
        choices=[("", "Automatiskt"), ("light", "Ljust"), ("dark", "Mörkt")], required=False
    )
    sida = forms.CharField(required=False)
    kod = forms.CharField(max_length=200, required=False)
