"""Every page by its title, by a bent form of its subject and by an everyday word for it."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from portal.search import sources
from portal.search.query import search
from tests.conftest import NOW

QUERIES = Path(__file__).parent / "page_queries.toml"
FIRST_PLACES = 5

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _after_the_load(clock):
    """The clock begins where the load began: the last pages were published some seconds on."""
    clock.move_to(NOW + timedelta(minutes=5))


def read_queries():
    return tomllib.loads(QUERIES.read_text(encoding="utf-8"))["page"]


def place(path, text):
    """The place of an address among a query's hits, from 1; 0 when it is not there."""
    urls = [hit.url for hit in search(text).hits]
    return urls.index(path) + 1 if path in urls else 0


def test_every_searched_page_has_its_queries():
    paths = [page["path"] for page in read_queries()]

    assert sorted(paths) == sorted(row.url for row in sources.source("page").rows())


def test_every_page_is_first_by_its_own_title():
    rows = [(source.kind, row) for source in sources.all_sources() for row in source.rows()]
    others = {row.title for kind, row in rows if kind != "page"}
    missed = []
    for row in (row for kind, row in rows if kind == "page"):
        found = place(row.url, row.title)
        if not 1 <= found <= (2 if row.title in others else 1):
            missed.append(f"{row.title!r}: {row.url} på plats {found or '–'}")

    assert not missed, "\n".join(["Inte först vid sin egen titel:", *missed])


@pytest.mark.parametrize("kind", ["inflected", "synonym"])
def test_every_page_is_among_the_first(kind):
    missed = []
    for page in read_queries():
        found = place(page["path"], page[kind])
        if not 1 <= found <= FIRST_PLACES:
            missed.append(f"{page[kind]!r}: {page['path']} på plats {found or '–'}")

    assert not missed, "\n".join([f"Inte bland de {FIRST_PLACES} första:", *missed])
