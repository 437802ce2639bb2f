"""A unit's roles as the places of its form: one for each appointment, one for each role that
should be there and is not said anything about."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from .models import Appointment, Role, Unit


@dataclass
class Slot:
    """A place in the form. Its key stays the same when somebody else takes the role, so that
    two who edit at once meet in the same place.

    number  1 for the first appointment to the role
    row     None where nothing is registered
    """

    role: Role | None
    number: int
    row: Appointment | None = None

    @property
    def key(self):
        return f"r-{self.role.code}-{self.number}" if self.role else "extra"

    @property
    def begins_on(self):
        """The first day of an appointment to come, None of one that has begun."""
        first = self.row.valid_from if self.row else None
        return first if first and first > timezone.localdate() else None


def current_rows(unit: Unit):
    """Appointments that have not ended: those in force and those to come."""
    rows = unit.appointments.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate()))
    return rows.select_related("role", "person", "shared_with")


def slots_of(unit: Unit, at_least: dict[str, int] | None = None) -> list[Slot]:
    """Three questions to the database.

    at_least  {role code: places} that a form had when it was opened
    """
    roles = {role.pk: role for role in unit.kind.required_roles.all()}
    rows = defaultdict(list)
    for row in current_rows(unit):
        roles.setdefault(row.role_id, row.role)
        rows[row.role_id].append(row)
    missing = set(at_least or {}) - {role.code for role in roles.values()}
    if missing:
        roles |= {role.pk: role for role in Role.objects.filter(code__in=missing)}
    slots = []
    for role in sorted(roles.values(), key=lambda role: (role.position, role.code)):
        own = sorted(rows[role.pk], key=_order)
        places = max(len(own), (at_least or {}).get(role.code, 0), 1)
        filled = [*own, *[None] * (places - len(own))]
        slots += [Slot(role, number, row) for number, row in enumerate(filled, 1)]
    return slots


def _order(row):
    return row.acting, row.valid_from or date.min, row.pk
