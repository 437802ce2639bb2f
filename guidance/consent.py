"""Which consent rule answers for who asks, who is to know, and why. Pure functions.

A rule for one kind of caregiver goes before one for all, and a rule for a purpose before
one for any purpose (`ConsentRule.any_purpose`). Where no rule answers, there is no answer:
none is made up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import slugify

from .models import ConsentRule

Caregiver = ConsentRule.Caregiver
# As in the address.
CAREGIVERS = {
    "offentlig": Caregiver.PUBLIC,
    "privat": Caregiver.PRIVATE,
    "extern": Caregiver.EXTERNAL,
}


@dataclass(frozen=True)
class Choice:
    """A choice as in the address and as on the page; `other` is "any purpose" beside others."""

    key: str
    label: str
    other: bool = False


def applies(rule: ConsentRule, caregiver: str) -> bool:
    """Rules for all are for all who give care; an external actor has its own."""
    if caregiver == Caregiver.EXTERNAL:
        return rule.caregiver == caregiver
    return rule.caregiver in {caregiver, Caregiver.ALL}


def recipients(rules: Iterable[ConsentRule], caregiver: str) -> list[Choice]:
    """Whom some rule for the caregiver is about, each once, in the order of the rules."""
    names = {name: None for rule in rules if applies(rule, caregiver) for name in names_in(rule)}
    return [Choice(slugify(name), name) for name in names]


def names_in(rule: ConsentRule) -> list[str]:
    return rule.recipient.split(", ")


def purposes(rules: Iterable[ConsentRule], recipient: str) -> list[Choice]:
    """The purposes that any caregiver has a rule for, so that a question without an answer
    for this one can be asked and be told so. The key is the first rule's code."""
    about = sorted(
        (rule for rule in rules if recipient in names_in(rule)), key=lambda rule: rule.any_purpose
    )
    found: dict[str, ConsentRule] = {}
    for rule in about:
        found.setdefault(rule.purpose, rule)
    return [
        Choice(rule.code.lower(), text, other=rule.any_purpose and len(found) > 1)
        for text, rule in found.items()
    ]


def answer(
    rules: Iterable[ConsentRule], caregiver: str, recipient: str, purpose: str
) -> ConsentRule | None:
    """The one rule that answers, or None where the table has none."""
    about = [rule for rule in rules if applies(rule, caregiver) and recipient in names_in(rule)]
    fitting = [rule for rule in about if rule.purpose == purpose or rule.any_purpose]
    return min(
        fitting,
        key=lambda rule: (rule.purpose != purpose, rule.caregiver == Caregiver.ALL),
        default=None,
    )
