"""What storing a batch's files would do, and everything that is wrong with them."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from followup.models import Indicator
from portal.tables import Fault

from .ledger import Stored
from .matching import KnownUnit
from .reading import Reading


@dataclass(slots=True)
class Proposal:
    """A value as it would be stored, and what stands there now."""

    unit: KnownUnit
    sex: str
    row: int
    value: Stored
    previous: Stored | None


@dataclass
class Doubtful:
    """A name that somebody has to choose a unit for. rows: where it stands, in all files."""

    key: str
    name: str
    row: int
    candidates: list[KnownUnit]

    @property
    def field(self) -> str:
        """Its name in a form, the same whatever else is asked about."""
        return f"enhet-{hashlib.sha256(self.key.encode()).hexdigest()[:12]}"


@dataclass
class Plan:
    """new, changed: what would be stored. aside: rows that are not taken, told why. missing:
    units of the comparison that the files say nothing of. how: {way of matching: units}."""

    indicator: Indicator
    year: int
    readings: list[Reading] = field(default_factory=list)
    rows: int = 0
    new: list[Proposal] = field(default_factory=list)
    changed: list[Proposal] = field(default_factory=list)
    unchanged: int = 0
    how: Counter = field(default_factory=Counter)
    chosen: list[tuple[str, str, KnownUnit | None]] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)
    aside: list[Fault] = field(default_factory=list)
    missing: list[KnownUnit] = field(default_factory=list)
    jumps: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)

    @property
    def stored(self) -> list[Proposal]:
        return [*self.new, *self.changed]

    @property
    def taken(self) -> int:
        return len(self.new) + len(self.changed) + self.unchanged

    @property
    def is_ready(self) -> bool:
        return not self.faults and not self.doubtful and self.taken > 0

    @property
    def digest(self) -> str:
        """Another as soon as storing would do anything else than what was seen."""
        made = hashlib.sha256(f"{self.indicator.pk} {self.year}".encode())
        for each in self.stored:
            before = each.previous and each.previous.content
            made.update(repr((each.unit.pk, each.sex, before, each.value[:4])).encode())
        return made.hexdigest()


@dataclass(frozen=True)
class GivenFile:
    name: str
    content: bytes
