"""The period of an export, in words in its title and by month in its rows."""

import re
from dataclasses import dataclass
from datetime import date

from portal.tables.values import text_of

MONTHS = [
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
]  # fmt: skip
_MONTH = "|".join(MONTHS)
_TITLE = re.compile(rf"({_MONTH})(?: (\d{{4}}))?(?: ?[–—-] ?({_MONTH}) (\d{{4}}))?$", re.IGNORECASE)
_ROW = re.compile(rf"({'|'.join(month[:3] for month in MONTHS)})[a-z]*\.? (\d{{4}})", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """Whole months, both ends with: (2025, 1) to (2025, 12)."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __str__(self):
        (first_year, first), (last_year, last) = self.first, self.last
        if self.first == self.last:
            return f"{MONTHS[first - 1]} {first_year}"
        if first_year == last_year:
            return f"{MONTHS[first - 1]}–{MONTHS[last - 1]} {last_year}"
        return f"{MONTHS[first - 1]} {first_year}–{MONTHS[last - 1]} {last_year}"

    def is_within(self, year: int) -> bool:
        return self.first[0] == self.last[0] == year

    def is_whole(self, year: int) -> bool:
        return (self.first, self.last) == ((year, 1), (year, 12))


def period_in(title: str) -> Period | None:
    """The period that a report's name ends with, None when it has none that can be."""
    found = _TITLE.search(text_of(title))
    if found is None:
        return None
    first, first_year, last, last_year = found.groups()
    if last is None:
        if first_year is None:
            return None
        last, last_year = first, first_year
    start = (int(first_year or last_year), MONTHS.index(first.lower()) + 1)
    end = (int(last_year), MONTHS.index(last.lower()) + 1)
    return Period(start, end) if start <= end else None


def month_of(cell) -> tuple[int, int] | None:
    """ "jan 2025", or the date that a spreadsheet has made of it → (2025, 1)."""
    if isinstance(cell, date):
        return cell.year, cell.month
    found = _ROW.fullmatch(text_of(cell))
    if found is None:
        return None
    short = [month[:3] for month in MONTHS]
    return int(found[2]), short.index(found[1].lower()) + 1
