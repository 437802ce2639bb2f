"""Reading the index: search and suggestions. The number of queries does not follow
what the data holds: mostly five, a dozen for a misspelling among common words of a chosen kind."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.caching.parts import kept

from . import entries
from .analyser import compose, stems
from .expansion import OWN_FROM, expand, phrase_stems, phrases_of, query_words
from .hits import Hit, hits_of
from .index import folded_title
from .models import BestBet, SearchEntry, SearchPosting, SearchTerm, visible_at
from .postings import (
    MOST_BESIDE_COMMON,
    MOST_OF_A_PHRASE,
    MOST_OF_A_STEM,
    MOST_OF_A_SYNONYM,
    MOST_OF_MANY,
    MOST_OF_THE_REST,
    read,
)
from .ranking import WEIGHED_AGAIN, matches, rank, weigh_again
from .sources import all_sources, synonym_groups

PER_PAGE = 20
MANY_WORDS = 3
MOST_SUGGESTIONS = 8
SHORTEST_SUGGESTED = 2
MOST_LOOKED_AT = 200  # titles and words that begin as the reader has begun


@dataclass(frozen=True)
class KindCount:
    kind: str
    label: str
    count: int


@dataclass(frozen=True)
class Results:
    """A page of hits, best first.

    total   hits of the chosen kinds, on all pages
    counts  hits of every kind, also those not chosen, so that the reader can change over
    did_you_mean  the query with misspelled words corrected, or ""
    unknown  the query's words that nothing has, as written; the hits have what is like them
    page    Django's page object, for the pager
    more    there are more: of a common word only the strongest entries are ranked
    """

    hits: list[Hit]
    total: int
    page: Page
    counts: list[KindCount] = field(default_factory=list)
    did_you_mean: str = ""
    unknown: list[str] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True)
class Suggestion:
    """A title with its address, or a word without one."""

    text: str
    url: str = ""


def search(text: str, kinds: Collection[str] = (), page: int = 1) -> Results:
    """What the public may find for a query, of some kinds or (default) all of them."""
    words = query_words(text)
    if not words:
        return Results([], 0, Paginator([], PER_PAGE).get_page(1))
    expand(words, _phrases())
    found = _read(words)
    ranked = _ranked(words, found)
    counted = _count_kinds(ranked, found.places)
    if kinds and found.cut:
        # Of a common word the other kinds' strongest may have taken these kinds' places.
        found = _read(words, kinds)
        ranked = _ranked(words, found)
    chosen = [pk for pk in ranked if not kinds or found.places[pk][0] in kinds]
    chosen = _each_page_once(chosen, found.places)
    best = _weighed_again(text, words, chosen[:WEIGHED_AGAIN], ranked)
    order = [each.pk for each in best] + chosen[WEIGHED_AGAIN:]
    bets = [each for each in _best_bets(text) if not kinds or each.kind in kinds]
    places = {each.url for each in bets}
    if bets:
        rest = [pk for pk in order if found.places[pk][1] not in places]
        order = [each.pk for each in bets] + rest
    # What no word of the query leads to is a hit all the same.
    counted.update(each.kind for each in bets if each.pk not in found.places)
    shown = Paginator(order, PER_PAGE).get_page(page)
    return Results(
        hits=hits_of(shown.object_list, words, found.postings, places),
        total=len(order),
        page=shown,
        counts=[
            KindCount(source.kind, source.label, counted[source.kind])
            for source in all_sources()
            if source.kind in counted
        ],
        did_you_mean=_did_you_mean(text, words, found),
        unknown=[word.token.spelling for word in words if word.is_unknown],
        more=bool(found.cut),
    )


@dataclass(frozen=True)
class NameMatch:
    """whole: the query has all words of the title, and the title all words of the query"""

    object_id: int
    whole: bool


@dataclass(frozen=True)
class NameMatches:
    """Rows of one kind, best first.

    complete  they have all words of the query; otherwise none has, and they have some
    did_you_mean  the query with misspelled words corrected, or ""
    """

    matches: list[NameMatch]
    complete: bool = False
    did_you_mean: str = ""


def find_by_name(text: str, kind: str) -> NameMatches:
    """Rows of one kind for a few words about them, as when somebody looks for a unit.

    As forgiving as `search`, but only those with all the words where there are any.
    """
    words = query_words(text)
    if not words:
        return NameMatches([])
    expand(words, _phrases())
    found = _read(words, [kind])
    ranked = _ranked(words, found)
    complete = [pk for pk, (_, _, count) in ranked.items() if count == len(words)]
    order = complete or list(ranked)
    sure = [
        NameMatch(each.object_id, bool(complete) and _is_whole(each, words, found))
        for each in _weighed_again(text, words, order[:WEIGHED_AGAIN], ranked)
    ]
    rest = order[WEIGHED_AGAIN:]
    others = dict(SearchEntry.objects.filter(pk__in=rest).values_list("pk", "object_id"))
    return NameMatches(
        sure + [NameMatch(others[pk], False) for pk in rest if pk in others],
        complete=bool(complete),
        did_you_mean=_did_you_mean(text, words, found),
    )


def _phrases():
    """What means the same, kept while no content changes."""
    return kept("search", "phrases", lambda: phrases_of(synonym_groups()))


def _read(words, kinds=()):
    """The postings of a query's words: those of the reader's own words each within its bound."""
    alone, related, own = {}, {}, set()
    most_of_own = MOST_OF_A_STEM if len(words) < MANY_WORDS else MOST_OF_MANY
    for word in words:
        for key, factor in word.alternatives.items():
            if factor < OWN_FROM and len(key) == 1:
                related[key[0]] = word.entries.get(key, 0)
                continue
            most = MOST_OF_A_PHRASE if len(key) > 1 else MOST_OF_A_SYNONYM
            if factor > OWN_FROM:
                most = most_of_own
                own.update(key)
            for stem in key:
                alone[stem] = max(most, alone.get(stem, 0))
    related = {stem: entries for stem, entries in related.items() if stem not in alone}
    phrases = any(len(key) > 1 for word in words for key in word.alternatives)
    common = not kinds and all(_entries(word) > MOST_OF_A_STEM for word in words)
    return read(
        alone,
        related,
        kinds,
        rest=MOST_BESIDE_COMMON if common else MOST_OF_THE_REST,
        together=own if len(words) > 1 or phrases else (),
    )


def _entries(word):
    """About how many entries have just this word."""
    return word.entries.get((word.token.stem,), 0)


def _ranked(words, found):
    """Every entry that matches, by what its postings tell, best first."""
    return rank(
        words,
        [matches(word, found.postings) for word in words],
        found.places,
        commonness=[_entries(word) if found.cut else 0 for word in words],
        entries=found.entries,
    )


def _weighed_again(text, words, pks, scores):
    """The best entries in their final order. One query."""
    candidates = entries.candidates(pks, timezone.localdate())
    return weigh_again(candidates, scores, words, folded_title(text))


def _is_whole(entry, words, found):
    """Whether a query has all words of an entry's title, and the title all words of the query."""
    in_title = {
        stem for stem, pks in found.postings.items() if entry.pk in pks and pks[entry.pk][1]
    }
    return len(in_title) >= entry.title_length and all(
        any(in_title.issuperset(key) for key in word.alternatives) for word in words
    )


def _each_page_once(pks, places):
    """The best of those that lead to one whole page, as a form and the page about it do.

    What has an anchor is a place of its own on its page.
    """
    once = {}
    for pk in pks:
        url = places[pk][1]
        once.setdefault(pk if "#" in url else url, pk)
    return list(once.values())


def _count_kinds(pks, places):
    """{kind: how many}, each page once within each kind, since a reader who chooses a kind sees
    that one only."""
    found = [(kind, pk if "#" in url else url) for pk, (kind, url) in places.items() if pk in pks]
    return Counter(kind for kind, _ in set(found))


def _best_bets(text):
    """Visible entries that editors have put first for just these words. At most two queries."""
    return _chief_entries(
        kept("search", "best bets", _chosen_addresses).get(frozenset(stems(text)))
    )


def _chosen_addresses():
    """{the stems of a search: addresses that editors have put first for it}"""
    found = defaultdict(list)
    for url, phrases in BestBet.objects.values_list("address", "words"):
        for wanted in {frozenset(phrase_stems(phrase)) for phrase in phrases}:
            found[wanted].append(url)
    return found


def _chosen_for_beginning(wanted):
    """Visible entries that editors have put first for searches that begin so, folded. One query
    where there are any."""
    beginnings = kept("search", "beginnings of best bets", _chosen_beginnings)
    return _chief_entries({url for phrase, url in beginnings if phrase.startswith(wanted)})


def _chosen_beginnings():
    """[(a search, folded as titles are, an address that editors have put first for it)]"""
    chosen = BestBet.objects.values_list("address", "words")
    return [(folded_title(phrase), url) for url, phrases in chosen for phrase in phrases]


def _chief_entries(urls):
    """The chief visible entry at each address."""
    if not urls:
        return []
    visible = SearchEntry.objects.visible().filter(url__in=urls).order_by("url", "-weight", "pk")
    by_url = {}
    for entry in visible:
        by_url.setdefault(entry.url, entry)
    return list(by_url.values())


def _did_you_mean(text, words, found):
    """The query with each guessed word replaced by the best guess that finds something."""
    corrected = text = compose(text)
    for word in reversed(words):
        guesses = [
            (-word.alternatives[key], key, shown)
            for key, (_, shown) in word.near.items()
            if key in word.alternatives and found.postings.keys() >= set(key)
        ]
        if guesses:
            shown = min(guesses)[2]
            corrected = corrected[: word.token.start] + shown + corrected[word.token.end :]
    return corrected if corrected != text else ""


def suggest(prefix: str) -> list[Suggestion]:
    """What editors put first for searches that begin so, titles that do, titles with a word that
    does, then words. At most six queries.

    Sorted here, since databases do not agree on the order of letters.
    """
    wanted = folded_title(prefix)
    if len(wanted) < SHORTEST_SUGGESTED:
        return []
    words = _words_beginning(wanted.split()[-1])
    inside = SearchPosting.objects.filter(stem__in=list(words), in_title=True)
    inside = inside.order_by("-strength", "entry").values_list("entry", flat=True)[:MOST_LOOKED_AT]
    begins = Q(folded_title__gte=wanted, folded_title__lte=wanted + "z" * 20)
    first = SearchEntry.objects.filter(begins).order_by("folded_title", "pk")
    first = first.values_list("pk", flat=True)[:MOST_LOOKED_AT]
    rows = SearchEntry.objects.visible().filter(pk__in=[*first, *inside])
    titles = sorted(
        # Of equal titles the page stands before the word that leads to it.
        (not folded.startswith(wanted), folded, title, -weight, url)
        for folded, title, weight, url in rows.values_list("folded_title", "title", "weight", "url")
        if f" {wanted}" in f" {folded}"
    )
    suggestions = {
        each.title: Suggestion(each.title, each.url) for each in _chosen_for_beginning(wanted)
    }
    for _, _, title, _, url in titles:
        suggestions.setdefault(title, Suggestion(title, url))
    if " " not in wanted:
        for word in words.values():
            suggestions.setdefault(word, Suggestion(word))
    return list(suggestions.values())[:MOST_SUGGESTIONS]


def _words_beginning(prefix):
    """{stem: spelling} of words that visible entries hold, the shortest first."""
    in_use = SearchPosting.objects.filter(
        visible_at(timezone.now(), "entry__"), stem=OuterRef("stem")
    )
    terms = SearchTerm.objects.filter(form__gte=prefix, form__lte=prefix + "z" * 64)
    terms = terms.order_by("form")[:MOST_LOOKED_AT].values_list("pk", flat=True)
    terms = SearchTerm.objects.filter(Exists(in_use), pk__in=list(terms))
    by_stem = {}
    for _, _, stem, shown in sorted(
        (len(form), form, stem, shown)
        for form, stem, shown in terms.values_list("form", "stem", "shown")
    ):
        by_stem.setdefault(stem, shown)
    return by_stem
