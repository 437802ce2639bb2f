"""Letters whose text is written when they are sent, and is stored nowhere.

A room registers who writes them, from its `AppConfig.ready`:

    @writers.register("new_password")
    def new_password(address, about):
        return "anna@region.example", "Hej! …"

A writer gets the address and what was noted when the letter was queued, and gives the address
and the text, or a Letter when it has headers of its own; NOBODY when nobody is to have it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .models import OutgoingMail


class Letter(NamedTuple):
    to: str
    body: str
    headers: Mapping[str, str] = MappingProxyType({})


NOBODY = ("", "")
_writers: dict[str, Callable[[str, dict], tuple[str, str]]] = {}


def register(name: str) -> Callable:
    def keep(write):
        _writers[name] = write
        return write

    return keep


def write(mail: OutgoingMail) -> Letter:
    return Letter(*_writers[mail.writer](mail.to, mail.about))
