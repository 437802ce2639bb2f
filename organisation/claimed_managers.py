"""Rights to edit units that the claims of the region's sign-in give (portal.accounts.rights).

A row from claims is the account's own and marked; rows that somebody has written, and rights
that rest on an appointment, are left alone.
"""

from django.db.models import Q
from django.utils import timezone

from portal.accounts import rights

from . import scope
from .models import Appointment, Unit, UnitManager
from .periods import in_force

REASON = "Regionens inloggning"
CLOSED = "Kontot stängdes"


def hold(*, user, hsa_ids: set[str]) -> list[str]:
    """Makes the account's rights from claims be for exactly these units that exist today."""
    units = list(Unit.objects.filter(in_force(), hsa_id__in=hsa_ids))
    rows = list(UnitManager.objects.filter(user=user, from_claims=True).select_related("unit"))
    wanted = {unit.pk for unit in units}
    for row in rows:
        if row.unit_id not in wanted:
            row._change_reason = REASON
            row.delete()
    held = {row.unit_id for row in rows}
    for unit in units:
        if unit.pk not in held:
            row = UnitManager(user=user, unit=unit, from_claims=True)
            row._change_reason = REASON
            row.save()
    return [str(unit) for unit in units]


def told(user) -> list[str]:
    """One sentence a unit, however the right was come by."""
    names = dict.fromkeys(right.unit.name for right in scope.rights_of(user))
    return [f"Du får redigera {name}." for name in names]


def awaits(hsa_id: str) -> bool:
    """Whether the catalogue makes somebody a manager who has no account yet."""
    held = Q(state=Appointment.State.HELD, role__manages_unit=True, person__hsa_id=hsa_id)
    rows = UnitManager.objects.giving_right().filter(user=None, hsa_id=hsa_id)
    return Appointment.objects.on().filter(held).exists() or rows.exists()


def end_all(user) -> int:
    """Ends what is in force or to come; how many rights that is."""
    lasting = Q(valid_to=None) | Q(valid_to__gt=timezone.localdate())
    rows = list(UnitManager.objects.of(user).filter(lasting))
    for row in rows:
        row.end(CLOSED)
    return len(rows)


rights.register(rights.Kind("manager", "får redigera enheten", hold, told, awaits, end_all))
