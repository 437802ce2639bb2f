"""The check for anonymous POST forms, instead of the CSRF cookie.

A token is constant per form and day, so that pages stay cacheable and readers get no
cookie. It shows that the form came from a page of ours within two days; what such a form
may do must be harmless or moderated.
"""

from datetime import date, timedelta
from functools import lru_cache

from django.core.signing import BadSignature, Signer
from django.utils import timezone

_signer = Signer(salt="portal.web.form_token")


def form_token(form_name: str, on: date | None = None) -> str:
    return _signed(form_name, on or timezone.localdate())


@lru_cache(64)
def _signed(form_name, day):
    return _signer.sign(f"{form_name}|{day:%Y-%m-%d}")


def token_is_valid(token: str, form_name: str) -> bool:
    """Whether a token was made for this form today or yesterday."""
    try:
        name, _, day = _signer.unsign(token).partition("|")
    except BadSignature:
        return False
    today = timezone.localdate()
    return name == form_name and day in {f"{today:%Y-%m-%d}", f"{today - timedelta(1):%Y-%m-%d}"}
