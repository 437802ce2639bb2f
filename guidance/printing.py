"""Published pages → one document to print, where links lead inside it or are written out.

Pure functions over ready-made HTML: a page's own ids and headings are right on its own page,
and have to give way to the others' when several stand in one document.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .models import PageVersion

_TAG = re.compile(r"<[a-z][^<>]*>")
_IDS = re.compile(r'\s(id|for|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"')
_LABEL = re.compile(r'\saria-label="([^"]*)"')
_HEADING = re.compile(r"<(/?)h([2-5])\b")
# What is chosen on the web has no place on paper; choices that stand as links remain.
_CONTROLS = re.compile(r'<(form|nav)\b.*?</\1>|<details class="filter".*?</details>', re.S)
_FOLDED = re.compile(r"<details(?![^>]*\sopen\b)")
_LINK = re.compile(
    r'<a\b(?P<before>[^>]*?)\shref="(?P<href>[^"]*)"(?P<after>[^>]*)>(?P<text>.*?)</a>', re.S
)
_SCHEMES_WITH_NOTE = {"", "http", "https"}


@dataclass
class Part:
    """A page in the document; `anchor` is "" when it is the only one."""

    version: PageVersion
    url: str
    number: int
    anchor: str = ""
    html: SafeString = field(default=mark_safe(""))

    @property
    def contents(self):
        return [
            {"id": joined_id(self.anchor, item["id"]), "title": item["title"]}
            for item in self.version.contents
        ]


@dataclass
class Notes:
    """Addresses that the document leads to, each written once, numbered as they come."""

    addresses: list[str] = field(default_factory=list)

    def number_of(self, address: str) -> int:
        if address not in self.addresses:
            self.addresses.append(address)
        return self.addresses.index(address) + 1


def parts_of(versions: Iterable[PageVersion]) -> list[Part]:
    versions = list(versions)
    alone = len(versions) == 1
    return [
        Part(
            version,
            version.page.get_absolute_url(),
            number,
            anchor="" if alone else version.page.slug,
        )
        for number, version in enumerate(versions, start=1)
    ]


def joined_id(anchor: str, name: str) -> str:
    return f"{anchor}--{name}" if anchor and name else anchor or name


def place_in_document(parts: list[Part], notes: Notes) -> None:
    """Make the parts' HTML ready to stand together: ids of their own, headings a level down,
    nothing folded or to fill in, links to the other parts inside, the rest's addresses as notes."""
    known = {}
    for part in parts:
        part.html = _CONTROLS.sub("", part.html)
        own = {name for tag in _TAG.findall(part.html) for _, name in _IDS.findall(tag)}
        known[part.url] = (part, own)
    for part in parts:
        html = _FOLDED.sub("<details open", part.html)
        if part.anchor:
            html = _TAG.sub(lambda tag, part=part: _own_names(tag[0], part), html)
            html = _HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}", html)
        part.html = mark_safe(
            _LINK.sub(lambda link, part=part: _link(link, part, known, notes), html)
        )


def _own_names(tag, part):
    """A tag whose ids and names are its own among all parts'.

    A section that has a name is a landmark, and each page has its "Källor och underlag": here
    the parts are the landmarks.
    """

    def joined(found):
        if found[1] == "aria-labelledby" and tag.startswith("<section"):
            return ""
        names = " ".join(joined_id(part.anchor, name) for name in found[2].split())
        return f' {found[1]}="{names}"'

    return _LABEL.sub(rf' aria-label="\1, avsnitt {part.number}"', _IDS.sub(joined, tag))


def _link(link, part, known, notes):
    href, address = link["href"], urlsplit(link["href"])
    target, ids = known.get(address.path or part.url, (None, set()))
    inside = not address.scheme and not address.netloc and not address.query and target
    if href.startswith("?"):  # the page itself in another light
        href, told = part.url + href, ""
    elif inside:
        name = address.fragment if address.fragment in ids else ""
        href = f"#{joined_id(target.anchor, name) or 'main'}"
        told = _see(target) if target is not part else ""
    elif address.scheme in _SCHEMES_WITH_NOTE and link["text"] != href:
        told = format_html('<sup class="print-only">{}</sup>', notes.number_of(unescape(href)))
    else:
        told = ""
    opening = f'<a{link["before"]} href="{href}"{link["after"]}>'
    return f"{opening}{link['text']}</a>{told}"


def _see(target):
    return format_html(' <span class="print-only">(se avsnitt {})</span>', target.number)
