"""CSV and tab-separated text, as spreadsheets and registers write it. Pure functions."""

import csv
import re
from collections import Counter
from io import StringIO
from itertools import islice

from .faults import FileRefused
from .limits import check_cell, check_extent

DELIMITERS = (";", "\t", ",")
SAVE_ANEW = "Öppna filen i kalkylprogrammet och spara den som ”CSV UTF-8” eller som XLSX."
# Å, ä and ö of DOS and of old Macs, when they are taken for those of Windows.
_OTHER_ENCODING = re.compile(r"[a-zåäö][†„”‡‰Œ][a-zåäö]|[a-z][Šš][a-z]{2,}.*[a-z]Œ")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
SAMPLE_ROWS = 50


def decode(content: bytes) -> str:
    """UTF-8 or UTF-16 when the bytes say so, else what Windows writes (cp1252)."""
    text = _decoded(content)
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        what = "nolltecken" if found[0] == "\0" else "tecken som inte går att tyda"
        raise FileRefused(f"Filen har {what} på rad {line} och är kanske skadad. {SAVE_ANEW}")
    return text


def _decoded(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _with(content, "utf-16")
    # Without a mark: every second byte of Swedish text is nought.
    if content[1:400:2].count(0) > len(content[:400]) // 3:
        return _with(content, "utf-16-le")
    if content[0:400:2].count(0) > len(content[:400]) // 3:
        return _with(content, "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _with(content, "cp1252")
    if found := _OTHER_ENCODING.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefused(
            f"Å, ä och ö går inte att tyda på rad {line} (”{found[0]}”): filen är sparad med en "
            f"äldre teckenuppsättning. {SAVE_ANEW}"
        )
    return text


def _with(content, encoding):
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise FileRefused(
            f"Filens tecken går inte att tyda på rad {line}: den är varken UTF-8, UTF-16 eller "
            f"Windows (cp1252). {SAVE_ANEW}"
        ) from None


def read_rows(content: bytes) -> list[list[str]]:
    """All rows, blank ones too, so that the place in the list tells the row's number."""
    text = decode(content)
    skipped = 0
    delimiter = None
    if told := re.match(r"sep=(.)\r?\n", text):
        # Excel's own line about the delimiter; the rows below keep their numbers.
        delimiter, text, skipped = told[1], text[told.end() :], 1
    rows = [[]] * skipped + _parse(text, delimiter or guess_delimiter(text))
    return _without_trailing_separators(rows)


def guess_delimiter(text: str) -> str:
    """The one that gives most columns in most of the first rows."""

    def columns(delimiter):
        rows = csv.reader(StringIO(text[:200_000], newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in islice(rows, SAMPLE_ROWS) if row)
        except csv.Error:
            return 0
        return sum(width * count for width, count in widths.items() if width > 1)

    return max(DELIMITERS, key=columns)


def _parse(text, delimiter):
    rows = []
    # Years, sexes and small numbers come again in every row: one of each is kept.
    once = {}
    # The module's own limit for a cell is one for the whole process: it is left alone.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            check_extent(len(rows) + 1, len(row))
            for index, cell in enumerate(row):
                check_cell(cell, len(rows) + 1, index)
            rows.append([once.setdefault(cell, cell) for cell in row])
    except csv.Error as fault:
        if "field larger" in str(fault):
            raise FileRefused(
                f"Rad {len(rows) + 1} har en cell som är för lång för att läsas. Kontrollera att "
                "inget citattecken saknas."
            ) from None
        raise FileRefused(
            f"Citattecknen går inte ihop från rad {len(rows) + 1}: ett inleds och avslutas inte. "
            "Rätta raden, eller spara filen som XLSX."
        ) from None
    return rows


def _without_trailing_separators(rows):
    """Some programs end every row with a separator: a last column that always is empty."""
    width = max((len(row) for row in rows), default=0)
    while width and all(len(row) < width or not row[width - 1].strip() for row in rows):
        width -= 1
    return [row[:width] for row in rows]
