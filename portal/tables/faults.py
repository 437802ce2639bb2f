"""What is wrong with a file, or with one cell of it."""

from dataclasses import dataclass

LONGEST_SHOWN = 60


class FileRefused(Exception):
    """Nothing in the file can be used; the message says why and what to do, in Swedish."""


@dataclass(frozen=True)
class Fault:
    """Row as the spreadsheet numbers it (first is 1), column by its heading, what stood there
    and the rule that it breaks with what to do."""

    row: int | None
    column: str
    value: str
    rule: str

    def __str__(self):
        place = [f"Rad {self.row}"] if self.row else []
        place += [f"kolumn {self.column}"] if self.column else []
        said = f"{', '.join(place)}: {self.said}" if place else self.said
        return f"{said} Där står ”{self.shown}”." if self.value else said

    @property
    def said(self) -> str:
        """The rule as a sentence of its own."""
        return self.rule[0].upper() + self.rule[1:]

    @property
    def shown(self) -> str:
        """The value, short enough to read."""
        return self.value if len(self.value) <= LONGEST_SHOWN else f"{self.value[:LONGEST_SHOWN]}…"

    def as_dict(self) -> dict:
        return {"row": self.row, "column": self.column, "value": self.shown, "rule": self.said}


def column_letter(index: int) -> str:
    """A column's name in a spreadsheet: 0 → "A", 27 → "AB"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
