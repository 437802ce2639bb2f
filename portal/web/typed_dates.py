"""Dates as people type them, and the form field that reads them.

A form asks for a day only. What could be somebody's identity number is refused before
anything else looks at it, and is never written back into the page.
"""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from .days import add_months
from .sensible_days import EARLIEST, fault_of, latest_day

EXAMPLE = "Skriv dagen som 2026-01-15 eller 15 januari 2026."
NO_SUCH_DAY = "Dagen finns inte i kalendern. Kontrollera dag och månad."
NO_YEAR = "Skriv årtal med fyra siffror, till exempel 2026-01-15."
TWO_WAYS = f"Datumet kan läsas på två sätt. {EXAMPLE}"
IDENTITY_NUMBER = (
    "Det ser ut som ett personnummer och har tagits bort. Skriv bara ett datum: "
    "här ska inga uppgifter om patienten stå."
)
LONGEST = 60

_MONTHS = {
    "januari": 1, "februari": 2, "mars": 3, "april": 4, "maj": 5, "juni": 6, "juli": 7,
    "augusti": 8, "september": 9, "oktober": 10, "november": 11, "december": 12,
}  # fmt: skip
_DASHES = re.compile("[‐‑‒–—−]")  # what keyboards and texts put for a hyphen
_IDENTITY = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+]?(?:\d{4}|[a-z]{1,2}\d{2,3})(?!\d)", re.A)
_WEEKDAY = r"(?:(?:mån|tis|ons|tors?|fre|lör|sön)(?:dag(?:en)?)?\.?,? )?(?:den )?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})", re.A)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.A)
_NAMED = re.compile(rf"{_WEEKDAY}(\d{{1,2}})(?::?[ae])? ?([a-zåäö]{{3,9}})\.? ?(\d{{4}})", re.A)
_SWEDISH = re.compile(r"(\d{1,2})/(\d{1,2}) (\d{4})", re.A)
_EITHER_WAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.A)
_SHORT = re.compile(
    rf"{_WEEKDAY}\d{{1,2}} ?[a-zåäö]{{3,9}}\.?|\d{{6}}|\d\d?/\d\d?|\d\d?([-/.])\d\d?\1\d\d?", re.A
)


class DateUnread(ValueError):
    """Why a text is no day, in Swedish."""


def looks_like_identity_number(text: str) -> bool:
    """Six or eight digits of birth and four last signs, however they are kept apart.

    True for reserve numbers and co-ordination numbers too; a date has too few digits.
    """
    return bool(_IDENTITY.search(re.sub(r"(?<=[\d+-])\s+|\s+(?=[+-])", "", _plain(text)))) or bool(
        _IDENTITY.search(re.sub(r"[\s./-]", "", _plain(text)))
    )


def read_date(text: str) -> date:
    """The one day that a text can mean. Raises DateUnread.

    "2026-01-15", "20260115", "15 jan 2026", "15/1 2026" and "31/12/2026" are read;
    "1/2/2026" could be two days and "15 jan" any year's, so they are not.
    """
    plain = _plain(text)
    if len(plain) > LONGEST:
        raise DateUnread(EXAMPLE)
    if match := _YEAR_FIRST.fullmatch(plain):
        return _day(match[1], match[3], match[4])
    if match := _EIGHT_DIGITS.fullmatch(plain):
        return _day(*match.groups())
    if match := _SWEDISH.fullmatch(plain):
        return _day(match[3], match[2], match[1])
    if match := _EITHER_WAY.fullmatch(plain):
        return _day_either_way(int(match[1]), int(match[3]), match[4])
    if (match := _NAMED.fullmatch(plain)) and (month := _month(match[2])):
        return _day(match[3], month, match[1])
    raise DateUnread(NO_YEAR if _SHORT.fullmatch(plain) else EXAMPLE)


def _plain(text):
    return " ".join(_DASHES.sub("-", text).lower().split()).rstrip(".,")


def _month(name):
    return next((number for month, number in _MONTHS.items() if month.startswith(name)), None)


def _day(year, month, day):
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise DateUnread(NO_SUCH_DAY) from None


def _day_either_way(first, second, year):
    """Day and month in an order that only one of them can have."""
    if first == second or second > 12:
        return _day(year, first, second)
    if first > 12:
        return _day(year, second, first)
    raise DateUnread(TWO_WAYS)


def five_years_ahead() -> date:
    return add_months(timezone.localdate(), 12 * 5)


class TypedDateField(forms.CharField):
    """A day as people type it, from one day to another; functions are asked each time."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"})

    def __init__(self, *, earliest=EARLIEST, latest=latest_day, **kwargs):
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        if looks_like_identity_number(text):
            raise ValidationError(IDENTITY_NUMBER, code="identity_number")
        try:
            day = read_date(text)
        except DateUnread as fault:
            raise ValidationError(str(fault), code="unread") from None
        self._check_span(day)
        return day

    def _check_span(self, day):
        bounds = (self.earliest, self.latest)
        earliest, latest = (each() if callable(each) else each for each in bounds)
        if fault := fault_of(day, earliest, latest):
            raise ValidationError(fault, code="span")
