"""Changes: what has to be made anew when a row of some kind is saved or deleted.

A law's name stands in ready-made texts of another room. That room registers, in its
`registrations` module, a function for the kind of row:

    @changes.register("law")
    def texts_with_laws(ids):
        versions = …                      # while the rows still are as they were
        return partial(render_pages, versions)

The one who saves calls `prepare` before the change and what it returned after it.
Kinds in use: "law", "document", "certificate", "role", "term", "forum", "profession".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

_listeners: dict[str, list[Callable]] = defaultdict(list)


def register(kind: str) -> Callable:
    def remember(listen: Callable) -> Callable:
        _listeners[kind].append(listen)
        return listen

    return remember


def prepare(kind: str, ids: Iterable[int]) -> list[Callable[[], object]]:
    """What to call when rows of a kind have been changed or are gone."""
    ids = list(ids)
    return [listen(ids) for listen in _listeners[kind]]
