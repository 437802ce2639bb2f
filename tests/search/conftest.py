import pytest

from portal.search import sources
from portal.search.index import index
from portal.search.sources import Source


@pytest.fixture
def trial(monkeypatch):
    """trial(rows) puts Searchables of a kind of the test's own into the index."""
    rows = {}
    source = Source(
        "prov",
        "Prov",
        lambda ids=None: [row for pk, row in rows.items() if ids is None or pk in ids],
    )
    monkeypatch.setitem(sources._sources, "prov", source)

    def fill(*searchables):
        rows.update({row.object_id: row for row in searchables})
        return index("prov", [row.object_id for row in searchables])

    return fill
