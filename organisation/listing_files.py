"""The region's yearly list of units and listed patients → a plan. Writes nothing.

The same file as the region uploads to Intygsstatistik: first sheet, a row a unit, with
Vårdenhetsnamn (or Enhetsnamn), HSA-id and Antal listade patienter. A blank number is allowed and
says nothing, 0 says that nobody is listed there. Intygsstatistik ignores rows without id; here
they are set aside and told.
"""

import hashlib
import json
from dataclasses import dataclass, field

from portal.tables import Column, Fault, find_table, open_book
from portal.tables.values import whole_number_of

from .models import Listing, Unit
from .unit_files import read_hsa_id

COLUMNS = [
    Column("name", ("Vårdenhetsnamn", "Enhetsnamn", "Namn", "Enhet", "Vårdenhet")),
    Column("hsa_id", ("HSA-id", "hsaIdentity"), required=True),
    Column(
        "listed",
        ("Antal listade patienter", "Antal listade", "Listade", "listed_patients",
         "Antal listningar i arbetsför ålder"),
        required=True,
    ),
]  # fmt: skip
LARGEST = 500_000


@dataclass
class ListedUnit:
    """previous: what is stored for the same year, None when nothing is."""

    unit: Unit
    row: int
    listed: int
    previous: int | None


@dataclass
class ListingPlan:
    """blank: rows that say nothing. aside: rows that cannot be stored, told why."""

    year: int
    rows: int = 0
    new: list[ListedUnit] = field(default_factory=list)
    changed: list[ListedUnit] = field(default_factory=list)
    unchanged: int = 0
    blank: int = 0
    aside: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)

    @property
    def digest(self) -> str:
        what = [
            [each.unit.hsa_id, each.previous, each.listed] for each in (*self.new, *self.changed)
        ]
        return hashlib.sha256(json.dumps([self.year, what]).encode()).hexdigest()


def plan_listings(content: bytes, *, year: int) -> ListingPlan:
    table = find_table(open_book(content).sheet(), COLUMNS)
    plan = ListingPlan(year, rows=len(table.rows), ignored=table.ignored)
    plan.faults += table.faults
    plan.remarks += table.remarks
    stored = {unit.hsa_id: unit for unit in Unit.objects.all()}
    counts = dict(Listing.objects.filter(year=year).values_list("unit", "listed_patients"))
    seen = {}
    for row in table.rows:
        if not row.text("hsa_id"):
            rule = "HSA-id saknas: raden läses inte in."
            what = row.text("name") or row.text("listed")
            heading = table.headings["hsa_id"]
            plan.aside.append(Fault(row.number, heading, what, rule))
            continue
        hsa_id = read_hsa_id(table, row, "hsa_id", plan.faults, plan.remarks)
        listed = _listed(table, row, plan)
        if not hsa_id:
            continue
        if hsa_id in seen:
            rule = f"HSA-id finns redan på rad {seen[hsa_id]}. Ta bort den ena raden."
            plan.faults.append(table.fault(row, "hsa_id", rule))
            continue
        seen[hsa_id] = row.number
        unit = stored.get(hsa_id)
        if unit is None:
            rule = "ingen enhet i portalen har detta HSA-id: raden läses inte in."
            plan.aside.append(table.fault(row, "hsa_id", rule))
        elif listed is None:
            plan.blank += 1
        else:
            _sort_in(plan, ListedUnit(unit, row.number, listed, counts.get(unit.pk)))
    if not table.rows:
        plan.faults.append(Fault(None, "", "", "Filen har rubriker men inga rader under dem."))
    return plan


def _listed(table, row, plan):
    if not row.text("listed"):
        return None
    try:
        return whole_number_of(row.values["listed"], largest=LARGEST)
    except ValueError as fault:
        plan.faults.append(table.fault(row, "listed", str(fault)))
        return None


def _sort_in(plan, each):
    if each.previous is None:
        plan.new.append(each)
    elif each.previous != each.listed:
        plan.changed.append(each)
    else:
        plan.unchanged += 1
