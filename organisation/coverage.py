"""Where the functions that units must have are found, and where they lack, on any day.

What is counted is the function, as lag (2019:1297) asks for it, and not heads: a unit has it
by a person of its own, by a function mailbox without a name, or by another unit that shares
its own. All is read from the stored periods of units and appointments. What a kind of unit
must have (`Role.required_kinds`) has no periods: today's demands are put to every day.

Other rooms ask `coverage_on(day, units)`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Case, Q, QuerySet, TextChoices, Value, When
from django.utils import timezone

from portal.web.ordering import swedish_key

from .models import Appointment, Role, Unit
from .periods import in_force

Stored = Appointment.State


class Standing(TextChoices):
    OWN = "own", "Egen"
    FUNCTION = "function", "Utan namn"
    SHARED = "shared", "Delas"
    VACANT = "vacant", "Vakant"
    UNKNOWN = "unknown", "Uppgift saknas"
    NOT_APPLICABLE = "not_applicable", "Inte aktuellt"


COVERED = frozenset({Standing.OWN, Standing.FUNCTION, Standing.SHARED})
GAPS = frozenset({Standing.VACANT, Standing.UNKNOWN})


class UnitRow(NamedTuple):
    """What of a unit is needed for all of them; the rest is read for those on a page."""

    pk: int
    name: str
    kind: int
    caregiver: str | None
    parent: str | None

    @property
    def group(self) -> str:
        """Who runs it: its caregiver when that is another than the administration."""
        return self.parent or self.caregiver or ""


class Stated(NamedTuple):
    """What an appointment in force says about a function at a unit."""

    state: str
    acting: bool
    lender: int | None
    lender_from: date | None
    lender_to: date | None


@dataclass
class Share:
    """How many of the units that must have a function have it.

    Those where it does not apply are in `states` but not in `counted`.
    """

    states: Counter = field(default_factory=Counter)

    @property
    def covered(self) -> int:
        return sum(self.states[state] for state in COVERED)

    @property
    def counted(self) -> int:
        return self.covered + sum(self.states[state] for state in GAPS)

    @property
    def percent(self) -> int | None:
        """Whole per cent; 0 and 100 only when it is none and all. None of no units."""
        if not self.counted:
            return None
        if self.covered in {0, self.counted}:
            return 100 * self.covered // self.counted
        return min(99, max(1, round(100 * self.covered / self.counted)))


@dataclass
class Coverage:
    """The standing of every function at every unit on a day.

    standings  {(unit pk, role pk): Standing}, also where the kind of unit need not have it
    required   {(kind pk, role pk)}
    """

    day: date
    roles: list[Role]
    units: list[UnitRow]
    standings: dict[tuple[int, int], Standing]
    required: set[tuple[int, int]]

    def requires(self, unit: UnitRow, role: Role) -> bool:
        return (unit.kind, role.pk) in self.required

    def share(self, role: Role, kind: int | None = None) -> Share:
        """Of all units, or those of one kind (its pk)."""
        return Share(
            Counter(
                self.standings[unit.pk, role.pk]
                for unit in self.units
                if (kind is None or unit.kind == kind) and self.requires(unit, role)
            )
        )

    def has_gap(self, unit: UnitRow) -> bool:
        return any(
            self.standings[unit.pk, role.pk] in GAPS
            for role in self.roles
            if self.requires(unit, role)
        )


def coverage_on(
    day: date | None = None,
    units: QuerySet[Unit] | None = None,
    roles: Iterable[Role] | None = None,
) -> Coverage:
    """The coverage of units (default all) with functions (default all that some kind of unit
    must have), in three queries.

    Units that do not exist on the day, or must not have any of the functions, are left out.
    """
    day = day or timezone.localdate()
    links = Role.required_kinds.through.objects.select_related("role")
    if roles is None:
        links = list(links)
        order = {link.role_id: link.role for link in links}.values()
        roles = sorted(order, key=lambda role: (role.position, role.code))
    else:
        roles = list(roles)
        links = links.filter(role__in=roles)
    required = {(link.unitkind_id, link.role_id) for link in links}
    everywhere = units is None
    existing = Unit.objects.public(day) if everywhere else units & Unit.objects.public(day)
    existing = existing.filter(kind__in={kind for kind, _ in required}).order_by()
    rows = [
        UnitRow(*values)
        for values in existing.values_list(
            "pk", "name", "kind_id", "caregiver__name", "parent__name"
        )
    ]
    rows.sort(key=lambda row: (swedish_key(row.group), swedish_key(row.name), row.pk))
    stated = stated_on(day, roles, None if everywhere else existing)
    standings = {
        (row.pk, role.pk): standing(row.pk, role.pk, stated, day) for row in rows for role in roles
    }
    return Coverage(day, roles, rows, standings, required)


def required_roles() -> QuerySet[Role]:
    return Role.objects.filter(required_kinds__isnull=False).distinct()


def stated_on(
    day: date, roles: list[Role], units: QuerySet[Unit] | None
) -> dict[tuple[int, int], list[Stated]]:
    """What is said about roles at units and at those that share with them (default all)."""
    rows = Appointment.objects.on(day).filter(in_force(day, of="unit__"), role__in=roles)
    if units is not None:
        lenders = rows.filter(unit__in=units.values("pk")).values("shared_with")
        rows = rows.filter(Q(unit__in=units.values("pk")) | Q(unit__in=lenders))
    stated = defaultdict(list)
    # A holder with protected personal data is the function to readers, here as on all pages.
    shown = Case(When(person__protected=True, then=Value(Stored.FUNCTION)), default="state")
    columns = ("shared_with", "shared_with__valid_from", "shared_with__valid_to")
    for unit, role, *said in rows.order_by().values_list(
        "unit_id", "role_id", shown, "acting", *columns
    ):
        stated[unit, role].append(Stated(*said))
    return stated


def standing(unit: int, role: int, stated: dict, day: date) -> Standing:
    """One function's standing at one unit.

    Who only acts during a vacancy does not fill it. With several rows (a function may have
    many holders) the one that covers counts. A share counts for as long as the unit that
    shares exists and has not itself said that the function is missing there.
    """
    said = stated.get((unit, role), [])
    regular = [row for row in said if not row.acting]
    states = {row.state for row in regular}
    if Stored.HELD in states:
        return Standing.OWN
    if Stored.FUNCTION in states:
        return Standing.FUNCTION
    if any(lends(row, unit, role, stated, day) for row in regular if row.lender):
        return Standing.SHARED
    if states == {Stored.NOT_APPLICABLE}:
        return Standing.NOT_APPLICABLE
    return Standing.VACANT if said else Standing.UNKNOWN


def lends(row: Stated, unit: int, role: int, stated: dict, day: date) -> bool:
    """Whether the unit that a function is shared with has it to share."""
    exists = (row.lender_from is None or row.lender_from <= day) and (
        row.lender_to is None or day < row.lender_to
    )
    if not exists:
        return False
    there = [each for each in stated.get((row.lender, role), []) if not each.acting]
    has_it = any(each.state in {Stored.HELD, Stored.FUNCTION} for each in there)
    passes_on = any(each.lender not in {None, unit} for each in there)
    return not there or has_it or passes_on
