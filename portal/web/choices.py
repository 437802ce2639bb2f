"""What a reader chooses by a button that says so: kept in a cookie of the reader's own."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

YEAR_IN_SECONDS = 31_536_000


def keep_choice(request: HttpRequest, response: HttpResponse, cookie: str, value: str) -> None:
    """For a year; without a value the choice is forgotten."""
    if value:
        response.set_cookie(
            cookie,
            value,
            max_age=YEAR_IN_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(cookie, samesite="Lax")


def way_back(address: str) -> str:
    """The page of ours that a form came from, the start page for any other address."""
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours and address.startswith("/") else "/"
