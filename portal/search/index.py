"""Writing the index. Each function is one transaction and may run inside another."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from portal.caching.prepared import Question
from portal.web.batches import batched

from .analyser import compose, fold, tokens
from .models import SearchEntry, SearchPosting, SearchTerm, SearchText
from .ranking import strength
from .sources import Searchable, all_sources, source

TITLE_WEIGHT, KEYWORD_WEIGHT, TEXT_WEIGHT = 6, 4, 1
# A text that becomes longer or shorter by no more than this is weighed by the length it had, so
# that a changed sentence leaves the postings of all other words as they are.
SAME_LENGTH = 0.1
LONGEST_WORD = 64
BATCH = 2000
_SPELLED = re.compile(r"\w+")
ENTRY_FIELDS = [field.attname for field in SearchEntry._meta.concrete_fields]


_entries_of = Question(
    # Locked, so that who indexes the same objects at the same time sees what was written.
    lambda kind, ids: (
        SearchEntry.objects.select_for_update().filter(kind=kind, object_id__in=ids).order_by("pk")
    )
)
_texts_of = Question(lambda entries: SearchText.objects.filter(entry__in=entries).order_by())
_postings_of = Question(
    lambda entries: (
        SearchPosting.objects.filter(entry__in=entries)
        .order_by()
        .values_list("entry", "stem", "strength", "in_title")
    )
)
_terms_of = Question(
    lambda forms: SearchTerm.objects.filter(form__in=forms).order_by().values_list("form")
)


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


# Without a savepoint: what goes wrong within takes the whole transaction with it.
@transaction.atomic(savepoint=False)
def index(kind: str, ids: Iterable[int]) -> int:
    """Index objects of a kind anew; those that no longer are public go. Returns how many stay.

    Only what differs is written. A new version of a page takes over the old one's entry, since
    most of its words stand there already.
    """
    ids = list(ids)
    known = {entry.object_id: entry for entry in _entries_of(kind, ids)}
    rows = list(source(kind).rows(ids))
    pairs = [(known.pop(row.object_id, None), row) for row in rows]
    free = {entry.url: entry for entry in known.values()}
    pairs = [(entry or free.pop(row.url, None), row) for entry, row in pairs]
    taken = {entry.pk for entry, _ in pairs if entry}
    if left := [entry.object_id for entry in known.values() if entry.pk not in taken]:
        remove(kind, left)
    _rewrite([(entry, row) for entry, row in pairs if entry])
    _add(kind, [row for entry, row in pairs if not entry])
    return len(rows)


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
    if not rows:
        return 0
    analysed = [_Analysed(row) for row in rows]
    entries = SearchEntry.objects.bulk_create(
        [_entry(kind, row, words) for row, words in zip(rows, analysed, strict=True)],
        batch_size=BATCH,
    )
    SearchText.objects.bulk_create(
        (_text(entry, row) for entry, row in zip(entries, rows, strict=True)), batch_size=500
    )
    _add_terms([words.terms for words in analysed])
    _write_postings(
        "INSERT INTO search_searchposting (strength, in_title, entry_id, stem) "
        "VALUES (%s, %s, %s, %s)",
        [
            (*posting, entry.pk, stem)
            for entry, words in zip(entries, analysed, strict=True)
            for stem, posting in words.postings(entry.weight).items()
        ],
    )
    return len(entries)


def _rewrite(pairs):
    """Make some entries those of (perhaps other) rows. Writes only what differs."""
    if not pairs:
        return
    ids = [entry.pk for entry, _ in pairs]
    texts = {text.pk: text for text in _texts_of(ids)}
    before = defaultdict(dict)
    for pk, stem, strength_then, in_title in _postings_of(ids):
        before[pk][stem] = (strength_then, in_title)
    new_words, changed, gone = [], [], []
    for entry, row in pairs:
        words = _Analysed(row)
        if abs(words.length - entry.length) <= SAME_LENGTH * entry.length:
            words.length = entry.length
        made, text = _entry(entry.kind, row, words), _text(entry, row)
        made.pk = entry.pk
        if any(getattr(made, name) != getattr(entry, name) for name in ENTRY_FIELDS):
            made.save(force_update=True)
        stored = texts.get(entry.pk)
        if not stored or (stored.text, stored.sections) != (text.text, text.sections):
            text.save(force_insert=not stored, force_update=bool(stored))
        after, then = words.postings(row.weight), before[entry.pk]
        changed += [
            (*after[stem], entry.pk, stem) for stem in after if after[stem] != then.get(stem)
        ]
        gone += [(entry.pk, stem) for stem in then if stem not in after]
        # The words of what stood there are known.
        there = [entry.title, stored.text, *(each[2] for each in stored.sections)] if stored else []
        spelled = set(_SPELLED.findall(" ".join(there)))
        new_words.append(
            {form: each for form, each in words.terms.items() if each[1] not in spelled}
        )
    _add_terms(new_words)
    _write_postings("DELETE FROM search_searchposting WHERE entry_id = %s AND stem = %s", gone)
    _write_postings(
        "INSERT INTO search_searchposting (strength, in_title, entry_id, stem) "
        "VALUES (%s, %s, %s, %s) ON CONFLICT (stem, entry_id) "
        "DO UPDATE SET strength = excluded.strength, in_title = excluded.in_title",
        changed,
    )


def _write_postings(sql, rows):
    """As plain rows: a page has hundreds, and a model's object for each costs more than they."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


class _Analysed:
    """A searchable's words: {stem: weight}, the title's stems, {form: (stem, spelling)}."""

    def __init__(self, row: Searchable):
        self.weights = Counter()
        self.terms = {}
        title, names = (self._count(text, TITLE_WEIGHT) for text in (row.title, row.names))
        self.title = {token.stem for token in [*title, *names]}
        self.title_length = len({token.stem for token in title if not token.whole})
        self._count(row.keywords, KEYWORD_WEIGHT)
        self.length = len(self._count(row.whole_text, TEXT_WEIGHT))

    def postings(self, entry_weight):
        """{stem: (strength, in title)}"""
        return {
            stem: (
                strength(weight, self.length, stem in self.title, entry_weight),
                stem in self.title,
            )
            for stem, weight in self.weights.items()
        }

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


def _add_terms(found):
    """Store the words that are new. Two writers may meet here: the second one's are ignored.

    found  [{form: (stem, spelling)}, …]
    """
    terms = {}
    for words in found:
        for form, (stem, spelling) in words.items():
            if form not in terms or (spelling.islower() and not terms[form][1].islower()):
                terms[form] = (stem, spelling)
    known = set()
    for forms in batched(sorted(terms), BATCH):
        known.update(form for (form,) in _terms_of(forms))
    SearchTerm.objects.bulk_create(
        (
            SearchTerm(form=form, stem=stem, backward=stem[::-1], shown=spelling[:80])
            for form, (stem, spelling) in sorted(terms.items())
            if form not in known
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
