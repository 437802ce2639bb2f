"""Queries judged before there was a search: how often the right address comes first."""

import tomllib
from pathlib import Path

import pytest

from portal.search.query import search

JUDGED = Path(__file__).parent / "judged_queries.toml"
FIRST_FLOOR, TOP_THREE_FLOOR = 0.85, 0.95


@pytest.mark.django_db
def test_right_address_comes_first_often_enough():
    queries = tomllib.loads(JUDGED.read_text(encoding="utf-8"))["query"]
    first = top_three = 0
    for query in queries:
        urls = [hit.url for hit in search(query["text"]).hits]
        places = [urls.index(url) for url in query["expected"] if url in urls]
        place = min(places, default=len(urls))
        first += place == 0 and bool(places)
        top_three += place < 3 and bool(places)
        if not places or place:
            print(f"{query['text']!r}: {place + 1 if places else '–'}, före den {urls[:3]}")
    print(f"först {first}/{len(queries)}, bland de tre första {top_three}/{len(queries)}")

    assert first / len(queries) >= FIRST_FLOOR
    assert top_three / len(queries) >= TOP_THREE_FLOOR
