"""A unit's yearly report: what stands beside its own figures."""

from dataclasses import dataclass

from organisation.coverage import Standing, coverage_on
from organisation.models import Role, Unit
from organisation.presenters import COORDINATOR

# The share of long cases, beside which the coordinator function is shown.
LONG_CASES = "langa-90"


@dataclass
class Coordination:
    """Whether the unit has the coordinator function today, how many do, and its long cases."""

    role: Role
    standing: Standing
    covered: int
    counted: int
    row: object | None


def coordination_of(unit: Unit, rows) -> Coordination | None:
    """None for a kind of unit that need not have the function. Three queries."""
    alike = coverage_on(units=Unit.objects.filter(kind=unit.kind_id))
    role = next((role for role in alike.roles if role.code == COORDINATOR), None)
    place = next((row for row in alike.units if row.pk == unit.pk), None)
    if role is None or place is None or not alike.requires(place, role):
        return None
    share = alike.share(role)
    row = next((row for row in rows if row.indicator.code == LONG_CASES), None)
    standing = alike.standings[unit.pk, role.pk]
    return Coordination(role, standing, share.covered, share.counted, row)
