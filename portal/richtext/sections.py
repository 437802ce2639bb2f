"""A text's headings and sections, and what display adds to its tables."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.utils.text import slugify

from .sanitise import plain_text, sanitise

_HEADING = re.compile(r'<(h[2-4])(?: id="([^"]*)")?>(.*?)</\1>', re.S)
_SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.S)
# A table in a table's cell: the inner one gets the box.
_TABLE = re.compile(r"<table>((?:(?!<table>).)*?)</table>", re.S)
_ANY_ID = re.compile(r'\bid="([^"]+)"')
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str
    html: str


def headings(html: str) -> list[tuple[str, str, str]]:
    """All headings of some sanitised HTML: (tag, id or "", text)."""
    return [(tag, anchor, plain_text(text)) for tag, anchor, text in _HEADING.findall(html)]


def with_heading_ids(html: str, taken: Collection[str] = ()) -> str:
    """The same HTML where every heading has an id of its own.

    Ids that are there stay (links lead to them); a second use of one gets a number, and so
    does one that stands elsewhere on the page (`taken`).
    """
    seen = set(taken)
    taken = seen | {anchor for _, anchor, _ in _HEADING.findall(html) if anchor}

    def give_id(match):
        tag, anchor, text = match.groups()
        if not anchor or anchor in seen:
            base = anchor or slugify(plain_text(text)) or "avsnitt"
            anchor = _free_id(base, taken | seen)
        seen.add(anchor)
        return f'<{tag} id="{anchor}">{text}</{tag}>'

    return _HEADING.sub(give_id, html)


def _free_id(base, taken):
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    return anchor


def split_sections(html: str) -> tuple[str, list[Section]]:
    """The text before the first h2, and each h2 with what stands under it.

    A heading inside a list or a table cuts it in two; sanitising closes both halves.
    """
    intro, *rest = _SECTION.split(html)
    sections = [
        Section(anchor, plain_text(title), sanitise(text).strip())
        for anchor, title, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    ]
    return sanitise(intro).strip(), sections


# The same text is asked for as it is made ready, indexed and compared.
@lru_cache(maxsize=16)
def sections_of(html: str, taken: frozenset[str] = frozenset()) -> tuple[str, tuple[Section, ...]]:
    """What an editor wrote, sanitised, in parts as `split_sections` gives them, every heading
    with an id of its own."""
    intro, sections = split_sections(with_heading_ids(sanitise(html), taken=taken))
    return intro, tuple(sections)


def with_scroll_boxes(html: str) -> str:
    """Tables in boxes that scroll sideways and that the keyboard reaches."""
    taken = set(_ANY_ID.findall(html))
    count = 0

    def box(match):
        nonlocal count
        count += 1
        table = match[1]
        label = _free_id(f"tabell-{count}", taken)
        taken.add(label)
        if _CAPTION.search(table):
            table = _CAPTION.sub(rf'<caption id="{label}">\1</caption>', table, count=1)
            named = f'aria-labelledby="{label}"'
        else:
            named = f'aria-label="Tabell {count}"'
        return (
            f'<div class="table-scroll" tabindex="0" role="region" {named}>'
            f"<table>{table}</table></div>"
        )

    return _TABLE.sub(box, html)
