"""The unit that a reader has chosen to have at hand ("Min enhet").

A cookie is set only when the reader presses "Gör till min enhet". It holds the unit's own
code and nothing else, and nothing is believed of it: the room that has the units says, once
a request and only where a page asks, what the code means. One that means nothing is ignored
and taken away. Whoever has no cookie costs no query and gets the same bytes as before.
"""

from collections.abc import Callable

from django.http import HttpRequest

from .choices import keep_choice

COOKIE = "enhet"
FORM = "min-enhet"  # the name in the form's token
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


def forget_unknown_units(get_response: Callable) -> Callable:
    """Takes the cookie away when a page has asked for it and it meant nothing."""

    def middleware(request):
        response = get_response(request)
        meant_nothing = getattr(request, "_chosen_unit", True) is None
        if meant_nothing and COOKIE not in response.cookies:
            keep_choice(request, response, COOKIE, "")
        return response

    return middleware
