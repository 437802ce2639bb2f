"""What readers send about a page → checked values, with messages that say what to do."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from portal.web.free_texts import tells_of_a_person
from portal.web.open_forms import FreeText, SentByAnybody

from .models import Feedback
from .models.feedback import LONGEST_COMMENT

ANSWERS = {
    "ja": Feedback.Answer.YES,
    "delvis": Feedback.Answer.PARTLY,
    "nej": Feedback.Answer.NO,
}
MOST_LINKS = 2
_LINK = re.compile(r"https?://|\bwww\.", re.I)


class CommentField(FreeText):
    """A text without a limit of the browser's own: a pasted text must not be cut in silence."""

    widget = forms.Textarea(attrs={"rows": 6})

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


class CommentForm(SentByAnybody):
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
