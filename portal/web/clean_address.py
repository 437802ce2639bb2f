"""A patient's number written as a question must not stay in the address: not in the bar, the
history or a log, and not in a link that is shared."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from .personal_numbers import has_personal_number
from .typed_dates import looks_like_identity_number

# What stands in the address instead.
REFUSED, IDENTITY_NUMBER = "fel", "personnummer"


def without_personal_number(request: HttpRequest, text: str) -> HttpResponse | None:
    """Off to the page without it, or None where the text holds none."""
    return to_clean_address(request) if has_personal_number(text) else None


def holds_identity_number(query: QueryDict) -> bool:
    """Whether anything in an address could be somebody's identity number, valid or not: where
    days are asked for, nothing else has so many digits."""
    return any(looks_like_identity_number(value) for _, values in query.lists() for value in values)


def to_clean_address(request: HttpRequest) -> HttpResponse:
    response = redirect(f"{request.path}?{REFUSED}={IDENTITY_NUMBER}")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def was_refused(request: HttpRequest) -> bool:
    return request.GET.get(REFUSED) == IDENTITY_NUMBER
