"""Search among many: of a common word only the strongest are read, so that what a search costs
does not follow the entries.

The suite compares some hundred entries with some thousand; with PORTAL_FULL_SCALE=1 there are
50,000, and a search has its time.
"""

import itertools
import os
import statistics
import time

import pytest
from django.test import RequestFactory

from portal.caching import parts
from portal.caching.parts import while_reading
from portal.search import postings, sources
from portal.search.index import count_words, index
from portal.search.query import search
from portal.search.sources import Searchable, Source
from tests.costs import cost_of

IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"
FEW, MANY = 800, 50_000 if IN_FULL else 2400
BATCH = 2000
MOST_SECONDS = 0.025
QUERIES = ["giraff", "zebra", "zebra giraff", "zebra giraff okapi", "gira", "giraf okapi"]

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("scale")]


def entry(pk):
    """Every entry has two common words, one of them in its title; the first forty a rare one."""
    text = "giraff " * (1 + pk % 7) + ("okapi" if pk < 40 else "")
    return Searchable(pk, f"Zebra {pk}", f"/{pk}/", text)


@pytest.fixture
def fill(monkeypatch):
    monkeypatch.setitem(
        sources._sources, "prov", Source("prov", "Prov", lambda ids=(): map(entry, ids))
    )

    def fill(first, last):
        for start in range(first, last, BATCH):
            index("prov", range(start, min(start + BATCH, last)))
        count_words()

    return fill


# Of all kinds, of the kind that nearly all entries are of, and of one that few are.
KINDS = [(), ("prov",), ("role",)]


def cost(text, kinds):
    """(queries, what the database does for them, seconds), while no content changes"""
    with while_reading(RequestFactory().get("/sok/")):
        search(text, kinds)
        queries, steps = cost_of(lambda: search(text, kinds))
        taken = []
        for _ in range(5):
            started = time.thread_time()
            search(text, kinds)
            taken.append(time.thread_time() - started)
    return queries, steps or 0, statistics.median(taken)


def test_a_search_costs_the_same_among_many(fill, settings, tmp_path, monkeypatch):
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    monkeypatch.setattr(parts, "_shelf", None)
    # Fewer than the few are looked up one by one.
    monkeypatch.setattr(postings, "MOST_BY_KIND", FEW - 1)
    asked = list(itertools.product(QUERIES, KINDS))
    fill(0, FEW)
    few = {each: cost(*each) for each in asked}
    fill(FEW, MANY)
    many = {each: cost(*each) for each in asked}

    for each in asked:
        assert many[each][0] == few[each][0] <= 8
        assert many[each][1] <= 1.3 * few[each][1]
        if IN_FULL:
            assert many[each][2] <= MOST_SECONDS
