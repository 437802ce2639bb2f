"""Search among many: of a common word only the strongest are read, so that what a search costs
does not follow the entries.

The suite compares some hundred entries with some thousand; with PORTAL_FULL_SCALE=1 there are
50,000, and a search has its time.
"""

import os
import statistics
import time

import pytest

from portal.search import sources
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


def cost(text):
    """(queries, what the database does for them, seconds)"""
    queries, steps = cost_of(lambda: search(text))
    taken = []
    for _ in range(5):
        started = time.thread_time()
        search(text)
        taken.append(time.thread_time() - started)
    return queries, steps or 0, statistics.median(taken)


def test_a_search_costs_the_same_among_many(fill):
    fill(0, FEW)
    few = {text: cost(text) for text in QUERIES}
    fill(FEW, MANY)
    many = {text: cost(text) for text in QUERIES}

    for text in QUERIES:
        assert many[text][0] == few[text][0] <= 8
        assert many[text][1] <= 1.3 * few[text][1]
        if IN_FULL:
            assert many[text][2] <= MOST_SECONDS
