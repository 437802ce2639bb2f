"""What is searchable: each room registers its kinds, and words that mean the same.

    sources.register("role", "Roll", searchable_roles)

where `searchable_roles(ids=None)` yields a Searchable for each public role, or for those
of the given ids that are public.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Searchable:
    """A thing as search sees it; plain text, no HTML.

    text      what the excerpt is cut from
    sections  (anchor, heading, text) of what follows it, for hits that lead into a page
    keywords  words that find it without being shown
    names     what it also is called; weighs as the title
    weight    below 1 for what should give way to others, above 1 for the opposite
    visible_from, visible_until
              when the public may find it, for what begins or ends by itself; None = always
    review_due  from this day it gives way to others: nobody has read it for too long
    """

    object_id: int
    title: str
    url: str
    text: str
    keywords: str = ""
    names: str = ""
    weight: float = 1.0
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    review_due: date | None = None
    sections: tuple[tuple[str, str, str], ...] = ()

    @property
    def whole_text(self):
        return " ".join([self.text, *(text for _, _, text in self.sections)])


@dataclass(frozen=True)
class Source:
    kind: str
    label: str
    rows: Callable[..., Iterable[Searchable]]
    tell: Callable[[list[int]], dict[int, str]] | None = None


_sources: dict[str, Source] = {}
_synonyms: list[Callable[[], Iterable[list[str]]]] = []


def register(
    kind: str,
    label: str,
    rows: Callable[..., Iterable[Searchable]],
    tell: Callable[[list[int]], dict[int, str]] | None = None,
) -> None:
    """`tell(ids)` gives what stands beside hits of the kind without being searched, by id."""
    _sources[kind] = Source(kind, label, rows, tell)


def register_synonyms(groups: Callable[[], Iterable[list[str]]]) -> None:
    """`groups()` gives lists of words and phrases that mean the same."""
    _synonyms.append(groups)


def all_sources() -> list[Source]:
    """The sources in the order they were registered."""
    return list(_sources.values())


def source(kind: str) -> Source:
    return _sources[kind]


def synonym_groups() -> list[list[str]]:
    return [group for groups in _synonyms for group in groups()]
