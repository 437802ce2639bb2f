"""Rights that other rooms keep for accounts, such as answering for a unit.

This room knows no app, so a room that has such rights registers, in its `registrations`:

    rights.register(rights.Kind("manager", "får redigera enheten", hold=…, told=…))

hold(user=…, hsa_ids={"SE1-A"})  makes the rights that claims have given this account be for
    exactly these units: gives what is missing, ends what is no longer there. The room marks
    its rows as given by claims, and leaves alone what was given in another way. HSA-ids that
    it does not know are passed by. Returns the names of the units, for the account's log.
told(user)  whole Swedish sentences of what the account may do, however it came by it;
    empty when it may do nothing. "Du får redigera Vårdcentralen Ektorp."
awaits(hsa_id)  whether a right is waiting for the person who has no account yet, such as a
    manager's by her appointment; she gets an account at her first sign-in.
end_all(user)  ends every right that the room keeps for the account or for its address, and says
    how many; what follows from something else, such as an appointment, stays and gives a closed
    account nothing
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    code: str
    label: str
    hold: Callable
    told: Callable
    awaits: Callable = lambda hsa_id: False
    end_all: Callable = lambda user: 0


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def unregister(code: str) -> None:
    _kinds.pop(code, None)


def kinds() -> list[Kind]:
    return list(_kinds.values())


def choices() -> list[tuple[str, str]]:
    return [(kind.code, kind.label) for kind in kinds()]


def told(user) -> list[str]:
    """What the other rooms say the account may do."""
    return [sentence for kind in kinds() for sentence in kind.told(user)]


def awaits(hsa_id: str) -> bool:
    """Whether a room has a right that waits for somebody with the HSA-id."""
    return any(kind.awaits(hsa_id) for kind in kinds())


def end_all_of(user) -> int:
    return sum(kind.end_all(user) for kind in kinds())


def has_any(user) -> bool:
    """Whether there is anything at all that the account may do here."""
    return bool(user.is_staff or user.is_superuser or user.groups.exists() or told(user))
