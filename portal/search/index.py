"""Writing the index. Each function is one transaction and may run inside another."""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from .analyser import compose, fold, tokens
from .models import SearchEntry, SearchPosting, SearchTerm, SearchText
from .ranking import strength
from .sources import Searchable, all_sources, source

TITLE_WEIGHT, KEYWORD_WEIGHT, TEXT_WEIGHT = 6, 4, 1
LONGEST_WORD = 64
BATCH = 2000


@transaction.atomic
def rebuild() -> int:
    """Make the whole index anew; returns the number of entries."""
    for model in (SearchPosting, SearchText, SearchEntry, SearchTerm):
        model.objects.all().delete()
    count = sum(_add(each.kind, each.rows()) for each in all_sources())
    count_words()
    return count


def count_words() -> None:
    """Write down how common each word is. An estimate is enough: it is done at rebuilding only,
    so that publishing touches no row of a word that others publish too."""
    with_stem = SearchPosting.objects.filter(stem=OuterRef("stem")).order_by().values("stem")
    counted = with_stem.annotate(count=Count("pk")).values("count")
    SearchTerm.objects.update(entries=Coalesce(Subquery(counted), 0))


@transaction.atomic
def index(kind: str, ids: Iterable[int]) -> int:
    """Index objects of a kind anew; those that no longer are public go. Returns how many stay."""
    ids = list(ids)
    remove(kind, ids)
    return _add(kind, source(kind).rows(ids))


@transaction.atomic
def remove(kind: str, ids: Iterable[int]) -> None:
    """Take objects out. Their words stay as terms until the next rebuild, and find nothing."""
    SearchEntry.objects.filter(kind=kind, object_id__in=list(ids)).delete()


def forget_words(texts: Iterable[str]) -> None:
    """Take the words of some texts out of the terms, where no entry has them any more: a
    name that is gone is not to be suggested either."""
    forms = {token.form for text in texts for token in _words(text)}
    used = SearchPosting.objects.filter(stem=OuterRef("stem"))
    SearchTerm.objects.filter(~Exists(used), form__in=forms).delete()


def readdress(kind: str, urls: dict[int, str]) -> None:
    """Give objects of a kind, by id, new addresses; their words are as they were."""
    entries = list(SearchEntry.objects.filter(kind=kind, object_id__in=urls).only("object_id"))
    for entry in entries:
        entry.url = urls[entry.object_id]
    SearchEntry.objects.bulk_update(entries, ["url"], batch_size=500)


def _add(kind, rows):
    rows = list(rows)
    analysed = [_Analysed(row) for row in rows]
    entries = SearchEntry.objects.bulk_create(
        [_entry(kind, row, words) for row, words in zip(rows, analysed, strict=True)],
        batch_size=BATCH,
    )
    SearchText.objects.bulk_create(
        (_text(entry, row) for entry, row in zip(entries, rows, strict=True)), batch_size=500
    )
    _add_terms(analysed)
    SearchPosting.objects.bulk_create(
        (
            SearchPosting(
                stem=stem,
                entry=entry,
                strength=strength(weight, words.length, stem in words.title, entry.weight),
                in_title=stem in words.title,
            )
            for entry, words in zip(entries, analysed, strict=True)
            for stem, weight in words.weights.items()
        ),
        batch_size=BATCH,
    )
    return len(entries)


class _Analysed:
    """A searchable's words: {stem: weight}, the title's stems, {form: (stem, spelling)}."""

    def __init__(self, row: Searchable):
        self.weights = Counter()
        self.terms = {}
        names = [*self._count(row.title, TITLE_WEIGHT), *self._count(row.names, TITLE_WEIGHT)]
        self.title = {token.stem for token in names}
        self.title_length = len({t.stem for t in _words(row.title) if not t.whole})
        self._count(row.keywords, KEYWORD_WEIGHT)
        self.length = len(self._count(row.whole_text, TEXT_WEIGHT))

    def _count(self, text, weight):
        words = _words(text)
        for token in words:
            self.weights[token.stem] += weight
            spelling = self.terms.get(token.form, (None, None))[1]
            # A word in the middle of a sentence shows how it is spelled.
            if spelling is None or (token.spelling.islower() and not spelling.islower()):
                self.terms[token.form] = (token.stem, token.spelling)
        return words


def _words(text):
    return [token for token in tokens(compose(text)) if len(token.form) <= LONGEST_WORD - 3]


def _entry(kind, row, words):
    return SearchEntry(
        kind=kind,
        object_id=row.object_id,
        title=row.title[:300],
        folded_title=folded_title(row.title)[:300],
        url=row.url,
        length=words.length,
        title_length=words.title_length,
        weight=row.weight,
        visible_from=row.visible_from,
        visible_until=row.visible_until,
        review_due=row.review_due,
    )


def _text(entry, row):
    """The text in one line, and where in it each section begins."""
    pieces, sections, at = [], [], 0
    for anchor, heading, text in [("", "", row.text), *row.sections]:
        if piece := " ".join(compose(text).split()):
            if anchor:
                sections.append([at, anchor, heading])
            pieces.append(piece)
            at += len(piece) + 1
    return SearchText(entry=entry, text=" ".join(pieces), sections=sections)


def folded_title(title):
    """A title's words folded, stop words too: "Att återkalla" → "att aterkalla"."""
    return " ".join(filter(None, map(fold, compose(title).replace("-", " ").split())))


def _add_terms(analysed):
    """Store the words that are new. Two writers may meet here: the second one's are ignored."""
    terms = {}
    for words in analysed:
        for form, (stem, spelling) in words.terms.items():
            if form not in terms or (spelling.islower() and not terms[form][1].islower()):
                terms[form] = (stem, spelling)
    SearchTerm.objects.bulk_create(
        (
            SearchTerm(form=form, stem=stem, backward=stem[::-1], shown=spelling[:80])
            for form, (stem, spelling) in sorted(terms.items())
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
