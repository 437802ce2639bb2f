"""What waits for those who keep some units right; the same questions for one unit and fifty."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from .models import Appointment, Attestation, Role, Unit, UnitManager, next_check
from .presenters import RoleAtUnit, roles_at_unit

SOON = timedelta(days=30)


@dataclass
class Decided:
    """Who has a role later on, where nobody has it today or the holder soon goes.

    leaving  the holder who goes, None where the role is vacant or not registered
    coming   the appointment that begins
    """

    at_unit: RoleAtUnit
    coming: Appointment
    leaving: Appointment | None = None


@dataclass
class UnitStatus:
    """checked  the day all of it was last said to be right, None for never
    coming   {role: the appointment to it that begins next and is not a vacancy}

    A unit that nobody has attested counts as checked when its oldest appointment was.
    """

    unit: Unit
    checked: date | None
    roles: list[RoleAtUnit]
    coming: dict[int, Appointment] = field(default_factory=dict)
    deputies_ending: list[UnitManager] = field(default_factory=list)

    @property
    def due(self) -> date | None:
        return next_check(self.checked)

    @property
    def is_overdue(self) -> bool:
        return self.due is None or self.due <= timezone.localdate()

    def _without_successor(self, state) -> list[Role]:
        roles = [each.role for each in self.roles if each.state == state]
        return [role for role in roles if role.pk not in self.coming]

    @property
    def vacant(self):
        return self._without_successor(Appointment.State.VACANT)

    @property
    def unknown(self):
        return self._without_successor("unknown")

    @property
    def _leaving(self) -> list[Appointment]:
        """Holders whose last day comes soon."""
        until = timezone.localdate() + SOON
        rows = [row for each in self.roles for row in each.appointments]
        return [row for row in rows if row.valid_to and row.valid_to <= until and row.person_id]

    @property
    def ending(self) -> list[Appointment]:
        return [row for row in self._leaving if row.role_id not in self.coming]

    @property
    def decided(self) -> list[Decided]:
        """What would wait if nobody were coming: told, and not counted."""
        leaving = {row.role_id: row for row in self._leaving}
        return [
            Decided(each, self.coming[each.role.pk], leaving.get(each.role.pk))
            for each in self.roles
            if each.role.pk in self.coming and (each.is_missing or each.role.pk in leaving)
        ]

    @property
    def waiting_count(self) -> int:
        lists = (self.vacant, self.unknown, self.ending, self.deputies_ending)
        return sum(map(len, lists)) + self.is_overdue


def statuses(units: Iterable[Unit]) -> list[UnitStatus]:
    """Five questions to the database, and one for the kinds' roles where they are not there."""
    units = list(units)
    keys = [unit.pk for unit in units]
    today = timezone.localdate()
    attested = Attestation.objects.latest_days(keys)
    appointments = defaultdict(list)
    for row in Appointment.objects.public().filter(unit__in=keys):
        appointments[row.unit_id].append(row)
    coming = defaultdict(dict)
    seats = Appointment.objects.public_after().filter(unit__in=keys, acting=False)
    for row in seats.exclude(state=Appointment.State.VACANT):
        coming[row.unit_id].setdefault(row.role_id, row)
    required = defaultdict(list)
    kinds = {unit.kind_id for unit in units}
    for role in Role.objects.filter(required_kinds__in=kinds).prefetch_related("required_kinds"):
        for kind in role.required_kinds.all():
            if kind.pk in kinds and role not in required[kind.pk]:
                required[kind.pk].append(role)
    deputies = defaultdict(list)
    giving = UnitManager.objects.giving_right().filter(
        unit__in=keys, kind=UnitManager.Kind.DEPUTY, valid_to__lte=today + SOON
    )
    for row in giving.select_related("user"):
        deputies[row.unit_id].append(row)
    return [
        UnitStatus(
            unit,
            checked_on(attested.get(unit.pk), appointments[unit.pk]),
            roles_at_unit(appointments[unit.pk], required[unit.kind_id]),
            coming[unit.pk],
            deputies[unit.pk],
        )
        for unit in units
    ]


def checked_on(attested: date | None, appointments: Iterable[Appointment]) -> date | None:
    """The later of the attestation and the day since when every appointment is confirmed."""
    days = [row.confirmed_on for row in appointments]
    confirmed = min(days) if days and None not in days else None
    return max(filter(None, [attested, confirmed]), default=None)
