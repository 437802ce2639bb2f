"""Query words → what they may stand for in the index, each with a factor.

A word is matched by any of its alternatives; an alternative is one stem, or several that
must all be there ("FMA" = försäkringsmedicinskt + ansvarig + läkare).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from portal.caching.parts import kept

from .analyser import Token, compose, stem, stems, tokens
from .models import SearchTerm
from .rows import rows_of

MOST_WORDS = 12
MOST_ALTERNATIVES = 60

SAME = 1.0
JOINED = 0.9  # two query words that are one in the text: "medicin kliniken"
SYNONYM = 0.8
PREFIX = 0.6  # only the last word: the reader may still be writing
SPLIT = 0.6  # one query word that is two in the text: "yttresekretess"
PART_OF_CODE = 0.5
STARTS_OR_ENDS = 0.45  # läkarintyg for intyg
TAIL = 0.3  # intyg for läkarintyg
NEAR = 0.7  # divided by the number of wrong letters
NEAR_START = 0.35  # a misspelled beginning of a longer word
HEAD = 0.2  # norr for norrgard, when nothing else is found
DIAGNOSIS = 0.25  # what a diagnosis code is about, for one that no text has
OWN_FROM = SYNONYM  # the reader's own word and what means the same
GOOD_ENOUGH = STARTS_OR_ENDS  # with this or better nobody guesses at misspellings

ABOUT_DIAGNOSES = "diagnos beslutsstöd"

SHORTEST_PREFIX = 2
SHORTEST_PIECE = 4  # of a compound
SHORTEST_HEAD, SHORTEST_TAIL = 4, 3  # of a compound taken apart into two known words
SHORTEST_BEFORE_TAIL = 3  # "semester" is no kind of "mest"
SHORTEST_GUESSED = 4
TWO_ERRORS_FROM = 8
ONE_REPLACED_FROM, TWO_REPLACED_FROM = 6, 12  # letters of the word
MOST_BEGINNINGS = 100  # terms that begin or end with a word of the query
MOST_NEAR = 1000  # words that are like a misspelled one


class Term(NamedTuple):
    """A row of the terms, without the cost of a model's object."""

    form: str
    stem: str
    shown: str
    entries: int


@dataclass
class Word:
    """A word of the query.

    alternatives  {("lakarintyg",): 0.45, …}
    near          the same stems where they are guesses: {("sekretess",): (1, "sekretess")},
                  with how many letters were wrong and the spelling to propose
    entries       {("lakarintyg",): about how many entries have it, …} of those that are known
    is_unknown    no text has it, nor what means the same or begins or ends so
    """

    token: Token
    alternatives: dict[tuple[str, ...], float] = field(default_factory=dict)
    near: dict[tuple[str, ...], tuple[int, str]] = field(default_factory=dict)
    entries: dict[tuple[str, ...], int] = field(default_factory=dict)
    is_unknown: bool = False

    def add(self, stems: tuple[str, ...], factor: float, entries: int = 0) -> None:
        self.alternatives[stems] = max(factor, self.alternatives.get(stems, 0))
        self.entries[stems] = max(entries, self.entries.get(stems, 0))

    @property
    def is_word(self) -> bool:
        """Letters only: codes and numbers are not bent, compounded or misspelled."""
        return self.token.form.isalpha()

    @property
    def is_diagnosis(self) -> bool:
        return self.token.stem == f"icd{self.token.form}"


def query_words(text: str) -> list[Word]:
    """A query's first words, each once; a code is one word, its last part a weaker match."""
    words, last_parts = {}, {}
    for token in tokens(compose(text)):
        if token.whole:
            last_parts[token.whole] = token
        else:
            words.setdefault(token.stem, Word(token, {(token.stem,): SAME}))
    for word in words.values():
        part = last_parts.get(word.token.form)
        # A category of diagnoses tells enough in three signs, a number needs four.
        if part and len(part.stem) >= SHORTEST_PIECE:
            word.add((part.stem,), PART_OF_CODE)
    return list(words.values())[:MOST_WORDS]


@lru_cache(maxsize=10_000)
def phrase_stems(text: str) -> tuple[str, ...]:
    """The stems of what an editor has written: the same few thousand texts in every search."""
    return tuple(stems(text))


# What stands for what, by the first word: {"fma": [(("fma",), (("forsakringsmedicinsk",
# "ansvarig", "lak"), …)), …]}
Phrases = dict[str, list[tuple[tuple[str, ...], list[tuple[str, ...]]]]]


def phrases_of(synonym_groups: Iterable[list[str]]) -> Phrases:
    found = defaultdict(list)
    for group in synonym_groups:
        phrases = list(filter(None, map(phrase_stems, group)))
        for phrase in phrases:
            found[phrase[0]].append((phrase, [other for other in phrases if other != phrase]))
    return dict(found)


def expand(words: list[Word], phrases: Phrases) -> None:
    """Fill in the words' alternatives. One query, and up to three more when a word is unknown;
    a fourth where all words of the index are not kept."""
    _add_synonyms(words, [word.token.stem for word in words], phrases)
    joined = _joined(words)
    _add_synonyms_of_joined(joined, phrases)
    known = _known_terms(words, joined)
    stems_known = {term.stem for term in known}
    _add_related(words, known)
    for first, second, stem_of_both in joined:
        if stem_of_both in stems_known:
            first.add((stem_of_both,), JOINED)
            second.add((stem_of_both,), JOINED)
    for word in words:
        word.is_unknown = _is_unknown(word, stems_known)
    stems_known |= _add_splits([word for word in words if word.token.stem not in stems_known])
    if unknown := [word for word in words if word.is_unknown]:
        _add_near(unknown)
        _add_synonyms(words, [_best_guess(word) for word in words], phrases, factor=NEAR)
    _add_last_resort(
        [
            word
            for word in words
            if not word.near and not any(stems_known.issuperset(key) for key in word.alternatives)
        ]
    )
    for word in words:
        _keep_best(word)


def _add_last_resort(words):
    """For a word that stands nowhere: the longest beginning that is a word of its own; for a
    diagnosis that no text names: what diagnoses are about."""
    heads = {word.token.stem: set(_heads(word)) for word in words}
    wanted = set().union(*heads.values())
    terms = _terms(wanted)
    for word in words:
        if word.is_diagnosis:
            for subject in stems(ABOUT_DIAGNOSES):
                word.add((subject,), DIAGNOSIS)
        own = [term for term in terms if term.stem in heads[word.token.stem]]
        if own:
            longest = max(own, key=lambda term: (len(term.stem), -len(term.form), term.form))
            word.add((longest.stem,), HEAD)


def _keep_best(word):
    best = sorted(word.alternatives.items(), key=lambda item: (-item[1], item[0]))
    word.alternatives = dict(best[:MOST_ALTERNATIVES])


# -- synonyms --------------------------------------------------------------------------------


def _add_synonyms(words, sequence, phrases, factor=1.0):
    """What stands for a phrase of the query also goes for what means the same.

    sequence  the words' stems, or the best guesses at them
    """
    for place, first in enumerate(sequence):
        for phrase, others in phrases.get(first, ()):
            if tuple(sequence[place : place + len(phrase)]) == phrase:
                for word in words[place : place + len(phrase)]:
                    for other in others:
                        word.add(other, SYNONYM * factor)


def _add_synonyms_of_joined(joined, phrases):
    """ "rehab-koordinator" and "rehab koordinator" mean what "rehabkoordinator" means."""
    for first, second, stem_of_both in joined:
        for phrase, others in phrases.get(stem_of_both, ()):
            if phrase == (stem_of_both,):
                for other in others:
                    first.add(other, SYNONYM * JOINED)
                    second.add(other, SYNONYM * JOINED)


# -- words in the index that are related -----------------------------------------------------


def _joined(words):
    """[(word, the next one, the stem of both written as one)], with and without a link -s.

    Not where the next one looks like an ending: "samtycke ringa" is no form of samtycke.
    """
    pairs = []
    for first, second in itertools.pairwise(words):
        if first.is_word and second.is_word:
            head, tail = first.token.form, second.token.form
            stems_of_both = {stem(head + link + tail) for link in ("", "s")}
            own = {first.token.stem, second.token.stem}
            pairs += [(first, second, both) for both in sorted(stems_of_both - own)]
    return pairs


def _splits(word):
    """The pairs of stems a word may be put together from."""
    form = word.token.form
    if not word.is_word:
        return []
    pairs = set()
    for cut in range(SHORTEST_HEAD, len(form) - SHORTEST_TAIL + 1):
        head, tail = form[:cut], stem(form[cut:])
        pairs.add((stem(head), tail))
        if head.endswith("s") and cut > SHORTEST_HEAD:
            pairs.add((stem(head[:-1]), tail))
    return sorted(pairs)


def _add_splits(words):
    """Take words that stand nowhere apart into two that do; returns the stems of those."""
    splits = {word.token.stem: _splits(word) for word in words}
    wanted = {stem for pairs in splits.values() for pair in pairs for stem in pair}
    known = {term.stem for term in _terms(wanted)}
    used = set()
    for word in words:
        for pair in splits[word.token.stem]:
            if known.issuperset(pair):
                word.add(pair, SPLIT)
                used.update(pair)
    return used


def _known_terms(words, joined):
    """The index's terms that a word may stand for, in one query."""
    beginnings = []
    for word in words:
        if word.is_word and len(word.token.stem) >= SHORTEST_PIECE:
            beginnings.append(("stem", word.token.stem))
            beginnings.append(("backward", word.token.stem[::-1]))
    if words and len(words[-1].token.form) >= SHORTEST_PREFIX:
        beginnings.append(("form", words[-1].token.form))
    return _terms(_exact_stems(words, joined), beginnings)


def _exact_stems(words, joined):
    exact = {stem_of_both for _, _, stem_of_both in joined}
    for word in words:
        exact.add(word.token.stem)
        exact.update(stem for key in word.alternatives for stem in key)
        exact.update(_tails(word))
    return exact


_COLUMNS = "form, stem, shown, entries"


def _terms(stems=(), beginnings=(), forms=()):
    """Terms with some stems or forms, and the first that begin so: [("form", "sjuk"), …]. Only
    those that stand in some entry: an entry taken out leaves its terms behind.

    Written as SQL: a limit for each beginning makes the ORM build the query longer than the
    database answers it. A beginning is a range, which an index answers on either database: forms
    and stems hold a–z and 0–9 only, and nothing sorts after a row of z. Sorted here, since
    databases do not agree on the order of letters.
    """
    parts, params = [], []
    for field_, values in (("stem", stems), ("form", forms)):
        if values:
            marks = ", ".join(["%s"] * len(values))
            parts.append(f"SELECT {_COLUMNS} FROM search_searchterm WHERE {field_} IN ({marks})")  # noqa: S608
            params += sorted(values)
    for field_, beginning in beginnings:
        parts.append(
            f"SELECT * FROM (SELECT {_COLUMNS} FROM search_searchterm "  # noqa: S608
            f"WHERE {field_} >= %s AND {field_} <= %s ORDER BY {field_}, form "
            f"LIMIT {MOST_BEGINNINGS}) AS part{len(parts)}"
        )
        params += [beginning, beginning + "z" * (64 - len(beginning))]
    if not parts:
        return []
    rows = rows_of(
        _COLUMNS,
        f"SELECT * FROM ({' UNION '.join(parts)}) AS t WHERE EXISTS "  # noqa: S608
        "(SELECT 1 FROM search_searchposting p WHERE p.stem = t.stem)",
        params,
    )
    return sorted(map(Term._make, rows))


def _tails(word):
    stem = word.token.stem
    cuts = range(SHORTEST_BEFORE_TAIL, len(stem) - SHORTEST_PIECE + 1)
    return [stem[cut:] for cut in cuts] if word.is_word else []


def _heads(word):
    form = word.token.form
    return [stem(form[:cut]) for cut in range(SHORTEST_PIECE, len(form))] if word.is_word else []


def _add_related(words, known):
    last = words[-1].token.form if words else ""
    tails = {word.token.stem: set(_tails(word)) for word in words}
    for term in known:
        for word in words:
            own, factor = word.token.stem, 0
            if term.stem == own:
                factor = SAME
            elif word is words[-1] and len(last) >= SHORTEST_PREFIX and term.form.startswith(last):
                factor = PREFIX
            elif (
                word.is_word
                and len(own) >= SHORTEST_PIECE
                and (term.stem.startswith(own) or term.stem.endswith(own))
            ):
                factor = STARTS_OR_ENDS
            elif term.stem in tails[own]:
                factor = TAIL
            if factor:
                word.add((term.stem,), factor, term.entries)


# -- misspellings ----------------------------------------------------------------------------


def _is_unknown(word, stems_known):
    if not word.is_word or len(word.token.form) < SHORTEST_GUESSED:
        return False
    return not any(
        factor >= GOOD_ENOUGH and stems_known.issuperset(key)
        for key, factor in word.alternatives.items()
    )


def _add_near(words):
    spellings = kept("search", "spellings", _spellings)
    near = {word.token.form: _near(word.token.form, spellings) for word in words}
    for term in _terms(forms=set().union(*near.values())):
        for word in words:
            if found := near[word.token.form].get(term.form):
                _add_if_near(word, term, *found)


def _spellings():
    """All words of the index in one text, a line each: faster to look through than a table, and
    no larger than what they are spelled with."""
    forms = SearchTerm.objects.filter(form__gte="a").order_by().values_list("form", flat=True)
    return "\n".join(["", *filter(str.isalpha, forms), ""])


def _near(form, spellings):
    """{a word that is like some form or begins so: how many letters are wrong, (all, of as much
    of its beginning)}"""
    most, found = _errors_allowed(form), {}
    for place, piece in _pieces(form):
        at = spellings.find(piece)
        while at >= 0:
            start, end = spellings.rfind("\n", 0, at) + 1, spellings.find("\n", at)
            # A piece stands about where it should.
            if abs(at - start - place) <= most:
                other = spellings[start:end]
                if other not in found:
                    found[other] = distances(form, other, most)
            at = spellings.find(piece, at + 1)
    nearest = sorted((errors, other) for other, errors in found.items() if min(errors) <= most)
    return {other: errors for errors, other in nearest[:MOST_NEAR]}


def _best_guess(word):
    """The stem of the best correction of a word, its own where none was needed."""
    guesses = [(-word.alternatives[key], key) for key in word.near]
    return min(guesses)[1][0] if guesses else word.token.stem


def _errors_allowed(form):
    return 2 if len(form) >= TWO_ERRORS_FROM else 1


def _pieces(form):
    """[(place, piece)] of which a misspelling leaves one whole: errors allowed plus one."""
    count = _errors_allowed(form) + 1
    cuts = [len(form) * number // count for number in range(count + 1)]
    return [(start, form[start:end]) for start, end in itertools.pairwise(cuts)]


def _add_if_near(word, term, errors, errors_at_start):
    """A misspelling keeps its first letter, and å, ä and ö are letters of their own for who
    writes them: "ångest" is not "anges" misspelled, but "arsjul" may be "Årshjul"."""
    written, shown = word.token.spelling.casefold(), term.shown.casefold()
    key, most = (term.stem,), _errors_allowed(word.token.form)
    if word.token.form[0] != term.form[0] or len(term.form) < SHORTEST_GUESSED:
        return
    if set("åäö") & set(written):
        errors, errors_at_start = distances(written, shown, most)
    if errors <= min(most, _errors_by_replacing(word.token.form, term.form)):
        word.add(key, NEAR / max(errors, 1), term.entries)
        word.near[key] = min((errors, term.shown), word.near.get(key, (errors, term.shown)))
    elif errors_at_start <= most:
        word.add(key, NEAR_START, term.entries)


def _errors_by_replacing(form, other):
    """How many letters may be wrong. A letter in another's place makes another word ("hund",
    "hand") more often than one that is missing, too many or has changed places."""
    if len(form) != len(other) or sorted(form) == sorted(other):
        return _errors_allowed(form)
    return (len(form) >= ONE_REPLACED_FROM) + (len(form) >= TWO_REPLACED_FROM)


def distances(word: str, term: str, most: int) -> tuple[int, int]:
    """Wrong letters between a word and a term, and between the word and the term's start.

    Counts a letter too many, missing, changed, or two that have changed places; stops
    counting above `most`. ("sekertess", "sekretesslag", 2) → (3, 1)
    """
    term = term[: len(word) + most + 1]
    before, above = None, list(range(len(word) + 1))
    best_start = above[-1]
    for row, letter in enumerate(term, start=1):
        # Further from the diagonal everything is above `most`.
        line = [row, *[most + 1] * len(word)]
        for column in range(max(1, row - most), min(len(word), row + most) + 1):
            own = word[column - 1]
            cost = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (own != letter))
            swapped = row > 1 and column > 1 and own == term[row - 2] and word[column - 2] == letter
            line[column] = min(cost, before[column - 2] + 1) if swapped else cost
        before, above = above, line
        best_start = min(best_start, line[-1])
        if min(line) > most:
            return most + 1, min(best_start, most + 1)
    return min(above[-1], most + 1), min(best_start, most + 1)
