"""Abbreviations and hard words explained where they stand, in a version's ready-made text.

    explain("<p>FK beslutar.</p>", [Entry("FK", "fk", "Försäkringskassan.")])
    -> '<p><button popovertarget="ord-fk">FK</button><span popover id="ord-fk">Försäkringskassan.
        <a href="/ordlista/#fk">Ordlistan</a></span> beslutar.</p>'

A button that opens a box is plain HTML: it works by keyboard and touch, without script, and a
screen reader says what it does. The words stand in the text, so that print writes them out and
a browser that knows no such box shows them. The text that editors write is not touched.

An abbreviation is always explained; a term when an editor has said so, in the forms she lists.
A stemmer was ruled out: to it "spärr" and "spärra" are one, and a reader meets the wrong box.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.db.models import Q, QuerySet
from django.utils.html import escape

from portal.caching.prepared import Question

from .models import GlossaryTerm, PageVersion
from .page_reading import sentences

_TAG = re.compile(r"""(<(?:[^>"']|"[^"]*"|'[^']*')*>)""")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.I)
# A link or heading may not hold a button, and labels are read as a whole.
CLOSED = {"a", "button", "h1", "h2", "h3", "h4", "th", "caption", "summary"}
SECTION = "h2"
MARK = "ord-"
LONGEST = 160


@dataclass(frozen=True)
class Entry:
    """meaning  the first sentence of what the glossary says
    forms    how a term is written in a text, besides the term; none for an abbreviation
    page     the page that tells what a term means, and has no need of the box
    """

    term: str
    anchor: str
    meaning: str
    is_term: bool = False
    forms: tuple[str, ...] = ()
    page: int | None = None

    @property
    def mark(self) -> str:
        return f'"{MARK}{self.anchor}"'

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Normalnivå, normalnivå, Normalnivås …; an abbreviation has one. As they stand in HTML."""
        if not self.is_term:
            return frozenset({escape(self.term)})
        words = {word.strip() for word in (self.term, *self.forms)} - {""}
        words |= {f"{word}s" for word in words if word[-1] not in "sxz"}
        starts = {at + word[1:] for word in words for at in (word[0].lower(), word[0].upper())}
        return frozenset(map(escape, starts))


def _told_of(terms):
    return terms.values_list("term", "anchor", "meaning", "kind", "forms", "page")


_explained = Question(
    lambda: _told_of(
        GlossaryTerm.objects.filter(
            Q(kind=GlossaryTerm.Kind.ABBREVIATION) | Q(explained_in_text=True)
        )
    )
)


def entries(terms: QuerySet[GlossaryTerm] | None = None) -> list[Entry]:
    """The abbreviations, and the terms that editors have marked; other words of the glossary
    are too common to stand out in a text."""
    rows = _explained() if terms is None else _told_of(terms)
    return [_entry(*told, tuple(forms), page) for *told, forms, page in rows]


# The same rows at each publishing.
@lru_cache(maxsize=2000)
def _entry(term, anchor, meaning, kind, forms, page):
    is_term = kind == GlossaryTerm.Kind.TERM
    return Entry(term, anchor, first_sentence(meaning), is_term=is_term, forms=forms, page=page)


def entries_for(page: int) -> list[Entry]:
    """What a page's text explains: a term not where the whole page is about it."""
    return [entry for entry in entries() if not (entry.is_term and entry.page == page)]


def first_sentence(meaning: str) -> str:
    text = sentences(meaning)[0]
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition(" ")[0].rstrip(",;:") + " …"


def explain(html: str, known: Iterable[Entry], *, glossary_url: str) -> str:
    """The same HTML with the first of each word in each section made a button.

    An abbreviation that the text itself writes out, "Försäkringskassan (FK)", needs none
    after that.
    """
    by_spelling = {
        spelling: entry for entry in known if entry.mark not in html for spelling in entry.spellings
    }
    if not by_spelling:
        return html
    pattern = pattern_for(tuple(by_spelling))
    told, written_out, in_section = set(), set(), set()
    closed, pieces = 0, []

    def button(match):
        word = match[0]
        entry = by_spelling[word]
        before, after = match.string[: match.start()], match.string[match.end() :]
        if not entry.is_term and before.endswith("(") and after.startswith(")"):
            written_out.add(entry.anchor)
        if entry.anchor in written_out | in_section:
            return word
        in_section.add(entry.anchor)
        box = "" if entry.anchor in told else box_of(entry, glossary_url)
        told.add(entry.anchor)
        return f'<button popovertarget="{MARK}{entry.anchor}">{word}</button>{box}'

    for piece in _TAG.split(html):
        if name := _NAME.match(piece):
            closing, tag = name[1], name[2].lower()
            if tag in CLOSED:
                closed = max(0, closed + (-1 if closing else 1))
            if tag == SECTION and not closing:
                in_section.clear()
        elif not closed and not piece.startswith("<"):
            piece = pattern.sub(button, piece)
        pieces.append(piece)
    return "".join(pieces)


def box_of(entry: Entry, glossary_url: str) -> str:
    return (
        f'<span popover id="{MARK}{entry.anchor}">{escape(entry.meaning)} '
        f'<a href="{glossary_url}#{entry.anchor}">Ordlistan</a></span>'
    )


@lru_cache(maxsize=100)
def pattern_for(terms: tuple[str, ...]) -> re.Pattern:
    """Whole words, the longest first: HSLF-FS before HSL. A genitive or a compound keeps its
    ending: FMB:s, ST-läkare. AF-2 or AF.se is something else."""
    by_letter = defaultdict(list)
    for term in sorted(terms, key=len, reverse=True):
        by_letter[term[0]].append(re.escape(term[1:]))
    # Letter by letter: few words begin as the one that stands there.
    words = "|".join(f"{re.escape(x)}(?:{'|'.join(rest)})" for x, rest in by_letter.items())
    return re.compile(rf"(?<![\w&#/:.@-])(?:{words})(?!\w|-\d|\.\w)")


def texts_explaining(ids: Iterable[int]) -> list[int]:
    """Versions, by number, whose ready-made text has a box of one of some terms."""
    found = Q(pk__in=[])
    for anchor in GlossaryTerm.objects.filter(pk__in=ids).values_list("anchor", flat=True):
        found |= Q(rendered__contains=f'id="{MARK}{anchor}"')
    return list(PageVersion.objects.filter(found).values_list("pk", flat=True))


def texts_having(ids: Iterable[int]) -> list[int]:
    """Versions, by number, with one of some words somewhere in their ready-made text."""
    found = Q(pk__in=[])
    for entry in entries(GlossaryTerm.objects.filter(pk__in=ids)):
        for spelling in entry.spellings:
            found |= Q(rendered__contains=spelling)
    return list(PageVersion.objects.filter(found).values_list("pk", flat=True))
