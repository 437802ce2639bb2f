"""What any file of values comes to: rows that know where they stood, and what is wrong."""

from dataclasses import dataclass, field
from decimal import Decimal

from portal.tables import Fault

from .cells import State
from .periods import Period

LEVELS = {
    "nationell statistik": "nation",
    "regionstatistik": "region",
    "verksamhetsstatistik": "unit",
}
SEXES = ("total", "women", "men")


@dataclass(slots=True)
class ReadValue:
    """One value, of a unit that is named as in the file.

    cell      "B7", with its sheet before it where there are several
    numerator and denominator are counts; reported is a share in per cent or a rate per 1,000
    """

    row: int
    unit: str
    sex: str
    cell: str
    state: State
    numerator: int | None = None
    denominator: int | None = None
    reported: Decimal | None = None


@dataclass
class Reading:
    """level: "unit", where nothing is hidden, "region" or "nation", where small counts are
    written as 0, "" when the file does not say. only_counts: there is no denominator in it.
    unit_column: the heading over the units' names."""

    shape: str
    level: str = ""
    title: str = ""
    period: Period | None = None
    unit_column: str = ""
    only_counts: bool = False
    filters: list[tuple[str, list[str]]] = field(default_factory=list)
    values: list[ReadValue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Rows with values; the values of a row stand together."""
        pairs = zip([None, *self.values], self.values, strict=False)
        return sum(before is None or before.row != value.row for before, value in pairs)

    @property
    def hides_small(self) -> bool:
        """Whether a nought may be a small count: not in a unit's own export or our template."""
        return self.shape != "mall" and self.level != "unit"
