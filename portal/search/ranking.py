"""Postings and expanded words → scores, BM25-like. Pure.

In two steps: every match gets a score of what its postings tell, then the best fifty are
weighed again with what only their entries tell.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from .expansion import Word

SATURATION = 1.2  # how soon more of the same word stops counting (BM25's k1)
LENGTH_NORM = 0.4  # how much a long text is held back (BM25's b)
TYPICAL_LENGTH = 110  # words of a text that is neither held back nor helped
TITLE_BONUS = 0.8  # a word that stands in the title
WHOLE_TITLE_BONUS = 0.5  # the query and the title cover each other
SAME_TITLE_BONUS = 0.3  # the query is the title, little words too
OVERDUE_FACTOR = 0.8  # a text that nobody has read for too long gives way
ENOUGH = 5  # so many entries with all the words, and those with some are left out
WEIGHED_AGAIN = 50

# What a query's words give an entry: (each matched word's strength times its rarity, how many
# words stand in the title, each by the factor of its alternative, how many words it has).
Score = tuple[float, float, int]
# {stem: {entry pk: (strength, in title)}}
Postings = Mapping[str, Mapping[int, tuple[int, bool]]]


class Candidate(NamedTuple):
    """An entry among the best, with what only the entry tells."""

    pk: int
    kind: str
    object_id: int
    title: str
    folded_title: str
    title_length: int
    weight: float
    overdue: bool


def strength(weight: int, length: int, in_title: bool, entry_weight: float) -> int:
    """What a stem that stands in an entry with a weight is worth, in thousandths."""
    norm = 1 - LENGTH_NORM + LENGTH_NORM * length / TYPICAL_LENGTH
    worth = weight * (SATURATION + 1) / (weight + SATURATION * norm) + TITLE_BONUS * in_title
    return round(1000 * worth * entry_weight)


def matches(word: Word, postings: Postings) -> dict[int, tuple[float, float]]:
    """{entry pk: (strength, factor if in the title else 0)} of a word's best alternatives."""
    found = {}
    for stems, factor in word.alternatives.items():
        first = postings.get(stems[0], {})
        if len(stems) == 1:
            for pk, (own, in_title) in first.items():
                worth = factor * own
                if pk not in found or worth > found[pk][0]:
                    found[pk] = (worth, factor if in_title else 0)
            continue
        others = [postings.get(stem, {}) for stem in stems[1:]]
        for pk in first:
            if all(pk in other for other in others):
                each = [first[pk], *(other[pk] for other in others)]
                worth = factor * min(own for own, _ in each)
                if pk not in found or worth > found[pk][0]:
                    found[pk] = (worth, factor if all(title for _, title in each) else 0)
    return found


def rank(
    words: list[Word],
    found: list[dict[int, tuple[float, float]]],
    places: Mapping[int, tuple[str, str]],
    *,
    commonness: Collection[int],
    entries: int,
) -> dict[int, Score]:
    """{entry pk: score} of every entry that matches, the best first; ties by address.

    Only those with all words where they are enough, else any word; the more the better.

    found       what `matches` gives for each word
    places      {entry pk: (kind, address)}
    commonness  at least how many entries have each word
    """
    scores: dict[int, Score] = {}
    for matched, common in zip(found, commonness, strict=True):
        common = max(common, len(matched))
        rarity = math.log(1 + (max(entries - common, 0) + 0.5) / (common + 0.5)) / 1000
        for pk, (worth, in_title) in matched.items():
            if pk in scores:
                sum_, title, count = scores[pk]
                scores[pk] = (sum_ + worth * rarity, title + in_title, count + 1)
            else:
                scores[pk] = (worth * rarity, in_title, 1)
    complete = {pk: score for pk, score in scores.items() if score[2] == len(words)}
    if len(complete) >= ENOUGH:
        scores = complete
    best_first = sorted(
        (-sum_ * _factor(title, count, len(words)), places[pk][1], pk)
        for pk, (sum_, title, count) in scores.items()
    )
    return {pk: scores[pk] for _, _, pk in best_first}


@lru_cache(maxsize=1000)  # asked for each entry, and few of them differ
def _factor(title, count, words, title_length=0):
    coverage = min(1, title / max(title_length, words))
    return (1 + WHOLE_TITLE_BONUS * coverage) * (count / words) ** 2


def weigh_again(
    candidates: Iterable[Candidate], scores: Mapping[int, Score], words: list[Word], query: str
) -> list[Candidate]:
    """The best entries in their final order; ties by title, kind and id.

    query  folded as titles are
    """
    worths = []
    for each in candidates:
        sum_, title, count = scores[each.pk]
        worth = sum_ * _factor(title, count, len(words), each.title_length)
        worth *= 1 + SAME_TITLE_BONUS * (each.folded_title == query and each.weight >= 1)
        worth *= OVERDUE_FACTOR if each.overdue else 1
        worths.append((-round(worth, 6), each.title, each.kind, each.object_id, each))
    return [row[-1] for row in sorted(worths)]
