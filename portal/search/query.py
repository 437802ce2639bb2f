"""Reading the index: search and suggestions. At most six queries, whatever the data holds."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import Avg, Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.safestring import SafeString

from .analyser import compose, fold
from .expansion import Word, expand, query_words
from .highlight import excerpt
from .index import folded_title
from .models import SearchEntry, SearchPosting, SearchTerm, visible_at
from .ranking import Candidate, rank
from .sources import all_sources, synonym_groups

PER_PAGE = 20
MOST_SUGGESTIONS = 8
SHORTEST_SUGGESTED = 2

# Entries below it are names to be found, not texts to be compared with.
LEAST_TEXT_WEIGHT = 0.5


@dataclass(frozen=True)
class Hit:
    kind: str
    object_id: int
    label: str
    title: str
    url: str
    excerpt: SafeString


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
    page    Django's page object, for the pager
    """

    hits: list[Hit]
    total: int
    page: Page
    counts: list[KindCount] = field(default_factory=list)
    did_you_mean: str = ""


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
    expand(words, synonym_groups())
    # Names and other short entries that are weighted down do not make the texts seem long.
    texts = SearchEntry.objects.visible().filter(weight__gte=LEAST_TEXT_WEIGHT)
    candidates = _candidates(_stems(words))
    ranked = _ranked(text, words, candidates, among=texts)
    by_kind = defaultdict(list)
    for each in ranked:
        by_kind[each.kind].append(each)
    counted = {kind: len(_each_page_once(found)) for kind, found in by_kind.items()}
    chosen = _each_page_once([each for each in ranked if not kinds or each.kind in kinds])
    shown = Paginator(chosen, PER_PAGE).get_page(page)
    return Results(
        hits=_hits(shown.object_list, words),
        total=len(chosen),
        page=shown,
        counts=[
            KindCount(source.kind, source.label, counted[source.kind])
            for source in all_sources()
            if source.kind in counted
        ],
        did_you_mean=_did_you_mean(text, words, candidates),
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
    expand(words, synonym_groups())
    candidates = _candidates(_stems(words), kind=kind)
    among = SearchEntry.objects.visible().filter(kind=kind)
    ranked = _ranked(text, words, candidates, among=among)
    complete = [each for each in ranked if all(_has(word, each) for word in words)]
    return NameMatches(
        [
            NameMatch(
                each.object_id,
                bool(complete)
                and sum(in_title for _, in_title in each.stems.values()) >= each.title_length
                and all(_has(word, each, in_title=True) for word in words),
            )
            for each in complete or ranked
        ],
        complete=bool(complete),
        did_you_mean=_did_you_mean(text, words, candidates),
    )


def _ranked(text, words, candidates, *, among):
    """The candidates that match, best first, by how rare the words are `among` some entries."""
    size = among.aggregate(entries=Count("pk"), mean=Avg("length"))
    return rank(
        words,
        candidates,
        query=folded_title(text),
        entries=size["entries"],
        mean_length=float(size["mean"] or 0),
    )


def _has(word, candidate, in_title=False):
    """Whether an entry has all the stems of one of a word's alternatives."""
    return any(
        all(stem in candidate.stems and (candidate.stems[stem][1] or not in_title) for stem in key)
        for key in word.alternatives
    )


def _stems(words: Iterable[Word]) -> set[str]:
    return {stem for word in words for key in word.alternatives for stem in key}


def _candidates(stems, **rule):
    """Every visible entry that has one of the stems, from one query."""
    rule = {f"entry__{name}": value for name, value in rule.items()}
    rows = SearchPosting.objects.filter(
        visible_at(timezone.now(), "entry__"), stem__in=stems, **rule
    ).values_list(
        "entry_id",
        "entry__kind",
        "entry__object_id",
        "entry__title",
        "entry__folded_title",
        "entry__url",
        "entry__title_length",
        "entry__length",
        "entry__weight",
        "stem",
        "weight",
        "in_title",
    )
    found = {}
    for *entry, stem, weight, in_title in rows.order_by():
        candidate = found.get(entry[0])
        if candidate is None:
            candidate = found[entry[0]] = Candidate(*entry)
        candidate.stems[stem] = (weight, in_title)
    return list(found.values())


def _each_page_once(candidates):
    """The best of those that lead to one whole page, as a form and the page about it do.

    What has an anchor is a place of its own on its page.
    """
    seen = set()
    return [
        each
        for each in candidates
        if "#" in each.url or not (each.url in seen or seen.add(each.url))
    ]


def _hits(candidates, words):
    labels = {source.kind: source.label for source in all_sources()}
    entries = SearchEntry.objects.in_bulk([each.pk for each in candidates])
    return [
        Hit(
            kind=entry.kind,
            object_id=entry.object_id,
            label=labels.get(entry.kind, ""),
            title=entry.title,
            url=entry.url,
            excerpt=excerpt(entry.text, _found_stems(words, each)),
        )
        for each in candidates
        if (entry := entries.get(each.pk))
    ]


def _found_stems(words, candidate):
    """The stems of the alternatives that a candidate has in full."""
    keys = (key for word in words for key in word.alternatives)
    return {stem for key in keys if candidate.stems.keys() >= set(key) for stem in key}


def _did_you_mean(text, words, candidates):
    """The query with each guessed word replaced by the best guess that finds something."""
    found = {stem for candidate in candidates for stem in candidate.stems}
    corrected = text = compose(text)
    for word in reversed(words):
        guesses = [
            (-word.alternatives[key], key, shown)
            for key, shown in word.near.items()
            if key in word.alternatives and found.issuperset(key)
        ]
        if guesses:
            shown = min(guesses)[2]
            corrected = corrected[: word.token.start] + shown + corrected[word.token.end :]
    return corrected if corrected != text else ""


def suggest(prefix: str) -> list[Suggestion]:
    """Titles that begin so, titles with a word that does, then words. Two queries.

    Sorted here, since databases do not agree on the order of letters.
    """
    wanted = folded_title(prefix)
    if len(wanted) < SHORTEST_SUGGESTED:
        return []
    rows = SearchEntry.objects.visible().filter(
        Q(folded_title__startswith=wanted) | Q(folded_title__contains=f" {wanted}")
    )
    titles = sorted(
        rows.values_list("folded_title", "title", "url"),
        key=lambda row: (not row[0].startswith(wanted), row),
    )
    suggestions = {}
    for _, title, url in titles:
        suggestions.setdefault(title, Suggestion(title, url))
    for word in _words_beginning(fold(prefix)):
        suggestions.setdefault(word, Suggestion(word))
    return list(suggestions.values())[:MOST_SUGGESTIONS]


def _words_beginning(prefix):
    """Spellings of words that visible entries hold, one for each stem, shortest first."""
    in_use = SearchPosting.objects.filter(
        visible_at(timezone.now(), "entry__"), stem=OuterRef("stem")
    )
    terms = SearchTerm.objects.filter(Exists(in_use), form__startswith=prefix)
    by_stem = {}
    for _, _, stem, shown in sorted(
        (len(form), form, stem, shown)
        for form, stem, shown in terms.values_list("form", "stem", "shown")
    ):
        by_stem.setdefault(stem, shown)
    return list(by_stem.values())[:MOST_SUGGESTIONS]
