"""What rooms give the accounts of the demonstration, so that each can be tried at once.

@demo.register
def managers(users):                  {group: user}
    …                                 → [(e-mail, password)] of accounts made besides
"""

from collections.abc import Callable, Iterable

_furnishers: list[Callable[[dict], Iterable[tuple[str, str]]]] = []


def register(furnish: Callable) -> Callable:
    _furnishers.append(furnish)
    return furnish


def furnished(users: dict) -> list[tuple[str, str]]:
    return [account for furnish in _furnishers for account in furnish(users)]
