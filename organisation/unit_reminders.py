"""Letters about units that nobody has looked at for half a year: first to who keeps them,
after a month also to the level above, or to the region's support where it has nobody."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from portal.accounts.models import User
from portal.outbox import reminders
from portal.outbox.reminders import Reminder

from . import scope
from .mailboxes import addresses_of
from .models import Level, Role, Unit
from .presenters import REGIONAL_SUPPORT
from .unit_status import UnitStatus, statuses

PATIENCE = timedelta(days=30)
MOST_LINES = 20  # more units of one level are told as a number
CHECK, ESCALATED, NOBODY = (
    "Enheter att kontrollera",
    "Enheter som ingen har kontrollerat",
    "Enheter utan någon som kan ändra",
)


@reminders.register
def units_to_check() -> Iterator[Reminder]:
    """Nothing at all in a region where nobody has an account to keep a unit with."""
    units = list(Unit.objects.on().select_related("kind"))
    addresses = addresses_of_keepers(units)
    if not any(addresses.values()):
        return
    parents = {unit.pk: unit.parent_id for unit in units}
    support = _support()
    care_units = [unit for unit in units if unit.kind.level == Level.UNIT]
    without, for_above = 0, defaultdict(list)
    for status in statuses(care_units):
        if not status.is_overdue:
            continue
        own = addresses[status.unit.pk]
        above = _above(status.unit, parents, addresses)
        path = reverse("organisation:unit_edit", args=[status.unit.hsa_id])
        owner, text = f"Enheten {status.unit.name}", f"{status.unit.name}, {_since(status)}"
        if own:
            yield Reminder(owner, own, CHECK, text, path)
            if not _is_long_overdue(status):
                continue
        if above:
            heading = ESCALATED if own else CHECK
            for_above[above, heading].append(Reminder(owner, above, heading, text, path))
        elif own:
            yield Reminder(owner, support, ESCALATED, text, status.unit.get_absolute_url())
        else:
            without += 1
    for (above, heading), lines in for_above.items():
        if len(lines) <= MOST_LINES:
            yield from lines
        else:
            text = f"{len(lines)} enheter under din, se listan"
            yield Reminder("Nivån ovanför", above, heading, text, reverse("my_units"))
    if without:
        text = "1 enhet" if without == 1 else f"{without} enheter"
        path = reverse("organisation:unit_list")
        yield Reminder("Rollen processtöd", support, NOBODY, f"{text} att kontrollera", path)


def _since(status: UnitStatus) -> str:
    if status.checked is None:
        return "ännu inte kontrollerad"
    return f"inte kontrollerad sedan {date_format(status.checked, 'j F Y')}"


def _is_long_overdue(status):
    return status.due is not None and status.due + PATIENCE <= timezone.localdate()


def addresses_of_keepers(units) -> dict[int, tuple[str, ...]]:
    """{unit: accounts with a right to that very unit}; a right without an account has none."""
    rights = scope.rights_to(units)
    accounts = User.objects.filter(is_active=True)
    by_hsa_id = dict(accounts.exclude(hsa_id=None).values_list("hsa_id", "email"))
    known = {email.lower() for email in accounts.values_list("email", flat=True)}

    def address(right):
        if right.row is None:
            return by_hsa_id.get(right.appointment.person.hsa_id, "")
        if right.row.user:
            return right.row.user.email
        return right.row.email or by_hsa_id.get(right.row.hsa_id, "")

    return {
        key: tuple(
            sorted({address(right).lower() for right in found if address(right).lower() in known})
        )
        for key, found in rights.items()
    }


def _above(unit, parents, addresses):
    """Who keeps the nearest level above that anybody keeps."""
    seen, key = {unit.pk}, unit.parent_id
    while key and key not in seen:
        if addresses.get(key):
            return addresses[key]
        seen.add(key)
        key = parents.get(key)
    return ()


def _support() -> tuple[str, ...]:
    role = Role.objects.filter(code=REGIONAL_SUPPORT).first()
    return addresses_of([role.pk]).get(role.pk, ()) if role else ()
