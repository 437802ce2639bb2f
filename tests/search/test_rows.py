"""Rows that are read as one are the rows that the database has."""

import pytest

from portal.search.rows import rows_of

pytestmark = pytest.mark.django_db


def test_texts_and_numbers_come_as_they_stand():
    texts = ['Sjuk"skrivning\\', "rad\nny rad\t", "åäö–✓😀", "", "[1, 2]", "null", "<b>&amp;'"]
    select = " UNION ALL ".join(
        f"SELECT {number} AS number, %s AS text, 0.45 AS share, NULL AS empty"
        for number in range(len(texts))
    )
    rows = rows_of("number, text, share, empty", select, texts)
    assert [(number, text, float(share), empty) for number, text, share, empty in rows] == [
        (number, text, 0.45, None) for number, text in enumerate(texts)
    ]


def test_no_row_is_an_empty_list():
    assert rows_of("one", "SELECT 1 AS one WHERE 1 = 0", []) == []


def test_many_rows_are_all_there():
    """More than a cursor fetches at a time."""
    series = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    rows = rows_of("i", f"{series} SELECT i FROM n", [])  # noqa: S608
    assert sorted(i for (i,) in rows) == list(range(1, 3001))
