"""The header of a table, found by what stands in it, and the rows below with their numbers."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .books import Cell, Sheet
from .faults import Fault, FileRefused, column_letter
from .values import text_of

# Exports tell what was chosen, one unit a row, above the header.
HEADER_WITHIN = 500
FEW = 12


@dataclass(frozen=True)
class Column:
    """key, and the headings by which the column is known, the one to prefer first."""

    key: str
    headings: tuple[str, ...]
    required: bool = False


# One for all rows that have been taken out.
_TAKEN = []


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    values: dict[str, Cell]

    def text(self, key: str) -> str:
        return text_of(self.values.get(key, ""))


class Rows(Sequence):
    """A table's rows, each made when it is asked for: a hundred thousand at once would take
    more memory than the file itself."""

    def __init__(self, cells: list[list[Cell]], places: dict[str, int], numbers: Iterable[int]):
        self._cells, self._places, self._numbers = cells, places, array("L", numbers)

    def __len__(self):
        return len(self._numbers)

    def __getitem__(self, at):
        number = self._numbers[at]
        cells = self._cells[number - 1]
        width = len(cells)
        return Row(number, {k: cells[i] if i < width else "" for k, i in self._places.items()})

    def taken_out(self) -> Iterator[Row]:
        """Each row once, and its cells let go of: for who makes something else of them."""
        for at, number in enumerate(self._numbers):
            yield self[at]
            self._cells[number - 1] = _TAKEN


@dataclass
class Table:
    """headings: {key: as it stands in the file}. ignored: headings nobody asked for. `faults`
    stop an import, `remarks` do not."""

    header_row: int
    headings: dict[str, str]
    ignored: list[str]
    rows: Sequence[Row]
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)

    def fault(self, row: Row, key: str, rule: str) -> Fault:
        return Fault(row.number, self.headings.get(key, key), row.text(key), rule)


def normal_heading(cell: Cell) -> str:
    """ "HSA-id", "hsa_id" and "HSA id " are the same heading: "hsaid"."""
    return re.sub(r"[\W_]+", "", text_of(cell).casefold())


def find_table(sheet: Sheet, columns: Iterable[Column]) -> Table:
    """The first row with all required headings is the header; FileRefused when none has."""
    columns = list(columns)
    required = [column for column in columns if column.required]
    best = []
    for number, cells in enumerate(sheet.rows[:HEADER_WITHIN], 1):
        places = _places(cells, columns)
        if all(column.key in places for column in required):
            return _table(sheet, number, places)
        best = max(best, [column.key for column in required if column.key in places], key=len)
    missing = [f"”{column.headings[0]}”" for column in required if column.key not in best]
    raise FileRefused(
        f"Ingen rad har rubrike{'n' if len(missing) == 1 else 'rna'} {' och '.join(missing)}. "
        f"Det här stod överst: {_top(sheet) or 'ingenting'}. Kontrollera att rätt blad står först "
        "och att rubrikerna finns kvar."
    )


def _top(sheet):
    row = next((row for row in sheet.rows if any(text_of(cell) for cell in row)), [])
    texts = [text_of(cell)[:40] for cell in row if text_of(cell)]
    return ", ".join(texts[:FEW]) + ("…" if len(texts) > FEW else "")


def _places(cells, columns):
    """{key: index}, by the heading that is preferred when several stand there."""
    at = {}
    for index, cell in enumerate(cells):
        at.setdefault(normal_heading(cell), index)
    places = {}
    for column in columns:
        names = (normal_heading(name) for name in column.headings)
        if (name := next((name for name in names if name in at), None)) is not None:
            places[column.key] = at[name]
    return places


def _table(sheet, header_row, places):
    header = sheet.rows[header_row - 1]
    headings = {key: text_of(header[index]) for key, index in places.items()}
    used = set(places.values())
    ignored = [text_of(cell) for i, cell in enumerate(header) if text_of(cell) and i not in used]
    filled = (
        number
        for number, cells in enumerate(sheet.rows[header_row:], header_row + 1)
        if any(text_of(cell) for cell in cells)
    )
    table = Table(header_row, headings, ignored, Rows(sheet.rows, places, filled))
    table.faults += _doubled(header, header_row, places)
    unnamed = {i for i in range(max(map(len, sheet.rows))) if i >= len(header)} | {
        i for i, cell in enumerate(header) if not text_of(cell)
    }
    outside = sorted(unnamed)
    for number, cells in enumerate(sheet.rows[header_row:], header_row + 1):
        for index in outside:
            if index < len(cells) and text_of(cells[index]):
                rule = (
                    "cellen står utanför tabellens rubriker. Har ett värde med skiljetecken blivit "
                    "två, eller saknas en rubrik?"
                )
                place = column_letter(index)
                table.faults.append(Fault(number, place, text_of(cells[index]), rule))
                break
    table.faults += _valueless(sheet, header_row, used)
    table.remarks += _merged(sheet, header_row)
    return table


def _doubled(header, header_row, places):
    used = {normal_heading(header[index]) for index in places.values()}
    seen = set()
    for index, cell in enumerate(header):
        name = normal_heading(cell)
        if name in used and name in seen:
            rule = "rubriken finns två gånger. Ta bort den ena kolumnen eller byt namn på den."
            yield Fault(header_row, column_letter(index), text_of(cell), rule)
        seen.add(name)


def _valueless(sheet, header_row, used):
    letters = {column_letter(index) for index in used}
    for cell in sheet.valueless:
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()
        if column in letters and int(row) >= header_row:
            rule = (
                f"cellen {cell} har en formel utan uträknat värde. Öppna filen i "
                "kalkylprogrammet, låt det räkna, och spara på nytt."
            )
            yield Fault(int(row), column, "", rule)


def _merged(sheet, header_row):
    for cells in sheet.merged:
        row = re.search(r"\d+", cells)
        if row and int(row[0]) >= header_row:
            rule = f"cellerna {cells} är sammanfogade: bara den första av dem har ett värde."
            yield Fault(int(row[0]), "", "", rule)
