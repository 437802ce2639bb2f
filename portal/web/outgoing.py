"""Links out: where the site leads to other websites.

A room registers, in its `registrations` module, what it links to:

    @outgoing.register
    def courses():
        for course in …:
            yield OutgoingLink(course.url, f"Kurs: {course.title}", course.get_absolute_url())

`guidance.external_links` checks them all.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import unescape

_sources: list[Callable[[], Iterable["OutgoingLink"]]] = []
_HREF = re.compile(r'\shref="(https?://[^"]+)"', re.I)


@dataclass(frozen=True)
class OutgoingLink:
    """A link, where it stands on the site, and the key of the role that owns the place."""

    url: str
    place: str
    place_url: str
    owner: int | None = None


def register(source: Callable[[], Iterable[OutgoingLink]]) -> Callable:
    _sources.append(source)
    return source


def collect() -> Iterator[OutgoingLink]:
    for source in _sources:
        yield from source()


def addresses_in(html: str) -> list[str]:
    """The addresses of other websites that some HTML links to."""
    return [unescape(address) for address in _HREF.findall(html)]
