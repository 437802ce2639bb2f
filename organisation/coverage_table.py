"""The coverage matrix as a page and a file place it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.utils import timezone

from .coverage import COVERED, GAPS, Coverage, Share, Standing
from .models import Appointment, Role, Unit, UnitKind

Stored = Appointment.State


@dataclass
class Holding:
    """An appointment behind a cell, and whether readers see the holder's name."""

    row: Appointment
    is_named: bool


@dataclass
class Cell:
    """A function at a unit, with the stored rows that say why."""

    unit: Unit
    role: Role
    standing: Standing
    required: bool
    holdings: list[Holding] = field(default_factory=list)
    stand_ins: list[Holding] = field(default_factory=list)

    @property
    def is_covered(self):
        return self.standing in COVERED

    @property
    def counts_as(self):
        """Whether the share counts it: True as covered, False as a gap, None not at all."""
        if not self.required or self.standing == Standing.NOT_APPLICABLE:
            return None
        return self.is_covered

    @property
    def is_empty(self):
        """Not asked for and nothing said."""
        return not self.required and self.standing == Standing.UNKNOWN

    @property
    def lacks_lender(self):
        """Shared, but with a unit that has nothing to share."""
        shared = any(each.row.state == Stored.SHARED for each in self.holdings)
        return shared and self.standing in GAPS

    @property
    def url(self):
        return f"{self.unit.get_absolute_url()}#roll-{self.role.code}"


def cells_of(coverage: Coverage, units: Iterable[Unit]) -> dict[int, list[Cell]]:
    """{unit pk: a cell for each function, in the functions' order}; one query.

    Names are shown of those who have the function today and no others, as on the units' own
    pages: another day's matrix tells of the functions.
    """
    units, today = list(units), timezone.localdate()
    by_place = defaultdict(list)
    appointments = Appointment.objects.public(coverage.day).filter(
        unit__in=[unit.pk for unit in units], role__in=coverage.roles
    )
    # Units and roles are at hand, and making them anew for each row took half the time.
    appointments = appointments.select_related(None).select_related("person", "shared_with")
    for row in appointments:
        by_place[row.unit_id, row.role_id].append(Holding(row, is_named(row, today)))
    found = {}
    for unit in units:
        found[unit.pk] = []
        for role in coverage.roles:
            place = unit.pk, role.pk
            standing = coverage.standings[place]
            rows = by_place[place]
            # Readers do not learn that there is a name they may not see.
            if standing == Standing.OWN and not any(is_own(each.row) for each in rows):
                standing = Standing.FUNCTION
            required = (unit.kind_id, role.pk) in coverage.required
            found[unit.pk].append(
                Cell(
                    unit,
                    role,
                    standing,
                    required,
                    [each for each in rows if not each.row.acting],
                    [each for each in rows if each.row.acting],
                )
            )
    return found


def is_own(row):
    return row.state == Stored.HELD and not row.acting


def is_named(row: Appointment, today: date) -> bool:
    started = row.valid_from is None or row.valid_from <= today
    return bool(row.person_id) and started and not row.has_ended


def groups_of(coverage: Coverage, pks: Iterable[int]) -> list[tuple[str, list[list[Cell]]]]:
    """[(who runs them, [a unit's cells])] for the units of a page; two queries."""
    by_pk = {row.pk: row for row in coverage.units}
    pks = list(pks)
    units = Unit.objects.select_related("kind").in_bulk(pks)
    cells = cells_of(coverage, units.values())
    return [
        (name, [(units[pk], cells[pk]) for pk in group])
        for name, group in groupby(pks, lambda pk: by_pk[pk].group)
    ]


def shares_by_kind(
    coverage: Coverage, kinds: Iterable[UnitKind]
) -> list[tuple[UnitKind, list[Share | None]]]:
    """[(kind, a share for each function, None where the kind need not have it)]"""
    present = {row.kind for row in coverage.units}
    return [
        (
            kind,
            [
                coverage.share(role, kind.pk) if (kind.pk, role.pk) in coverage.required else None
                for role in coverage.roles
            ],
        )
        for kind in kinds
        if kind.pk in present
    ]
