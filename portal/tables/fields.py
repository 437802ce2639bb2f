"""A form's field for a file with a table."""

from django import forms

from portal.web.personal_numbers import refuse_personal_numbers

from .books import ALLOWED
from .limits import MOST_BYTES

MEGABYTES = MOST_BYTES // 1_000_000


class TableFileField(forms.FileField):
    def __init__(self, **options):
        options.setdefault("max_length", 200)
        options.setdefault("widget", forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods,.xls"}))
        options.setdefault("help_text", f"{ALLOWED}, högst {MEGABYTES} MB.")
        super().__init__(**options)
        self.error_messages["empty"] = "Filen är tom. Kontrollera att du valde rätt fil."
        self.error_messages["required"] = "Välj en fil."

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if file:
            refuse_personal_numbers(file.name)
            if file.size > MOST_BYTES:
                raise forms.ValidationError(f"Filen är större än {MEGABYTES} MB.")
        return file
