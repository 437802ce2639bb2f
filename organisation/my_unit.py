"""The reader's own unit: what pages show of it first (portal.web.chosen_unit)."""

import re
from dataclasses import dataclass
from functools import cached_property

from portal.caching.parts import kept
from portal.web.chosen_unit import provide

from .converters import HsaIdConverter
from .coordinators import WITH_ABOVE
from .models import Appointment, Unit
from .presenters import COORDINATOR, RoleAtUnit, roles_at_unit


@dataclass
class MyUnit:
    """A unit that a reader has chosen; it may have ended since."""

    unit: Unit

    @property
    def units_today(self) -> list[Unit]:
        return [] if self.unit.has_ended else [self.unit]

    @cached_property
    def appointments(self) -> list[Appointment]:
        """Its appointments today, from one query."""
        return list(Appointment.objects.public().filter(unit=self.unit))

    @cached_property
    def roles(self) -> list[RoleAtUnit]:
        return roles_at_unit(self.appointments, [])

    @property
    def coordinator(self) -> RoleAtUnit | None:
        return next((each for each in self.roles if each.role.code == COORDINATOR), None)


@provide
def my_unit(code: str) -> MyUnit | None:
    """The unit with an HSA-id, of those that have a page or had one; the same for all who have
    chosen it."""
    if not re.fullmatch(HsaIdConverter.regex, code):
        return None
    return kept("my unit", code, lambda: unit_with_code(code))


def unit_with_code(code):
    units = Unit.objects.opened().select_related(*WITH_ABOVE)
    unit = units.filter(hsa_id=code).first()
    return MyUnit(unit) if unit else None
