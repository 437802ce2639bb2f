"""A name for each request, the same in the log, the audit and the answer's header."""

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"
# What a proxy in front makes: a uuid, a number, a trace id. Anything else is not taken.
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")

current: ContextVar[str] = ContextVar("request_id", default="")


def request_id_for(header: str) -> str:
    """The one that came, when it is sane; else a new one."""
    return header if SANE.fullmatch(header) else secrets.token_hex(8)
