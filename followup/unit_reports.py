"""A unit's yearly report: what stands beside its own figures."""

from dataclasses import dataclass

from organisation.coverage import Standing, coverage_on
from organisation.models import Role, Unit
from organisation.presenters import COORDINATOR

from .disclosure import Reader
from .models import Indicator
from .presenters import YearRow
from .reports import unit_series

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


def year_in_short(unit: Unit, year: int, reader: Reader) -> list[tuple[Indicator, YearRow]]:
    """A unit's row of a year for each indicator that has one."""
    found = []
    for row in unit_series(unit, reader):
        of_year = next((each for each in row.series.rows if each.year == year), None)
        if of_year is not None and of_year.total is not None:
            found.append((row.indicator, of_year))
    return found
