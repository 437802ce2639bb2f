"""A reader's words → the units that are meant, best first."""

import re
from dataclasses import dataclass, field

from django.utils import timezone

from portal.accounts.hsa_id import normal_hsa_id
from portal.search.analyser import fold
from portal.search.query import find_by_name

from .coordinators import WITH_ABOVE
from .models import Unit

MOST_SHOWN = 8
SHORTEST_FORMER = 3  # letters of a former name
MOST_STEPS = 5  # from an ended unit to the one that stands for it today
# Everybody who asks here wants the coordinator; the word tells no unit from another.
_FUNCTION_WORDS = re.compile(r"\b(?:rehab\w*)?[ck]oordinator\w*|\breko\b", re.IGNORECASE)


@dataclass
class Found:
    """What a reader's words led to.

    units   best first, at most MOST_SHOWN of `total`
    sure    the first is the one that was meant
    partial none has all the words
    ended   the unit that was meant and is no more; its successor stands first among units
    did_you_mean  the words with misspellings corrected, or ""
    """

    units: list[Unit] = field(default_factory=list)
    total: int = 0
    sure: bool = False
    partial: bool = False
    ended: Unit | None = None
    did_you_mean: str = ""


def find_units(text: str) -> Found:
    """At most ten queries, whatever there is to be found."""
    text = _FUNCTION_WORDS.sub(" ", text).strip() or text
    opened = Unit.objects.opened().select_related(*WITH_ABOVE)
    if unit := opened.filter(hsa_id=normal_hsa_id(text)).first():
        return _of_one(unit)
    named = find_by_name(text, "unit")
    if not named.complete and (unit := _ended(opened, text)):
        return _of_one(unit)
    shown = [match.object_id for match in named.matches[:MOST_SHOWN]]
    total = len(named.matches)
    if named.complete and total < MOST_SHOWN:
        # Search knows beginnings and ends of words: "psyk" stands inside "Vuxenpsykiatrin".
        inside = Unit.objects.public().matching(text).exclude(pk__in=shown).order_by("name", "pk")
        more = list(inside.values_list("pk", flat=True)[: MOST_SHOWN - total])
        shown, total = shown + more, total + len(more)
    by_pk = Unit.objects.public().select_related(*WITH_ABOVE).in_bulk(shown)
    whole = [match.object_id for match in named.matches if match.whole]
    first_is_meant = named.complete and (total == 1 or whole == shown[:1])
    return Found(
        [by_pk[pk] for pk in shown if pk in by_pk],
        total,
        sure=first_is_meant,
        partial=not named.complete,
        did_you_mean=named.did_you_mean,
    )


def _ended(opened, text):
    """A unit that is no more and has all the words, the last one to end."""
    if len(fold(text)) < SHORTEST_FORMER:
        return None
    ended = opened.filter(valid_to__lte=timezone.localdate())
    return ended.matching(text).order_by("-valid_to", "pk").first()


def _of_one(unit):
    if not unit.has_ended:
        return Found([unit], 1, sure=True)
    heir = heir_of(unit)
    return Found([heir] if heir else [], 1 if heir else 0, sure=True, ended=unit)


def heir_of(unit: Unit) -> Unit | None:
    """Who stands for an ended unit today: its successor, or the successor's own."""
    seen = set()
    while unit and unit.has_ended and unit.pk not in seen and len(seen) < MOST_STEPS:
        seen.add(unit.pk)
        opened = Unit.objects.opened().select_related(*WITH_ABOVE)
        unit = opened.filter(pk=unit.successor_id).first()
    return unit if unit and not unit.has_ended else None
