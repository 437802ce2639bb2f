"""The unit that a reader has chosen to have at hand ("Min enhet").

A cookie is set only when the reader presses "Gör till min enhet". It holds the unit's own
code and nothing else, and nothing is believed of it: the room that has the units says, once
a request and only where a page asks, what the code means. One that means nothing is ignored
and taken away. Whoever has no cookie costs no query and gets the same bytes as before.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

COOKIE = "enhet"
FORM = "min-enhet"  # the name in the form's token
YEAR_IN_SECONDS = 31_536_000
LONGEST_CODE = 31

_resolve: Callable[[str], object | None] | None = None


def provide(resolve: Callable[[str], object | None]) -> Callable:
    """Registered by the room that has the units: what a code stands for, or None."""
    global _resolve
    _resolve = resolve
    return resolve


def chosen_unit(request: HttpRequest) -> object | None:
    """What the reader has chosen, None for most."""
    code = request.COOKIES.get(COOKIE)
    if code is None:
        return None
    if not hasattr(request, "_chosen_unit"):
        request._chosen_unit = _resolve(code) if len(code) <= LONGEST_CODE else None
    return request._chosen_unit


def remember(request: HttpRequest, response: HttpResponse, code: str) -> None:
    response.set_cookie(
        COOKIE,
        code,
        max_age=YEAR_IN_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def forget_unknown_units(get_response: Callable) -> Callable:
    """Takes the cookie away when a page has asked for it and it meant nothing."""

    def middleware(request):
        response = get_response(request)
        meant_nothing = getattr(request, "_chosen_unit", True) is None
        if meant_nothing and COOKIE not in response.cookies:
            forget(response)
        return response

    return middleware
