"""An entry in words, for who reads the log."""

from collections.abc import Iterator
from datetime import date

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from portal.editing.last_day import PeriodEnd, last_day_before

# Names of facts that are no field of the row.
FACTS = {
    "way": "sätt",
    "rows": "rader",
    "new": "nya",
    "changed": "ändrade",
    "gone": "borta",
    "pack": "paket",
    "unit_rights": "avslutade behörigheter till enheter",
    "entries": "poster",
}
WAYS = {
    "password": "lösenord",
    "mfa": "tvåstegsverifiering",
    "password_reset": "nytt lösenord",
    "oidc": "regionens inloggning",
}
MOST_NAMED = 50


def field_of(label: str, name: str):
    """A model's field; None where an earlier version had it, or it is none."""
    try:
        return apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def field_label(label: str, name: str) -> str:
    return str(getattr(field_of(label, name), "verbose_name", "") or FACTS.get(name, name))


def word(value, field=None) -> str:
    """A value as an auditor reads it: "tomt", "ja", and a choice by its label."""
    if value is None or value == "":
        return "tomt"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(field, PeriodEnd):
        return str(last_day_before(date.fromisoformat(value)))
    labels = dict(getattr(field, "flatchoices", None) or ())
    return str(labels.get(value, value))


def changes_of(label: str, changes: dict) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of values: {field: [before, after]}."""
    for name, (before, after) in changes.items():
        field = field_of(label, name)
        yield (
            capfirst(field_label(label, name)),
            word(named([before], field), field),
            word(named([after], field), field),
        )


def facts_of(label: str, facts: dict) -> Iterator[tuple[str, str]]:
    """(what, in words) of facts: {"groups": {"added": [3], "removed": []}}, {"rows": 12}."""
    for name, fact in facts.items():
        yield capfirst(field_label(label, name)), _fact(fact, field_of(label, name))


def _fact(fact, field):
    if isinstance(fact, dict) and {*fact} <= {"added", "removed"}:
        parts = ((words, fact.get(way)) for way, words in WAYS_OF_A_LIST)
        return "; ".join(f"{words}: {named(ids, field)}" for words, ids in parts if ids) or "–"
    if isinstance(fact, list) and len(fact) == 2 and field is not None:
        return " → ".join(word(named([each], field), field) for each in fact)
    if isinstance(fact, list):
        return ", ".join(WAYS.get(str(each), str(each)) for each in fact[:MOST_NAMED]) + (
            f" och {len(fact) - MOST_NAMED} till" if len(fact) > MOST_NAMED else ""
        )
    return word(fact)


WAYS_OF_A_LIST = [("added", "tillagda"), ("removed", "borttagna")]


def named(ids: list, field):
    """Rows that are pointed at, by name and number: "Redaktörer (3)". One that is gone is its
    number; a value that points at no row is itself."""
    if field is None or not field.is_relation or ids == [None]:
        return ids[0] if len(ids) == 1 else ", ".join(str(each) for each in ids)
    model, found = field.related_model, {}
    numbers = [each for each in ids if isinstance(each, int)][:MOST_NAMED]
    if field.many_to_many or getattr(field.target_field, "primary_key", False):
        found = model._base_manager.in_bulk(numbers)
    more = [f"{len(ids) - MOST_NAMED} till"] if len(ids) > MOST_NAMED else []
    shown = [f"{found[each]} ({each})" if each in found else str(each) for each in ids[:MOST_NAMED]]
    return ", ".join([*shown, *more])
