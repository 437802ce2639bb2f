"""A cell → a count, a share or a state. ValueError says, in Swedish, what is wrong."""

import re
from decimal import Decimal

from followup.models import StoredState as State
from portal.tables.values import decimal_of, text_of, whole_number_of

# Signs of official statistics for what is not known.
_MISSING = {"", "-", "–", "−", "..", "…"}
_UNDER = re.compile(r"< ?\d{1,4}")
_SHARE = re.compile(r"(-?[\d., \u00a0\u202f]*\d) ?%(?: \(([^)]*)\))?")
_DIGITS = re.compile(r"[0-9]{1,9}")
HOW = "Skriv ett helt tal, lämna tomt (saknas), x (ej aktuellt) eller <5 (dolt av källan)."


def read_count(cell) -> tuple[int | None, State]:
    """42 → (42, VALUE), "" → (None, MISSING), "x" → (None, NOT_APPLICABLE), "<5" → (None,
    HIDDEN)."""
    if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 1e9:
        return int(cell), State.VALUE
    text = text_of(cell)
    if _DIGITS.fullmatch(text):
        return int(text), State.VALUE
    if text in _MISSING:
        return None, State.MISSING
    if text.casefold() == "x":
        return None, State.NOT_APPLICABLE
    if _UNDER.fullmatch(text):
        return None, State.HIDDEN
    try:
        return whole_number_of(cell), State.VALUE
    except ValueError as fault:
        raise ValueError(f"{fault} {HOW}") from None


def read_share(cell) -> tuple[Decimal | None, int | None, State]:
    """A share as it was written, and the count in brackets after it when there is one.

    "12%" → (12, None, VALUE), "63 % (3 300)" → (63, 3300, VALUE), "-" → (None, None, MISSING)
    """
    text = text_of(cell)
    if text in _MISSING:
        return None, None, State.MISSING
    if _UNDER.fullmatch(text):
        return None, None, State.HIDDEN
    found = _SHARE.fullmatch(text)
    if found is None:
        raise ValueError("Skriv andelen med procenttecken, till exempel 12,5 %.")
    count = whole_number_of(found[2]) if found[2] is not None else None
    return _within(decimal_of(found[1]), 100), count, State.VALUE


def read_rate(cell) -> tuple[Decimal | None, State]:
    """Per 1,000, with decimal comma as text or as a number."""
    text = text_of(cell)
    if text in _MISSING:
        return None, State.MISSING
    return _within(decimal_of(cell), 99_999), State.VALUE


def _within(number, most):
    if not 0 <= number <= most:
        raise ValueError(f"Ska vara mellan 0 och {most}.")
    return number.quantize(Decimal("0.0001"))
