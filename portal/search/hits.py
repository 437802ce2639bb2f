"""What a search shows of an entry: where in it the words stand, and what else is said beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import zip_longest

from django.utils import timezone
from django.utils.safestring import SafeString

from . import entries
from .expansion import OWN_FROM, Word, phrase_stems
from .highlight import cut_out
from .sources import all_sources


@dataclass(frozen=True)
class Section:
    title: str
    url: str


@dataclass(frozen=True)
class Hit:
    """section: the part of the page where the words of the excerpt stand, or None
    chosen: an editor has put it first
    overdue: nobody has read it for too long
    told: what the source says beside it, which is not searched
    """

    kind: str
    object_id: int
    label: str
    title: str
    url: str
    excerpt: SafeString
    section: Section | None = None
    chosen: bool = False
    overdue: bool = False
    told: str = ""


def hits_of(
    shown: Collection[int],
    words: list[Word],
    postings: dict[str, Collection[int]],
    chosen: Collection[str] = (),
) -> list[Hit]:
    """What to show of some entries, in their order; one query, and another for each kind whose
    source tells more.

    postings  {stem: the entries that have it}
    chosen    addresses that an editor has put first
    """
    labels = {source.kind: source.label for source in all_sources()}
    keys = {key for word in words for key in word.alternatives}
    own_keys = [
        [k for k, factor in word.alternatives.items() if factor >= OWN_FROM] for word in words
    ]
    rows = entries.shown(shown, timezone.localdate())
    told = _told(rows.values())
    hits = []
    for pk in (pk for pk in shown if pk in rows):
        row = rows[pk]
        own = {stem for stem, pks in postings.items() if pk in pks}
        # The stems of the alternatives that the entry has in full.
        marked = {stem for key in keys if own.issuperset(key) for stem in key}
        excerpt, section = _cut_out(row, marked, own_keys)
        hits.append(
            Hit(
                kind=row.kind,
                object_id=row.object_id,
                label=labels.get(row.kind, ""),
                title=row.title,
                url=row.url,
                excerpt=excerpt,
                section=section,
                chosen=row.url in chosen,
                overdue=bool(row.overdue),
                told=told.get((row.kind, row.object_id), ""),
            )
        )
    return hits


def _told(rows):
    """What the sources say beside hits, by kind and id: a query for each kind that says anything
    and is among them."""
    told = {}
    for source in all_sources():
        ids = [row.object_id for row in rows if row.kind == source.kind] if source.tell else []
        if ids:
            told |= {(source.kind, pk): words for pk, words in source.tell(ids).items()}
    return told


def _cut_out(row, marked, own_keys):
    """An excerpt and the section that it is from (None in the beginning): the first whose heading
    has the words of the query that the title has not; else where most marked words stand."""
    text, sections = row.text or "", [] if "#" in row.url else row.sections
    if missing := _not_in(row.title, own_keys):
        for section, following in zip_longest(sections, sections[1:]):
            if not _not_in(section[2], missing):
                piece = cut_out(text[section[0] : following and following[0]], marked)
                return piece.html, _section(row, section)
    piece = cut_out(text, marked)
    place = -1 if piece.first_mark is None else piece.first_mark
    before = [each for each in sections if each[0] <= place]
    return piece.html, _section(row, before[-1]) if before else None


def _not_in(title, own_keys):
    """Of a query's words, each with what means the same, those that a title has not."""
    in_title = set(phrase_stems(title))
    return [keys for keys in own_keys if not any(in_title.issuperset(key) for key in keys)]


def _section(row, stored):
    _, anchor, heading = stored
    return Section(heading, f"{row.url}#{anchor}")
