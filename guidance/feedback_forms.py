"""What readers send about a page → checked values, with messages that say what to do."""

import re
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from portal.web.forms import TextField
from portal.web.personal_numbers import has_personal_number
from portal.web.typed_dates import looks_like_identity_number

from .content_checks import EMAIL, PHONE
from .models import Feedback
from .models.feedback import LONGEST_COMMENT

ANSWERS = {
    "ja": Feedback.Answer.YES,
    "delvis": Feedback.Answer.PARTLY,
    "nej": Feedback.Answer.NO,
}
MOST_LINKS = 2
_LINK = re.compile(r"https?://|\bwww\.", re.I)
# Digits that belong together, whatever keeps them apart, with the letters of a reserve number.
_DIGITS = re.compile(r"\d(?:[\s./+‐‑‒–—−-]{0,3}\d){5,11}(?:[a-z]{1,2}\d{2,3})?", re.I)
_UNBROKEN_PHONE = re.compile(r"(?<!\d)(?:0|\+46)\d{7,9}(?!\d)")


def tells_of_a_person(text: str) -> list[str]:
    """What in a text could say who somebody is, in Swedish: ["ett personnummer"]."""
    found = []
    if has_personal_number(text):
        found.append("ett personnummer")
    elif PHONE.search(text) or _UNBROKEN_PHONE.search(text):
        found.append("ett telefonnummer")
    elif any(map(_is_number_of_birth, _DIGITS.findall(text))):
        found.append("ett personnummer")
    if EMAIL.search(text):
        found.append("en e-postadress")
    return found


def _is_number_of_birth(run):
    """Ten or twelve digits with a month and a day in their place, or a reserve number."""
    if re.search("[a-z]", run, re.I):
        return looks_like_identity_number(run)
    digits = re.sub(r"\D", "", run)
    if len(digits) not in {10, 12}:
        return False
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91)


class CommentField(TextField):
    """A text without a limit of the browser's own: a pasted text must not be cut in silence."""

    widget = forms.Textarea(attrs={"rows": 6})

    def to_python(self, value):
        text = super().to_python(value)
        return "".join(sign for sign in text if sign == "\n" or category(sign) != "Cc").strip()

    def validate(self, value):
        super().validate(value)
        if found := tells_of_a_person(value):
            raise ValidationError(
                f"Det ser ut att stå {' och '.join(found)} i texten. Ta bort uppgiften och "
                "skicka igen.",
                code="person",
            )
        if len(_LINK.findall(value)) > MOST_LINKS:
            raise ValidationError(f"Skriv högst {MOST_LINKS} länkar.", code="links")


class AnswerForm(forms.Form):
    svar = forms.ChoiceField(choices=[(name, name) for name in ANSWERS])
    version = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    kod = forms.CharField(max_length=200, required=False)

    def clean_svar(self):
        return ANSWERS[self.cleaned_data["svar"]]


class CommentForm(forms.Form):
    kommentar = CommentField(
        label="Vad fungerade, eller vad saknas?",
        help_text=f"Högst {LONGEST_COMMENT} tecken. Skriv inga namn.",
        error_messages={"required": "Skriv något, eller stäng sidan: ditt svar är redan sparat."},
        validators=[
            MaxLengthValidator(
                LONGEST_COMMENT,
                f"Texten är för lång: %(show_value)s tecken. Korta den till {LONGEST_COMMENT}.",
            )
        ],
    )
    # Hidden from people; programs fill in whatever there is.
    webbplats = forms.CharField(required=False)
    kod = forms.CharField(max_length=200, required=False)

    @property
    def is_from_a_program(self):
        return bool(self.data.get("webbplats"))
