"""Rows → what directory, unit and role pages place."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from .models import Appointment, Responsibility, Role, Unit

# The function that every region must offer (lag 2019:1297); the directory shows who it is.
COORDINATOR = "rehabkoordinator"
# Whom a unit turns to when nobody there holds a role.
REGIONAL_SUPPORT = "processtod"


@dataclass
class RoleAtUnit:
    """A role's standing at a unit: its appointments, none when nothing is registered.

    coming  those that begin later, the first one first
    required  whether the unit's kind must have the role
    lent, lent_coming  the same at the unit that the role is shared with
    """

    role: Role
    appointments: list[Appointment] = field(default_factory=list)
    coming: list[Appointment] = field(default_factory=list)
    required: bool = True
    lent: list[Appointment] = field(default_factory=list)
    lent_coming: list[Appointment] = field(default_factory=list)

    @property
    def main(self) -> Appointment | None:
        return next((row for row in self.appointments if not row.acting), None)

    @property
    def stand_in(self) -> Appointment | None:
        return next((row for row in self.appointments if row.acting), None)

    @property
    def state(self) -> str:
        return self.main.state if self.main else "unknown"

    @property
    def lent_instead(self) -> list[Appointment]:
        """The vacancy, and who stands in, where the unit that shares has nobody to share."""
        regular = {row.state for row in self.lent if not row.acting}
        if regular != {Appointment.State.VACANT}:
            return []
        return sorted(self.lent, key=lambda row: row.acting)

    @property
    def is_missing(self) -> bool:
        """Nobody to turn to under this role: vacant, or nothing registered."""
        return self.state in {"unknown", Appointment.State.VACANT}


def roles_at_unit(
    appointments: Iterable[Appointment],
    required: Iterable[Role],
    coming: Iterable[Appointment] = (),
    lent: Iterable[Appointment] = (),
    lent_coming: Iterable[Appointment] = (),
) -> list[RoleAtUnit]:
    """All roles a unit has or should have, in the roles' own order."""
    roles = {role.pk: role for role in required}
    held = rows_by("role_id", appointments)
    for pk, rows in held.items():
        roles.setdefault(pk, rows[0].role)
    coming, lent, lent_coming = (rows_by("role_id", each) for each in (coming, lent, lent_coming))
    ordered = sorted(roles.values(), key=lambda role: (role.position, role.code))
    return [
        RoleAtUnit(
            role,
            held[role.pk],
            coming[role.pk],
            lent=lent[role.pk],
            lent_coming=lent_coming[role.pk],
        )
        for role in ordered
    ]


def rows_by(field: str, rows: Iterable[Appointment]) -> dict[int, list[Appointment]]:
    """Rows by the pk of their unit or role ("unit_id", "role_id"), none for any other."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, field)].append(row)
    return found


def during_a_share(coming: Iterable[Appointment], share: Appointment) -> list[Appointment]:
    """Those to come at the unit of a share who begin while it lasts."""
    return [row for row in coming if share.valid_to is None or row.valid_from < share.valid_to]


def units_with_coordinator(
    units: Iterable[Unit],
    role: Role | None,
    appointments: Iterable[Appointment],
    kinds: Collection[int] = (),
) -> list[tuple[Unit, RoleAtUnit]]:
    """Each unit with the coordinator function's standing there; units of some `kinds` must have
    it, for who asks."""
    by_unit = rows_by("unit_id", appointments)
    return [
        (unit, RoleAtUnit(role, by_unit[unit.pk], required=unit.kind_id in kinds)) for unit in units
    ]


def own_and_others(
    responsibilities: Iterable[Responsibility],
) -> tuple[list[Responsibility], list[Responsibility]]:
    """A role's responsibilities: what it does itself, what someone else answers for."""
    rows = list(responsibilities)
    own = [row for row in rows if row.kind == Responsibility.Kind.OWN]
    return own, [row for row in rows if row.kind == Responsibility.Kind.OTHERS]
