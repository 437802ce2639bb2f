"""Forms that anybody may send, without account or cookie: what stops one, and its pages."""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from .form_token import token_is_valid
from .forms import TextField
from .free_texts import visible
from .rate_limit import within_limit

WRONG_ADDRESS = "Skriv hela e-postadressen, till exempel namn@region.example."


class FreeText(TextField):
    """A text that anybody may send, without the signs that nobody sees."""

    def to_python(self, value):
        return visible(super().to_python(value))


class SentByAnybody(forms.Form):
    """What such a form sends besides what is written in it (templates/_open_form.html)."""

    # Hidden from people; programs fill in whatever there is.
    webbplats = forms.CharField(required=False)
    kod = forms.CharField(max_length=200, required=False)

    @property
    def is_from_a_program(self):
        return bool(self.data.get("webbplats"))


@dataclass(frozen=True)
class OpenForm:
    """name      what its token is made for
    per_hour  how many one network may send: a hospital's readers may share one address, so the
              limit is for programs
    old, too_many  what its sender reads
    """

    name: str
    per_hour: int
    old: str = "Sidan hade legat öppen för länge. Skicka en gång till, så tas det emot."
    too_many: str = (
        "Det har kommit många formulär från ditt nätverk. Vänta en stund och skicka igen."
    )

    def obstacle(self, request: HttpRequest, token: str) -> str:
        """Why a form without faults is not taken, in Swedish; "" when it is."""
        if not token_is_valid(token, self.name):
            return self.old
        return "" if within_limit(request, self.name, per_hour=self.per_hour) else self.too_many

    def page(
        self, request: HttpRequest, template: str, *, fault: str = "", **context
    ) -> HttpResponse:
        """A page of it: for this reader only, and nothing for search engines."""
        status = 429 if fault == self.too_many else 200
        response = render(request, template, {**context, "fault": fault}, status=status)
        response.headers["X-Robots-Tag"] = "noindex"
        patch_cache_control(response, private=True, no_store=True)
        return response
