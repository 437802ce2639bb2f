"""What the columns of an Intygsstatistik export are, by their headings. Pure.

Layouts A to E, with women always before men; the header stands on row 5, 6 or later, in one row
or two. Spanning headings are repeated in each column. Source: the layouts that Intygsstatistik's
public source code (sklintyg/statistik) writes.
"""

import re
from dataclasses import dataclass, field

from portal.tables import Sheet
from portal.tables.headings import HEADER_WITHIN
from portal.tables.values import text_of

ROW_HEADINGS = {"", "period", "vårdenhet", "enhet", "län"}
SEXES = {"totalt": "total", "kvinnor": "women", "män": "men"}
_ENDINGS = {" totalt": "total", " för kvinnor": "women", " för män": "men"}
_BELOW = ("antal listningar i arbetsför ålder", "antal invånare")
_KNOWN = re.compile(r"(total )?(antal|andel)\b.*", re.IGNORECASE)


@dataclass
class Header:
    """Indexes of columns by sex. row: of the last header row, from 1. parts: {group: {sex:
    index}} of a report that divides the same thing, by certificate or diagnosis."""

    row: int
    first: str
    names: dict[int, str] = field(default_factory=dict)
    measure: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    rates: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    @property
    def shape(self) -> str:
        if self.parts:
            return "B"
        if self.below and self.rates:
            return "D" if len(self.counts) > 1 else "C"
        return "E" if self.counts and self.shares else "A"


def find_header(sheet: Sheet) -> Header | None:
    """The first row that has an export's headings, with the row above or below it when the
    headings stand in two."""
    for index, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
        texts = [text_of(cell) for cell in cells]
        if not _is_header(texts):
            continue
        below = _texts(sheet, index + 1)
        if _has_sexes(below) and below[0].casefold() in ROW_HEADINGS:
            return _header(index + 2, below, texts)
        above = _texts(sheet, index - 1) if index and _has_sexes(texts) else []
        return _header(index + 1, texts, above)
    return None


def _texts(sheet, index):
    return [text_of(cell) for cell in sheet.rows[index]] if index < len(sheet.rows) else []


def _is_header(texts):
    """The report's name stands alone in its row; headings stand beside a first one."""
    if len(texts) < 2 or texts[0].casefold() not in ROW_HEADINGS:
        return False
    return any(_KNOWN.fullmatch(text) for text in texts[1:]) or _has_sexes(texts)


def _has_sexes(texts):
    return {"kvinnor", "män"} <= {text.casefold() for text in texts[1:]}


def _header(row, texts, above):
    header = Header(row, texts[0])
    for index, text in enumerate(texts[1:], 1):
        group = above[index] if index < len(above) else ""
        if not text and not group:
            continue
        header.names[index] = f"{group}: {text}" if group else text
        sex = SEXES.get(text.casefold())
        if sex and group and not _KNOWN.fullmatch(group):
            header.parts.setdefault(group, {})[sex] = index
        elif sex and group:
            _place(header, index, group.casefold(), sex)
        else:
            stem, sex = _stem(text.casefold())
            _place(header, index, stem, sex)
    return header


def _stem(text):
    for ending, sex in _ENDINGS.items():
        if text.endswith(ending):
            return text.removesuffix(ending), sex
    return text, "total"


def _place(header, index, stem, sex):
    if stem in _BELOW:
        column = header.below
    elif re.search(r"\bper 1 ?000\b", stem):
        column = header.rates
    elif re.match(r"(total )?andel\b", stem):
        column = header.shares
    elif stem.startswith("antal ") and header.measure in {"", stem}:
        header.measure = stem
        column = header.counts
    else:
        header.others.append(header.names[index])
        return
    if sex in column:
        header.others.append(header.names[index])
    else:
        column[sex] = index
