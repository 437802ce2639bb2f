"""Counts page views without knowing readers.

A view is a path and a week, added in the process's memory and written down now and then,
after an answer has been sent: no page waits for it, and what has not been written when a
process is killed is lost. Nothing of the request but its path is kept.

The middleware stands outside everything that may answer in a view's stead, so that pages
from a cache are counted too.
"""

import atexit
import logging
import re
import threading
import time
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.caching import page_cache

from .models import START_SLUG, Page, PageView

logger = logging.getLogger(__name__)

WEEKS_SHOWN = 12
# Written down at the latest after so many, so that little is lost with a process.
MOST_WAITING = 200
# A database that cannot be written to for long must not fill the memory.
MOST_KEPT = 10_000
_PAGE = re.compile(r"/(?:(?:[a-z0-9-]+/)?([a-z0-9-]+)/)?")
_ROBOT = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|headless|check|curl|wget|python|java/|http-?client|^$",
    re.I,
)


class Tally:
    """What this process has counted and not yet written down."""

    def __init__(self):
        self.counts = Counter()
        self.waiting = 0
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self.written_at = time.monotonic()
        self.told = False

    def add(self, slug: str, week: date) -> None:
        with self.lock:
            if (slug, week) in self.counts or len(self.counts) < MOST_KEPT:
                self.counts[slug, week] += 1
                self.waiting += 1

    def is_due(self) -> bool:
        seconds = settings.PAGE_VIEWS_WRITTEN_SECONDS
        if not seconds or not self.waiting:
            return False
        waited = time.monotonic() - self.written_at
        # After a fault only the clock counts: each new view would be a new try.
        return waited >= seconds or (not self.told and self.waiting >= MOST_WAITING)

    def write(self) -> None:
        """Write down what waits; what cannot be written waits on."""
        if not self.writing.acquire(blocking=False):
            return
        try:
            with self.lock:
                taken, self.counts, self.waiting = self.counts, Counter(), 0
            self.written_at = time.monotonic()
            try:
                store(taken)
            except Error as fault:
                with self.lock:
                    self.counts.update(taken)
                    self.waiting = self.counts.total()
                if not self.told:
                    logger.warning("Sidvisningar kan inte sparas just nu: %s", fault)
                self.told = True
            else:
                self.told = False
        finally:
            self.writing.release()


tally = Tally()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def store(counts: Counter) -> None:
    """Add {(slug, week): views} to the rows, in one order so that two processes cannot wait for
    each other."""
    slugs = {slug for slug, _ in counts}
    pages = dict(Page.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    rows = sorted((pages[slug], week, n) for (slug, week), n in counts.items() if slug in pages)
    if not rows:
        return
    with transaction.atomic():
        PageView.objects.bulk_create(
            [PageView(page_id=page, week=week) for page, week, _ in rows], ignore_conflicts=True
        )
        for page, week, number in rows:
            PageView.objects.filter(page=page, week=week).update(count=F("count") + number)


def slug_of(path: str) -> str | None:
    """The last segment of an address that is shaped as a page's; None for any other."""
    found = _PAGE.fullmatch(path)
    return found and (found[1] or START_SLUG)


def is_reader(environ: dict) -> bool:
    """Whether a person asks: not robots, not what a browser fetches beforehand."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "prefetch" not in environ.get("HTTP_SEC_PURPOSE", "") + environ.get("HTTP_PURPOSE", "")
        and environ.get("HTTP_SEC_FETCH_DEST", "document") == "document"
        and not _is_robot(environ.get("HTTP_USER_AGENT", ""))
    )


@lru_cache(512)
def _is_robot(program):
    return bool(_ROBOT.search(program))


def is_view(request, response) -> bool:
    """Whether a person was shown a page."""
    return (
        response.status_code == 200
        and response.headers.get("Content-Type", "").startswith("text/html")
        and is_reader(request.META)
    )


def count_views(get_response):
    def middleware(request):
        response = get_response(request)
        if (slug := slug_of(request.path)) and is_view(request, response):
            tally.add(slug, monday_of(timezone.localdate()))
        return response

    return middleware


@page_cache.on_page_shown
def count_kept_page(environ):
    """A page that was shown though no view was asked for it."""
    if (slug := slug_of(environ["PATH_INFO"])) and is_reader(environ):
        tally.add(slug, monday_of(timezone.localdate()))
    return write_when_due if tally.is_due() else None


def write_when_due(**kwargs) -> None:
    # Inside somebody's transaction a fault here would be theirs.
    if tally.is_due() and not connection.in_atomic_block:
        tally.write()


def write_at_exit() -> None:
    """A process that ends in good order loses nothing."""
    if tally.waiting and settings.PAGE_VIEWS_WRITTEN_SECONDS:
        tally.write()
        connection.close()


def connect() -> None:
    request_finished.connect(write_when_due, dispatch_uid="guidance.page_views")
    atexit.register(write_at_exit)
