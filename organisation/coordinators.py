"""Who coordinates for a unit: its own, a stand-in, a shared one, or the next one upwards."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from .models import Appointment, Level, Role, Unit
from .phone_hours import PhoneState, phone_state
from .presenters import COORDINATOR, REGIONAL_SUPPORT, RoleAtUnit, during_a_share, rows_by

State = Appointment.State
ANSWERING = {State.HELD, State.FUNCTION}
# One of them answers; a list of everybody would hide that.
MOST_REGIONAL = 3
WITH_ABOVE = ("kind", "caregiver__kind", "parent__kind", "parent__parent__kind", "successor")
# The region answers through its support for coordination, not its switchboard.
ASKED_LEVELS = {Level.UNIT, Level.CAREGIVER, Level.ADMINISTRATION}


@dataclass
class Contact:
    """An appointment to call or write to; `phone` is None where the hours are no sure thing."""

    row: Appointment
    phone: PhoneState | None = None


@dataclass
class Answer:
    """Who a unit's staff turn to for coordination.

    here     whoever answers for the function at the unit, the stand-ins last
    lent     the same at the unit that it shares the function with
    lent_coming  who is decided to come there
    above    (unit or level above, whoever coordinates there), nearest first
    regional the region's support for coordination
    """

    unit: Unit
    role: Role
    coordinator: RoleAtUnit
    here: list[Contact] = field(default_factory=list)
    lent: list[Contact] = field(default_factory=list)
    lent_coming: list[Appointment] = field(default_factory=list)
    above: list[tuple[Unit, list[Contact]]] = field(default_factory=list)
    regional: list[Contact] = field(default_factory=list)

    @property
    def contacts(self) -> list[Contact]:
        return self.here + self.lent

    @property
    def is_covered(self) -> bool:
        return bool(self.contacts)

    @property
    def stand_ins(self) -> list[Contact]:
        return [contact for contact in self.here if contact.row.acting]


def answers_for(units: Iterable[Unit], now: datetime | None = None) -> list[Answer]:
    """An answer for each unit (fetched with `WITH_ABOVE`), in order; at most seven queries."""
    units, now = list(units), timezone.localtime(now)
    role = Role.objects.filter(code=COORDINATOR).first()
    if role is None or not units:
        return []
    above = {unit.pk: units_above(unit) for unit in units}
    wanted = {unit.pk for unit in units} | {each.pk for row in above.values() for each in row}
    holding = Appointment.objects.public().filter(role=role)
    by_unit = rows_by("unit_id", holding.filter(unit__in=wanted))
    shared = {
        row.shared_with_id for rows in by_unit.values() for row in rows if row.state == State.SHARED
    }
    if missing := shared - wanted:
        by_unit |= rows_by("unit_id", holding.filter(unit__in=missing))
    of_units = {unit.pk for unit in units} | shared
    coming = rows_by(
        "unit_id", Appointment.objects.public_after().filter(role=role, unit__in=of_units)
    )
    regional = regional_contacts(now)
    kinds = role.kinds_that_must_have_it()
    return [
        Answer(
            unit,
            role,
            RoleAtUnit(role, by_unit[unit.pk], coming[unit.pk], unit.kind_id in kinds),
            here=contacts_of(by_unit[unit.pk], now),
            lent=[
                contact
                for row in by_unit[unit.pk]
                if row.state == State.SHARED
                for contact in contacts_of(by_unit[row.shared_with_id], now)
            ],
            lent_coming=[
                each
                for row in by_unit[unit.pk]
                if row.state == State.SHARED
                for each in during_a_share(coming[row.shared_with_id], row)
            ],
            above=[(each, contacts_of(by_unit[each.pk], now)) for each in above[unit.pk]],
            regional=regional,
        )
        for unit in units
    ]


def regional_contacts(now: datetime | None = None) -> list[Contact]:
    """The region's support for coordination, which answers when nobody else does."""
    support = Appointment.objects.public().filter(role__code=REGIONAL_SUPPORT, state__in=ANSWERING)
    return contacts_of(support[:MOST_REGIONAL], timezone.localtime(now))


def units_above(unit: Unit) -> list[Unit]:
    """What a unit belongs to and who runs it, nearest first, each once and in force."""
    parent = unit.parent
    found = [parent, parent.parent if parent else None, unit.caregiver]
    asked = [each for each in found if each and each.kind.level in ASKED_LEVELS]
    unique = {each.pk: each for each in asked if not each.has_ended}
    return list(unique.values())


def contacts_of(rows: Iterable[Appointment], now: datetime) -> list[Contact]:
    """Those of a unit's rows that somebody answers under, stand-ins last."""
    answering = [row for row in rows if row.state in ANSWERING]
    return [contact_of(row, now) for row in sorted(answering, key=lambda row: row.acting)]


def contact_of(row: Appointment, now: datetime) -> Contact:
    return Contact(row, phone_state(row.phone_hours, now) if row.phone else None)
