"""A name or HSA-id in a file → a unit of the portal.

A unit is sure when its HSA-id stands there, when exactly one unit of the comparison has the
name, or when somebody has chosen once and another has approved. Anything else is doubtful and is
asked about: likeness only orders the choices.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q

from followup.models import Indicator, UnitName
from organisation.models import Unit
from portal.accounts.hsa_id import normal_hsa_id
from portal.tables.values import text_of

CANDIDATES = 5
LEAST_ALIKE = 0.25
LONGEST_NAME = 200
_TRAILING_ID = re.compile(r"(.*?)[ ,(\[]+([A-Za-z0-9]+-[A-Za-z0-9-]+)[)\]]?")


class KnownUnit(NamedTuple):
    """compared: whether it belonged to the indicator's comparison that year."""

    pk: int
    hsa_id: str
    name: str
    kind: str
    town: str
    compared: bool


@dataclass(slots=True)
class Match:
    """how: "id", "name", "chosen" (for this batch), "remembered", "left" (not to be taken) or
    "doubtful", then with candidates, the most alike first."""

    how: str
    unit: KnownUnit | None = None
    candidates: Sequence[KnownUnit] = ()
    row: int = 0  # where it stands first


def name_key(name: str) -> str:
    """As names are compared: "Vårdcentralen  Norr." and "vårdcentralen norr" are one."""
    return re.sub(r"[\W_]+", " ", text_of(name).casefold()).strip()[:LONGEST_NAME]


def known_units(indicator: Indicator, year: int) -> list[KnownUnit]:
    """All units, by name; two queries."""
    kinds = set(indicator.comparison_kinds.values_list("pk", flat=True))
    existed = Q(valid_from=None) | Q(valid_from__lt=date(year + 1, 1, 1))
    existed &= Q(valid_to=None) | Q(valid_to__gt=date(year, 1, 1))
    rows = (
        Unit.objects.order_by("name", "hsa_id")
        .annotate(existed=existed)
        .values_list("pk", "hsa_id", "name", "kind__name", "town", "kind", "existed")
    )
    return [
        KnownUnit(pk, hsa_id, name, kind, town, existed and kind_pk in kinds)
        for pk, hsa_id, name, kind, town, kind_pk, existed in rows.iterator()
    ]


class Matcher:
    """choices: {name as compared: HSA-id, "" for none}, made for this batch."""

    def __init__(self, units: list[KnownUnit], choices: dict[str, str]):
        self.by_id = {unit.hsa_id: unit for unit in units}
        self.choices = choices
        self.remembered = {
            name: hsa_id or ""
            for name, hsa_id in UnitName.objects.values_list("key", "unit__hsa_id")
        }

    @cached_property
    def _names(self):
        """Only made for a file that has names."""
        names = defaultdict(list)
        for unit in self.by_id.values():
            names[name_key(unit.name)].append(unit)
        return names

    @cached_property
    def _grams(self):
        found = defaultdict(list)
        for unit in self.by_id.values():
            for gram in _grams(unit.name):
                found[gram].append(unit)
        return found

    def match(self, text: str) -> Match:
        if unit := self.by_id.get(text) or self.by_id.get(normal_hsa_id(text)):
            return Match("id", unit)
        if (found := _TRAILING_ID.fullmatch(text)) and (
            unit := self.by_id.get(normal_hsa_id(found[2]))
        ):
            return Match("id", unit)
        key = name_key(text)
        for how, names in (("chosen", self.choices), ("remembered", self.remembered)):
            if key in names:
                unit = self.by_id.get(names[key])
                if unit or not names[key]:
                    return Match(how, unit) if unit else Match("left")
        named = self._names.get(key, [])
        compared = [unit for unit in named if unit.compared] or named
        if len(compared) == 1:
            return Match("name", compared[0])
        return Match("doubtful", candidates=compared[:CANDIDATES])

    def alike(self, text: str) -> list[KnownUnit]:
        """Units with names that share most groups of three letters with a text."""
        own, shared = _grams(text), defaultdict(int)
        for gram in own:
            for unit in self._grams.get(gram, ()):
                shared[unit] += 1
        scored = [
            (count / (len(own) + len(_grams(unit.name)) - count), unit.compared, unit)
            for unit, count in shared.items()
        ]
        scored.sort(key=lambda each: (-each[0] - 0.1 * each[1], each[2].name, each[2].pk))
        return [unit for score, _, unit in scored if score >= LEAST_ALIKE][:CANDIDATES]


def _grams(name):
    # "vc" is how exports and people write it.
    text = re.sub(r"\bvc\b", "vårdcentralen", name_key(name))
    words = (f" {word} " for word in text.split())
    return {word[start : start + 3] for word in words for start in range(len(word) - 2)}
