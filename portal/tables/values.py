"""Cells → values, the way Swedes write them. ValueError says, in Swedish, what is wrong."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from portal.web.sensible_days import fault_of

_BLANKS = "\u00a0\u202f\u2009 "
_MINUS = str.maketrans("\u2212\u2013", "--")
_NUMBER = re.compile(r"-?\d+(,\d+|\.\d+)?")
_GROUPED = re.compile(r"-?\d{1,3}([ \u00a0\u202f\u2009]\d{3})+(,\d+)?|-?\d{1,3}(\.\d{3})+(,\d+)?")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def text_of(cell) -> str:
    """What a reader sees in the cell: 12.0 → "12", blanks around and doubled gone."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "sant" if cell else "falskt"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float):
        return repr(cell).replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat(" ")
    return " ".join(str(cell).translate(_INVISIBLE).split())


def decimal_of(cell) -> Decimal:
    """1 234,5 and 1.234,5 and −3 and 3.5, as text or as a number. Blank is refused too."""
    if isinstance(cell, bool | date | timedelta):
        raise ValueError("Ska vara ett tal.")
    if isinstance(cell, int | float):
        try:
            number = Decimal(repr(cell))
        except InvalidOperation:
            raise ValueError("Ska vara ett tal.") from None
        if not number.is_finite():
            raise ValueError("Ska vara ett tal.")
        return number
    text = text_of(cell).translate(_MINUS)
    if text.startswith("- "):
        text = f"-{text[2:]}"
    if not text:
        raise ValueError("Ett tal saknas.")
    if _GROUPED.fullmatch(text):
        text = re.sub(f"[{_BLANKS}.]", "", text)
    if len(text) > 30 or not _NUMBER.fullmatch(text) or not text.isascii():
        raise ValueError("Ska vara ett tal, utan bokstäver och enheter.")
    return Decimal(text.replace(",", "."))


def whole_number_of(cell, *, largest: int = 999_999_999) -> int:
    """A number of persons or the like: whole, not negative."""
    number = decimal_of(cell)
    if number != number.to_integral_value():
        raise ValueError("Ska vara ett helt tal, utan decimaler.")
    if number < 0:
        raise ValueError("Kan inte vara mindre än noll.")
    if number > largest:
        raise ValueError(f"Kan vara högst {largest}.")
    return int(number)


def day_of(cell) -> date:
    """A date cell, or 2026-03-01, 20260301 or 2026-03-01 00:00:00 as text."""
    found = any_day_of(cell)
    if fault := fault_of(found):
        raise ValueError(fault)
    return found


def any_day_of(cell) -> date:
    """The same, however far away: a catalogue may write 9999-12-31 for no end."""
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        text = re.sub(r"[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?$", "", text_of(cell))
        parts = re.fullmatch(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", text)
        try:
            found = date(int(parts[1]), int(parts[3]), int(parts[4])) if parts else None
        except ValueError:
            raise ValueError("Den dagen finns inte. Skriv datum som 2026-03-01.") from None
    if found is None:
        raise ValueError("Skriv datum som 2026-03-01.")
    return found
