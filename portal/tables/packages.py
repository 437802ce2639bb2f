"""XLSX and ODS looked through before they are parsed: what is in the package, how far its sheets
reach, which cells are merged and which formulas have no value.

The library that parses makes room for the whole rectangle that a sheet claims, so one cell in
the farthest corner would take all memory. Here each part is unpacked at most to its limit and
read once as a stream of elements.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat

from .faults import FileRefused, column_letter
from .limits import LONGEST_CELL, MOST_PARTS, MOST_UNPACKED, check_cell, check_extent

BROKEN = "Filen är skadad. Öppna den i kalkylprogrammet, spara den på nytt och välj den igen."
PROTECTED = "Filen är skyddad med lösenord. Spara den utan lösenord och välj den igen."
_MACROS = re.compile(r"vbaproject|vbadata|activex/|(^|/)(basic|scripts)/.+", re.I)
_REFERENCE = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")


@dataclass
class SheetFacts:
    """merged: ranges like "A1:F1"; valueless: formula cells like "C7" that were never counted."""

    name: str
    merged: list[str] = field(default_factory=list)
    valueless: list[str] = field(default_factory=list)


@dataclass
class Package:
    kind: str  # "xlsx" or "ods"
    sheets: list[SheetFacts]


def look_through(content: bytes) -> Package:
    parts = _unpacked(content)
    if macro := next((name for name in parts if _MACROS.search(name)), None):
        raise FileRefused(
            f"Filen har makron ({macro[:60]}). Spara den som vanlig XLSX, utan makron."
        )
    if "xl/workbook.xml" in parts:
        types = parts.get("[Content_Types].xml", b"")
        if b"macroEnabled" in types:
            raise FileRefused("Filen har makron (XLSM). Spara den som vanlig XLSX, utan makron.")
        return Package("xlsx", _xlsx_sheets(parts))
    if "xl/workbook.bin" in parts:
        raise FileRefused("Filen är i formatet XLSB, som inte kan läsas. Spara den som XLSX.")
    if parts.get("mimetype", b"").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise FileRefused(PROTECTED)
        return Package("ods", _ods_sheets(parts))
    raise FileRefused("Filen är packad men är ingen kalkylfil. Välj en CSV, XLSX, ODS eller XLS.")


def _unpacked(content):
    """{name: bytes} of all parts that are text; the rest is only counted."""
    parts, left = {}, MOST_UNPACKED
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
            if len(entries) > MOST_PARTS:
                raise FileRefused(f"Filen har {len(entries)} delar. Är det en kalkylfil?")
            for entry in entries:
                if entry.flag_bits & 1:
                    raise FileRefused(PROTECTED)
                with package.open(entry) as part:
                    data = part.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise FileRefused(
                        f"Filen blir större än {MOST_UNPACKED // 1_000_000} MB när den packas "
                        "upp. Spara bara det blad som behövs, utan bilder."
                    )
                name = entry.filename.lstrip("/")
                if name in parts:
                    # Another reader may take the other one.
                    raise FileRefused(BROKEN)
                is_text = name.endswith((".xml", ".rels")) or name == "mimetype"
                parts[name] = data if is_text else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise FileRefused(BROKEN) from None
    return parts


def _read(data, start=None, end=None, text=None):
    """One pass over a part. Definitions of entities have no place in an office file."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise FileRefused(BROKEN) from None


def _refuse_doctype(*args):
    raise FileRefused(BROKEN)


def _local(name):
    return name.rpartition(" ")[2]


def _xlsx_sheets(parts):
    named, targets = [], {}

    def workbook(name, attributes):
        if _local(name) == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(" id")), "")
            named.append((attributes.get("name", ""), relation))

    def relations(name, attributes):
        if _local(name) == "Relationship":
            targets[attributes.get("Id")] = attributes.get("Target", "")

    _read(parts["xl/workbook.xml"], workbook)
    _read(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), relations)
    sheets = []
    for name, relation in named:
        target = targets.get(relation, "").removeprefix("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        if path in parts:
            sheets.append(_xlsx_sheet(name, parts[path]))
        else:
            sheets.append(SheetFacts(name))
    known = {t.removeprefix("/").removeprefix("xl/") for t in targets.values()}
    for path, data in parts.items():
        # Sheets that the book does not name this way are measured as well.
        if path.startswith("xl/worksheets/") and path.removeprefix("xl/") not in known:
            _xlsx_sheet("", data)
    return sheets


def _xlsx_sheet(name, data):
    sheet = _XlsxSheet(name)
    _read(data, sheet.start, sheet.end, sheet.text)
    return sheet.facts


class _XlsxSheet:
    """Reads a sheet's elements. Where a row or a cell does not say where it stands, it stands
    after the one before."""

    def __init__(self, name):
        self.facts = SheetFacts(name)
        self.row, self.column = 0, -1
        self.has_formula = self.has_value = self.in_value = False

    def start(self, tag, attributes):
        tag = _local(tag)
        if tag == "row":
            self.row, self.column = _number(attributes.get("r")) or self.row + 1, -1
        elif tag == "c":
            if found := _REFERENCE.fullmatch(attributes.get("r", "")):
                self.column, self.row = _index(found[1]), int(found[2])
            else:
                self.column += 1
            self.has_formula = self.has_value = False
            check_extent(self.row, self.column + 1)
        elif tag == "f":
            self.has_formula = True
        elif tag in ("v", "t"):
            self.in_value = True
        elif tag == "mergeCell":
            self.facts.merged.append(attributes.get("ref", "")[:20])

    def text(self, data):
        if self.in_value and data:
            self.has_value = True

    def end(self, tag):
        tag = _local(tag)
        if tag in ("v", "t"):
            self.in_value = False
        elif tag == "c" and self.has_formula and not self.has_value:
            self.facts.valueless.append(f"{column_letter(self.column)}{self.row}")


def _ods_sheets(parts):
    book = _OdsBook()
    _read(parts.get("content.xml", b""), book.start, book.end, book.text)
    return book.sheets


class _OdsBook:
    """Reads the elements of a book's sheets. Rows and cells may stand for many that are alike;
    a sheet is as wide as its last filled cell."""

    CELLS = ("table-cell", "covered-table-cell")

    def __init__(self):
        self.sheets = []
        self.row = self.column = self.width = self.characters = 0
        self.rows = self.cells = 1
        self.is_filled = False

    def start(self, tag, attributes):
        tag = _local(tag)
        plain = {_local(key): value for key, value in attributes.items()}
        if tag == "table":
            self.sheets.append(SheetFacts(plain.get("name", "")))
            self.row = 0
        elif tag == "table-row":
            self.rows = _number(plain.get("number-rows-repeated")) or 1
            self.column = self.width = 0
        elif tag in self.CELLS:
            self.cells = _number(plain.get("number-columns-repeated")) or 1
            self.is_filled = plain.get("value-type") is not None
            self.characters = 0
            if self.sheets:
                self.note_cell(self.sheets[-1], plain)

    def note_cell(self, sheet, attributes):
        """A formula that was never counted, a cell that reaches over others."""
        if attributes.get("formula") and not self.is_filled:
            sheet.valueless.append(f"{column_letter(self.column)}{self.row + 1}")
        down = _number(attributes.get("number-rows-spanned")) or 1
        across = _number(attributes.get("number-columns-spanned")) or 1
        if (down, across) != (1, 1):
            first, last = column_letter(self.column), column_letter(self.column + across - 1)
            sheet.merged.append(f"{first}{self.row + 1}:{last}{self.row + down}")

    def text(self, data):
        self.characters += len(data)
        if data.strip():
            self.is_filled = True

    def end(self, tag):
        tag = _local(tag)
        if tag in self.CELLS:
            self.column += self.cells
            if self.is_filled:
                self.width = self.column
                check_extent(self.row + 1, self.width)
                if self.characters > LONGEST_CELL:
                    check_cell(" " * self.characters, self.row + 1, self.column - 1)
            self.is_filled = False
        elif tag == "table-row":
            if self.width:
                check_extent(self.row + self.rows, self.width)
            self.row += self.rows


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _index(letters):
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
