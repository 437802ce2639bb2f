from django import forms

APPEARANCE_COOKIE = "utseende"
APPEARANCES = {"light": "Ljust", "dark": "Mörkt"}


class AppearanceForm(forms.Form):
    """Light, dark, or as the reader's device says (no cookie)."""

    utseende = forms.ChoiceField(
        choices=[("", "Automatiskt"), *APPEARANCES.items()], required=False
    )
    sida = forms.CharField(required=False)
    kod = forms.CharField(max_length=200, required=False)


def tell_in(form, fault, *, renamed=None):
    """What an action refuses, beside its field or above the form.

    renamed  {a row's field: the form's}, where the form has another name for it
    """
    faults = fault.message_dict if hasattr(fault, "error_dict") else {None: fault.messages}
    for name, texts in faults.items():
        field = (renamed or {}).get(name, name)
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


class TextField(forms.CharField):
    """A text of several lines. Browsers send "\\r\\n", packs and texts have "\\n"."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class LinesField(forms.CharField):
    """A list of texts, edited one a line: "a\\n\\nb" ↔ ["a", "b"].

    Made for a JSONField, whose encoder and decoder it has no use for.
    """

    widget = forms.Textarea

    def __init__(self, *, encoder=None, decoder=None, **kwargs):
        super().__init__(**kwargs)
        self.help_text = f"{self.help_text} Skriv en sak på varje rad.".strip()

    @staticmethod
    def lines_of(text):
        return [line.strip() for line in (text or "").splitlines() if line.strip()]

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value):
        return self.lines_of(super().clean(value))

    def has_changed(self, initial, data):
        return self.lines_of(data) != list(initial or [])
