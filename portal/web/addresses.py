"""Addresses found once: looking one up in the patterns costs more than all else of a link, and a
list has hundreds of them."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(10_000)
def address_of(name: str, *arguments: str) -> str:
    """As Django's `reverse`: "organisation:role_detail", "fmk" → "/organisation/roller/fmk/"."""
    return reverse(name, args=arguments)
