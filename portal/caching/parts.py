"""Parts of pages that are everybody's, kept in the process's memory while no content changes.

A whole page is kept for whoever is not signed in (portal.caching.page_cache). The first who asks
for it, and who asks it something of her own, meets what is kept here: the site's settings, a
section's navigation, a list's frame. What is kept is read only; it is shared by all threads.

    rows = kept("nearby", section.pk, lambda: list(Page.objects…))

Under the content stamp of the request's beginning and until the next moment that may change
anything, as whole pages are. Only while a page is read: who writes reads the database.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from contextlib import contextmanager
from datetime import UTC, datetime

from . import stamp
from .moments import next_change

# Of each kind, which is the first part of a key. Full: the oldest goes.
MOST = 300
# What is read there is about to be changed, or one person's.
ELSEWHERE = ("/static/", "/admin/", "/konto/", "/halsa/", "/api/")


class Shelf:
    """What is kept under one stamp until one moment."""

    def __init__(self, made_under, began):
        self.stamp, self.began = made_under, began
        self.until = next_change(datetime.fromtimestamp(began, UTC)).timestamp()
        self.parts = defaultdict(dict)

    def serves(self, made_under, began):
        """Whether it is for a request that began then: a moment may have passed before."""
        return self.stamp == made_under and self.began <= began < self.until


_shelf: Shelf | None = None
_request = threading.local()
_putting = threading.Lock()


@contextmanager
def while_reading(request):
    """Parts are kept, and found, during this request."""
    reads = request.method in {"GET", "HEAD"} and not request.path_info.startswith(ELSEWHERE)
    began = time.time()
    now = stamp.current() if reads else None
    _request.asked = None if now is None else (now, began)
    try:
        yield
    finally:
        _request.asked = None


def kept(kind: str, key: Hashable, make: Callable[[], object]) -> object:
    """What is kept of a kind under a key, or what is made now; two threads may both make it.
    None, for what does not exist, is not kept: there is no end of it."""
    global _shelf
    if not (asked := getattr(_request, "asked", None)):
        return make()
    # Made for the first part that is asked for, since it costs queries.
    shelf = _shelf
    if shelf is None or not shelf.serves(*asked):
        shelf = _shelf = Shelf(*asked)
    known = shelf.parts[kind]
    found = known.get(key, known)
    if found is known:
        found = make()
        if found is not None:
            _put(known, key, found)
    return found


def _put(known, key, part):
    with _putting:
        if len(known) >= MOST:
            del known[next(iter(known))]
        known[key] = part
