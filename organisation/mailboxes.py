"""Where a letter about a role goes: the function's mailbox first, else the person's own."""

from collections import defaultdict
from collections.abc import Iterable

from .models import Appointment

State = Appointment.State
# A role that many hold has no single owner to write to.
MOST_HOLDERS = 5


def addresses_of(roles: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """{role: addresses of who holds it today}; a role that nobody or very many hold has none."""
    found = defaultdict(list)
    holding = Appointment.objects.in_office().filter(
        role__in=set(roles), state__in=[State.HELD, State.FUNCTION]
    )
    for row in holding:
        address = row.email or (row.person.email if row.person else "")
        if address and address not in found[row.role_id]:
            found[row.role_id].append(address)
    return {
        role: tuple(addresses)
        for role, addresses in found.items()
        if len(addresses) <= MOST_HOLDERS
    }
