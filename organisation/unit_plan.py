"""What an import of units would do: compared with what is stored, before anything is written."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date

from portal.editing.last_day import last_day_before
from portal.editing.values import EMPTY
from portal.tables import Fault

from .catalogue import CATALOGUE_FIELDS, EDITORS_FIELDS, REFERENCES
from .models import Ownership, Unit, UnitKind
from .unit_files import UnitFile, UnitRow, read_unit_file

DAYS = ("valid_from", "valid_to")
NEVER_EMPTY = ("name", "kind", "ownership")
PLAIN = {*CATALOGUE_FIELDS, *EDITORS_FIELDS} - {*REFERENCES, "kind"}
FROM_CATALOGUE = "kommer ur enhetskatalogen"


@dataclass
class Difference:
    """A field's label with the words it had and gets; "" is empty."""

    field: str
    label: str
    old: str
    new: str

    @property
    def as_read(self) -> list[str]:
        """What it had and gets as an editor reads it: of a period the last day."""
        words = [self.old, self.new]
        if self.field == "valid_to":
            words = [each and str(last_day_before(date.fromisoformat(each))) for each in words]
        return [each or EMPTY for each in words]


@dataclass
class Draft:
    """A unit as it would become. `unit` has its new values, `references` the HSA-ids that its
    references are to be set to, {"parent": "SE…" or None}."""

    unit: Unit
    row: int
    references: dict[str, str | None]
    differences: list[Difference] = field(default_factory=list)


@dataclass
class UnitPlan:
    """missing: in the portal out of the catalogue, and not in the file. hand_made: how many
    others are not in the file; they are nobody's to end."""

    rows: int = 0
    new: list[Draft] = field(default_factory=list)
    changed: list[Draft] = field(default_factory=list)
    unchanged: int = 0
    missing: list[Unit] = field(default_factory=list)
    ending: list[Unit] = field(default_factory=list)
    hand_made: int = 0
    headings: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    end_missing: date | None = None

    @property
    def last_day(self) -> date | None:
        """Of units that end since the file lacks them."""
        return last_day_before(self.end_missing)

    @property
    def digest(self) -> str:
        """The same as long as storing would do the same."""
        what = [
            [each.unit.hsa_id, [(d.field, d.old, d.new) for d in each.differences]]
            for each in (*self.new, *self.changed)
        ]
        what += [sorted(unit.hsa_id for unit in self.ending), str(self.end_missing)]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def plan_units(
    content: bytes, *, standard_kind: str = "", end_missing: date | None = None
) -> UnitPlan:
    """Reads a file and compares it with the units that are stored; writes nothing."""
    kinds = {kind.code: kind for kind in UnitKind.objects.all()}
    file = read_unit_file(
        content,
        kinds=[(kind.code, kind.name) for kind in kinds.values()],
        standard_kind=standard_kind,
    )
    stored = {unit.hsa_id: unit for unit in Unit.objects.all()}
    return _Planner(file, stored, kinds, standard_kind, end_missing).plan()


class _Planner:
    def __init__(self, file: UnitFile, stored, kinds, standard_kind, end_missing):
        self.file, self.stored, self.kinds = file, stored, kinds
        self.standard_kind = standard_kind
        self.by_pk = {unit.pk: unit for unit in stored.values()}
        self.kind_by_pk = {kind.pk: kind for kind in kinds.values()}
        table = file.table
        self.result = UnitPlan(
            rows=len(table.rows),
            headings=table.headings,
            ignored=table.ignored,
            faults=file.faults,
            remarks=file.remarks,
            end_missing=end_missing,
        )

    def plan(self) -> UnitPlan:
        for read in self.file.units.values():
            self.check_references(read)
            if read.hsa_id in self.stored:
                self.compare(read, self.stored[read.hsa_id])
            else:
                self.draft_new(read)
        for name in ("parent", "successor"):
            self.check_rounds(name)
        self.find_missing()
        self.result.faults.sort(key=lambda fault: fault.row or 0)
        self.result.remarks.sort(key=lambda fault: fault.row or 0)
        return self.result

    def fault(self, read, key, rule):
        self.result.faults.append(self.file.table.fault(read.row, key, rule))

    def check_references(self, read):
        for name in REFERENCES:
            target = read.values.get(name)
            if target and target not in self.file.units and target not in self.stored:
                rule = f"ingen enhet har HSA-id {target}, varken i filen eller i portalen."
                self.fault(read, name, rule)

    def compare(self, read: UnitRow, unit: Unit):
        values = dict(read.values)
        # Only rows that tell no kind of their own have the standard one, and only when new.
        if not read.row.text("kind"):
            values.pop("kind", None)
        differences = [
            difference
            for name in (*CATALOGUE_FIELDS, *EDITORS_FIELDS)
            if name in values and (difference := self.difference(unit, name, values[name]))
        ]
        if not unit.from_catalogue:
            differences.append(Difference("from_catalogue", FROM_CATALOGUE, "nej", "ja"))
        if "valid_to" not in values and unit.has_ended:
            rule = "enheten har upphört i portalen och filen säger inte att den finns igen."
            self.result.remarks.append(self.file.table.fault(read.row, "hsa_id", rule))
        if not differences:
            self.result.unchanged += 1
            self.check_period(read, unit)
            return
        draft = self.draft(read, unit, {d.field: values.get(d.field) for d in differences})
        draft.differences = differences
        self.result.changed.append(draft)

    def draft_new(self, read):
        values = read.values
        if not values.get("kind"):
            if not read.row.text("kind"):
                titles = ", ".join(kind.name for kind in self.kinds.values())
                rule = (
                    f"Enhetstyp saknas och enheten är ny. Skriv en av: {titles}. Eller välj en "
                    "enhetstyp för hela filen."
                )
                key = "kind" if "kind" in self.file.table.headings else "hsa_id"
                self.fault(read, key, rule)
            return
        unit = Unit(hsa_id=read.hsa_id)
        draft = self.draft(read, unit, values)
        draft.differences = [
            Difference(name, _label(name), "", self.words(name, value))
            for name in (*CATALOGUE_FIELDS, *EDITORS_FIELDS)
            if (value := values.get(name))
        ]
        self.result.new.append(draft)

    def draft(self, read, unit, values) -> Draft:
        references = {name: values[name] for name in REFERENCES if name in values}
        for name, value in values.items():
            if name == "kind":
                if value:
                    unit.kind = self.kinds[value]
            elif name in PLAIN and (value is not None or name in DAYS):
                setattr(unit, name, value)
        unit.from_catalogue = True
        self.check_period(read, unit)
        return Draft(unit, read.row.number, references)

    def check_period(self, read, unit):
        if unit.valid_from and unit.valid_to and unit.valid_to <= unit.valid_from:
            key = next((k for k in ("last_day", "valid_to") if read.row.text(k)), "hsa_id")
            rule = f"perioden måste sluta efter att den har börjat, {unit.valid_from}."
            self.fault(read, key, rule)

    def difference(self, unit, name, value) -> Difference | None:
        if name in REFERENCES:
            target = self.by_pk.get(getattr(unit, f"{name}_id"))
            old = target.hsa_id if target else None
        elif name == "kind":
            old = self.kind_by_pk[unit.kind_id].code
        else:
            old = getattr(unit, name)
        if (name in EDITORS_FIELDS and old) or (name in NEVER_EMPTY and not value):
            return None
        if old == value or (not old and not value):
            return None
        return Difference(name, _label(name), self.words(name, old), self.words(name, value))

    def words(self, name, value) -> str:
        if not value:
            return ""
        if name == "kind":
            return self.kinds[value].name
        if name == "ownership":
            return str(Ownership(value).label)
        if name in REFERENCES:
            if value in self.file.units:
                return f"{self.file.units[value].values['name']} ({value})"
            return f"{self.stored[value].name} ({value})" if value in self.stored else value
        return str(value)

    def check_rounds(self, name):
        """Refuses what would go round: A under B under A."""
        above = {
            unit.hsa_id: self.by_pk[key].hsa_id
            for unit in self.stored.values()
            if (key := getattr(unit, f"{name}_id")) in self.by_pk
        }
        for read in self.file.units.values():
            if name in read.values:
                above[read.hsa_id] = read.values[name]
        done = set()
        for read in self.file.units.values():
            path, at = [], read.hsa_id
            while at and at not in done and at not in path:
                path.append(at)
                at = above.get(at)
            if at in path:
                ring = path[path.index(at) :]
                way = " → ".join([*ring[:6], *(["…"] if len(ring) > 6 else []), ring[0]])
                for hsa_id in ring:
                    if each := self.file.units.get(hsa_id):
                        self.fault(each, name, f"enheterna leder runt i en ring: {way}.")
            done.update(path)

    def find_missing(self):
        end = self.result.end_missing
        for unit in sorted(self.stored.values(), key=lambda unit: (unit.name, unit.hsa_id)):
            if unit.hsa_id in self.file.units or unit.has_ended:
                continue
            if not unit.from_catalogue:
                self.result.hand_made += 1
                continue
            self.result.missing.append(unit)
            if end and not (unit.valid_to and unit.valid_to <= end):
                self.result.ending.append(unit)
                if unit.valid_from and unit.valid_from >= end:
                    rule = (
                        f"{unit.name} ({unit.hsa_id}) började {unit.valid_from} och kan inte "
                        f"sluta {last_day_before(end)}. Välj en senare dag."
                    )
                    self.result.faults.append(Fault(None, "", "", rule))


def _label(name):
    return str(Unit._meta.get_field(name).verbose_name)
