"""A page's texts taken apart: its parts, words and sentences, over plain data.

    read(PageText("samtycke", body='<h2 id="nar">När</h2><p>…</p>'))  ->  Reading

What it says is judged in `content_checks`; its fingerprints are kept by `passages`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from hashlib import blake2b
from html.parser import HTMLParser

from portal.richtext.sanitise import sanitise
from portal.richtext.sections import with_heading_ids

FACT_LABELS = ("Vem", "När", "Dokumenteras", "Lag")
# What stands in a shorter paragraph ("Läs mer om intyg.") may well be said twice.
LONG_PARAGRAPH = 5
LONG_SENTENCE = 10


@dataclass(frozen=True)
class StepText:
    """A process step; `labels` are those of FACT_LABELS that its fields fill."""

    anchor: str
    title: str = ""
    text: str = ""
    when: str = ""
    documented: str = ""
    labels: frozenset[str] = frozenset(FACT_LABELS)


@dataclass(frozen=True)
class PageText:
    """A page as its editor wrote it, and what the site shows beside that.

    shown_ids        ids of rows and sections that templates add   ("osl", "underlag")
    shown_html       the list that the page shows, as HTML
    register_anchor  the h2 that the list stands under, "" when it has no such place
    next_review      the day that the next review is due, None before the first review
    amended_laws     places that rest on a law amended since     (("laws", "SFB (2026:123)"),)
                     somebody read the page
    """

    slug: str
    kind: str = "editorial"
    title: str = ""
    purpose: str = ""
    lead: str = ""
    brief: tuple[str, ...] = ()
    review_note: str = ""
    body: str = ""
    steps: tuple[StepText, ...] = ()
    shown_ids: tuple[str, ...] = ()
    shown_html: str = ""
    register_anchor: str = ""
    next_review: date | None = None
    amended_laws: tuple[tuple[str, str], ...] = ()


# -- reading a page --------------------------------------------------------------------


@dataclass
class Block:
    """A paragraph, list item, cell or heading as plain text, without what nests in it.

    tag  the element's, or "field" (of the page) or "fact" (of a step)
    """

    place: str
    tag: str
    text: str
    in_facts: bool = False

    @cached_property
    def paragraph(self) -> int | None:
        """The fingerprint of a long paragraph, None for anything else."""
        found = words(self.text) if self.tag == "p" else ()
        return fingerprint(found) if len(found) > LONG_PARAGRAPH else None

    @cached_property
    def long_sentences(self) -> list[tuple[int, str]]:
        """[(fingerprint, sentence), …]"""
        parts = ((each, words(each)) for each in sentences(self.text))
        return [(fingerprint(found), each) for each, found in parts if len(found) > LONG_SENTENCE]


@dataclass
class Link:
    place: str
    href: str
    text: str = ""


@dataclass
class Reading:
    """A page's texts in reading order."""

    page: PageText
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    headings: list[tuple[str, str, str]] = field(default_factory=list)  # tag, id, text
    tables: list[tuple[str, bool]] = field(default_factory=list)  # place, has header cells
    facts: list[tuple[str, set[str]]] = field(default_factory=list)  # place, labels

    @cached_property
    def anchors(self) -> set[str]:
        """All ids that a link to the page may lead to."""
        headings = re.findall(r'<h[2-4] id="([^"]+)"', with_heading_ids(sanitise(self.page.body)))
        return {*headings, *(step.anchor for step in self.page.steps), *self.page.shown_ids}

    @cached_property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @property
    def main_text(self) -> str:
        """What words are counted in: body and the steps' texts."""
        return "\n".join(block.text for block in self.blocks if block.tag not in {"field", "fact"})

    @property
    def running_text(self) -> str:
        """What reading ease is counted in: paragraphs and list items of body and steps."""
        return "\n".join(
            block.text for block in self.blocks if block.tag in {"p", "li"} and not block.in_facts
        )


class _Reader(HTMLParser):
    """Walks the HTML of one text and keeps what it finds, as a Reading does."""

    HEADINGS = {"h2", "h3", "h4"}
    BLOCKS = {"p", "li", "td", "th", "caption", "blockquote", "ul", "ol", *HEADINGS}

    def __init__(self, place: str):
        super().__init__()
        self.blocks, self.links, self.headings = [], [], []
        self.tables, self.facts = [], []
        self.place = place
        self.tag = "p"
        self.words = []
        self.heading_id = None
        self.link = None
        self.labels = None
        self.in_label = False

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in self.BLOCKS:
            self.end_block()
            self.tag = tag
        if tag in self.HEADINGS:
            self.heading_id = attributes.get("id") or ""
            if self.heading_id:
                self.place = f"#{self.heading_id}"
        elif tag == "ul" and attributes.get("class") == "fakta":
            self.labels = set()
        elif tag == "strong" and self.labels is not None:
            self.in_label = True
        elif tag == "a":
            self.link = Link(self.place, attributes.get("href") or "")
        elif tag == "table":
            self.tables.append((self.place, False))
        elif tag == "th":
            self.tables[-1:] = [(self.tables[-1][0], True)]
        elif tag == "br":
            self.words.append(" ")

    def handle_endtag(self, tag):
        if tag in self.HEADINGS:
            self.headings.append((tag, self.heading_id or "", self.block_text()))
        if tag in self.BLOCKS:
            self.end_block()
        if tag == "ul" and self.labels is not None:
            self.facts.append((self.place, self.labels))
            self.labels = None
        elif tag == "strong":
            self.in_label = False
        elif tag == "a" and self.link:
            self.links.append(self.link)
            self.link = None

    def handle_data(self, data):
        self.words.append(data)
        if self.link:
            self.link.text += data
        if self.in_label:
            self.labels.add(data.strip().rstrip(":"))

    def block_text(self):
        return " ".join("".join(self.words).split())

    def end_block(self):
        if text := self.block_text():
            in_facts = self.labels is not None
            self.blocks.append(Block(self.place, self.tag, text, in_facts))
        self.words = []
        self.tag = "p"


def read(page: PageText) -> Reading:
    """A page's fields, body and steps as blocks, links, headings, tables and facts."""
    reading = Reading(page)
    fields = [("title", page.title), ("purpose", page.purpose), ("lead", page.lead)]
    fields += [*(("brief", point) for point in page.brief), ("review_note", page.review_note)]
    for place, text in fields:
        if text:
            reading.blocks.append(Block(place, "field", " ".join(text.split())))
    _add(reading, _read_html(page.body, "body"))
    for step in page.steps:
        place = f"#{step.anchor}"
        _add(reading, _read_html(step.text, place))
        for text in filter(None, (step.title, step.when, step.documented)):
            reading.blocks.append(Block(place, "fact", text))
    return reading


def _add(reading, found):
    for name in ("blocks", "links", "headings", "tables", "facts"):
        getattr(reading, name).extend(getattr(found, name))


# A text is read several times while its page is checked and published. What is kept is shared.
@lru_cache(maxsize=64)
def _read_html(html, place):
    reader = _Reader(place)
    reader.feed(sanitise(html))
    reader.close()
    reader.end_block()
    return reader


# -- words and sentences ---------------------------------------------------------------

_WORD = re.compile(r"\w+(?:[-:’]\w+)*")
_NOT_AN_END = "".join(
    rf"(?<!\b{re.escape(short)})"
    for short in ("t.ex.", "bl.a.", "s.k.", "dvs.", "kap.", "nr.", "ca.", "st.", "jfr.")
)
_SENTENCE_END = re.compile(rf"(?<=[.!?:]){_NOT_AN_END}\s+(?=[”\"(\[–]?[A-ZÅÄÖ])|\n+")


def words(text: str) -> list[str]:
    """Words and numbers; "AG1-14" and "FK:s" are one word each."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """Ended by . ! ? : before a capital, or by the end of a line; "27 kap. 25 §" is whole."""
    return [part.strip() for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def lix(text: str) -> float:
    """Reading ease: words per sentence + per cent of words with more than six letters.

    About 30 is easy, 40 a newspaper, 50 officialese. One decimal; 0.0 without words.
    Source: Björnsson, C.-H. (1968), Läsbarhet.
    """
    all_words = words(text)
    if not all_words:
        return 0.0
    long_words = sum(len(word) > 6 for word in all_words)
    return round(len(all_words) / len(sentences(text)) + 100 * long_words / len(all_words), 1)


def statistics(page: PageText) -> dict[str, float]:
    """{"words": 512, "lix": 38.4}: words of body and steps, reading ease of running text."""
    reading = read(page)
    return {"words": len(words(reading.main_text)), "lix": lix(reading.running_text)}


# -- the same said twice -----------------------------------------------------------------


def fingerprints(page: PageText) -> set[int]:
    """Of all that `check_doubles` looks at, so that it can be kept and looked up."""
    blocks = read(page).blocks
    paragraphs = {block.paragraph for block in blocks} - {None}
    return paragraphs.union(said for block in blocks for said, _ in block.long_sentences)


def fingerprint(found: Iterable[str]) -> int:
    """63 bits and a sign, of a text's words: what stands between them does not count."""
    same = " ".join(found).lower()
    return int.from_bytes(blake2b(same.encode(), digest_size=8).digest(), signed=True)
