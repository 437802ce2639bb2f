"""A file with tables, by its content and not by its name: CSV, XLSX, ODS or XLS."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO

import python_calamine

from .faults import FileRefused, column_letter
from .limits import check_cell, check_extent, check_size
from .packages import BROKEN, PROTECTED, SheetFacts, look_through
from .text_files import read_rows

ALLOWED = "CSV, XLSX, ODS eller XLS"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# First bytes -> what a person calls it. Only for the message.
_OTHERS = [
    (b"%PDF-", "en PDF"),
    (b"{\\rtf", "en RTF-fil"),
    (b"\x89PNG", "en bild"),
    (b"\xff\xd8\xff", "en bild"),
    (b"GIF8", "en bild"),
    (b"MZ", "ett program"),
    (b"\x7fELF", "ett program"),
    (b"\x1f\x8b", "en packad fil"),
]

Cell = str | int | float | bool | date | datetime | time | timedelta


@dataclass
class Sheet:
    """Rows from the first, blank ones too, so that the place tells the row's number. An empty
    cell is "". merged and valueless name cells as the spreadsheet does."""

    name: str
    rows: list[list[Cell]]
    merged: list[str] = field(default_factory=list)
    valueless: list[str] = field(default_factory=list)


@dataclass
class Book:
    kind: str
    sheet_names: list[str]
    _read: object

    def sheet(self, which: int | str = 0) -> Sheet:
        """One sheet by its place or its name; KeyError if there is no such name."""
        if isinstance(which, str):
            if which not in self.sheet_names:
                raise KeyError(which)
            which = self.sheet_names.index(which)
        return self._read(which)


def open_book(content: bytes) -> Book:
    """The file's tables, or FileRefused in Swedish saying what it is instead."""
    check_size(content)
    if content.startswith(b"PK"):
        package = look_through(content)
        return _workbook(content, package.kind, package.sheets)
    if content.startswith(OLE):
        return _workbook(content, "xls", _old_book(content))
    for start, what in _OTHERS:
        if content.startswith(start):
            raise FileRefused(f"Filen är {what}. Välj en {ALLOWED}.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise FileRefused(
            "Filen är en webbsida eller XML, även om namnet slutar på något annat. Öppna den i "
            "kalkylprogrammet och spara den som XLSX."
        )
    rows = read_rows(content)
    return Book("csv", [""], lambda which: Sheet("", rows))


def _old_book(content):
    """An XLS is a small file system; what is stored there has its name in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FileRefused(PROTECTED)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise FileRefused("Filen har makron. Spara den som vanlig XLSX, utan makron.")
    if "WordDocument".encode("utf-16-le") in content:
        raise FileRefused(f"Filen är ett Word-dokument. Välj en {ALLOWED}.")
    return []


def _workbook(content, kind, facts: list[SheetFacts]):
    book = _guarded(lambda: python_calamine.load_workbook(BytesIO(content)))
    names = list(book.sheet_names)
    if not names:
        raise FileRefused("Filen har inget blad. Kontrollera att du valde rätt fil.")

    def read(which):
        if which >= len(names):
            raise FileRefused(f"Filen har {len(names)} blad, men blad {which + 1} behövs.")
        sheet = _guarded(lambda: book.get_sheet_by_index(which))
        check_extent(sheet.total_height, sheet.total_width)
        rows = _guarded(lambda: sheet.to_python(skip_empty_area=False))
        once = {}
        for number, row in enumerate(rows, 1):
            for index, cell in enumerate(row):
                if isinstance(cell, float):
                    row[index] = once.setdefault(cell, cell)
                elif isinstance(cell, str):
                    row[index] = once.setdefault(cell, cell)
                    check_cell(cell, number, index)
                    if "\0" in cell or "\ufffd" in cell:
                        place = f"{column_letter(index)}{number}"
                        raise FileRefused(
                            f"Cellen {place} har tecken som inte går att tyda. Skriv den på nytt."
                        )
        known = facts[which] if which < len(facts) else SheetFacts(names[which])
        return Sheet(names[which], rows, known.merged, known.valueless)

    return Book(kind, names, read)


def _guarded(read):
    try:
        return read()
    except python_calamine.PasswordError:
        raise FileRefused(PROTECTED) from None
    except python_calamine.WorksheetNotFound:
        raise FileRefused("Bladet är ett diagram eller tomt. Välj en fil med en tabell.") from None
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        raise FileRefused(BROKEN) from None
    except BaseException as fault:
        # What the library did not foresee stops in its own kind of panic, below Exception.
        if type(fault).__name__ == "PanicException":
            raise FileRefused(BROKEN) from None
        raise
