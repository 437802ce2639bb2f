"""Postings and expanded words → scores, BM25-like. Pure."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

from .expansion import Word

SATURATION = 1.2  # how soon more of the same word stops counting (BM25's k1)
LENGTH_NORM = 0.4  # how much a long text is held back (BM25's b)
TITLE_BONUS = 0.8  # a word that stands in the title
WHOLE_TITLE_BONUS = 0.5  # the query and the title cover each other
SAME_TITLE_BONUS = 0.3  # the query is the title, little words too
ENOUGH = 5  # so many entries with all the words, and those with some are left out


@dataclass
class Candidate:
    """An entry with the weights of the stems that the query reached."""

    pk: int
    kind: str
    object_id: int
    title: str
    folded_title: str
    url: str
    title_length: int
    length: int
    weight: float
    stems: dict[str, tuple[int, bool]] = field(default_factory=dict)  # (weight, in title)


def rank(
    words: list[Word],
    candidates: list[Candidate],
    *,
    query: str,
    entries: int,
    mean_length: float,
) -> list[Candidate]:
    """The candidates that match, best first; ties by title, kind and id.

    Only those with all words where they are enough, else any word; the more the better.

    query  folded as titles are
    """
    norms = {
        each.pk: 1 - LENGTH_NORM + LENGTH_NORM * each.length / (mean_length or 1)
        for each in candidates
    }
    matches = [_matches(word, candidates, norms) for word in words]
    rarity = [math.log(1 + (entries - len(m) + 0.5) / (len(m) + 0.5)) for m in matches]
    scored = defaultdict(list)
    for each in candidates:
        count = sum(each.pk in match for match in matches)
        if count:
            score = _score(each, matches, rarity) * (count / len(words)) ** 2
            score *= 1 + SAME_TITLE_BONUS * (each.folded_title == query and each.weight >= 1)
            scored[count == len(words)].append((round(score, 6), each))
    chosen = scored[True] if len(scored[True]) >= ENOUGH else scored[True] + scored[False]
    chosen.sort(key=lambda pair: (-pair[0], pair[1].title, pair[1].kind, pair[1].object_id))
    return [each for _, each in chosen]


def _matches(word, candidates, norms):
    """{entry pk: (strength, factor if in the title else 0)} of a word's best alternatives."""
    by_stem = defaultdict(list)
    for stems, factor in word.alternatives.items():
        by_stem[stems[0]].append((stems, factor))
    matches = {}
    for each in candidates:
        strengths = [
            _strength(stems, factor, each, norms[each.pk])
            for stem in each.stems.keys() & by_stem.keys()
            for stems, factor in by_stem[stem]
            if len(stems) == 1 or each.stems.keys() >= set(stems)
        ]
        if strengths:
            matches[each.pk] = max(strengths)
    return matches


def _strength(stems, factor, candidate, norm):
    found = [candidate.stems[stem] for stem in stems]
    weight = min(weight for weight, _ in found)
    strength = factor * weight * (SATURATION + 1) / (weight + SATURATION * norm)
    in_title = factor if all(in_title for _, in_title in found) else 0
    return strength + TITLE_BONUS * in_title, in_title


def _score(candidate, matches, rarity):
    strength = title = 0.0
    for match, rare in zip(matches, rarity, strict=True):
        if candidate.pk in match:
            own, in_title = match[candidate.pk]
            strength += own * rare
            title += in_title
    coverage = min(1, title / max(candidate.title_length, len(matches)))
    return strength * (1 + WHOLE_TITLE_BONUS * coverage) * candidate.weight
