"""A patient's number written as a question must not stay in the address: not in the bar, the
history or a log, and not in a link that is shared."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .personal_numbers import has_personal_number

# What stands in the address instead.
REFUSED, IDENTITY_NUMBER = "fel", "personnummer"


def without_personal_number(request: HttpRequest, text: str) -> HttpResponse | None:
    """Off to the page without it, or None where the text holds none."""
    if not has_personal_number(text):
        return None
    response = redirect(f"{request.path}?{REFUSED}={IDENTITY_NUMBER}")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def was_refused(request: HttpRequest) -> bool:
    return request.GET.get(REFUSED) == IDENTITY_NUMBER
