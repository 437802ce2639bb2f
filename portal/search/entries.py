"""Entries by their keys: what is read of the best fifty, and of those that are shown.

Written as SQL, since the ORM takes longer to word such a question than the database to answer
it; the same on both databases.
"""

import json
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db import connection

from .ranking import Candidate


class Shown(NamedTuple):
    """What a hit shows of an entry; the text and its sections as SearchText has them."""

    pk: int
    kind: str
    object_id: int
    title: str
    url: str
    text: str | None
    sections_json: str | None
    overdue: bool

    @property
    def sections(self) -> list[list]:
        return json.loads(self.sections_json or "[]")


# Of a day that is given: an entry has the day from which it gives way.
_OVERDUE = "COALESCE(review_due <= %s, FALSE)"


def candidates(pks: Collection[int], on: date) -> list[Candidate]:
    rows = _rows(
        "SELECT id, kind, object_id, title, folded_title, title_length, weight, "  # noqa: S608
        f"{_OVERDUE} FROM search_searchentry WHERE id IN",
        pks,
        on,
    )
    return [Candidate._make(row) for row in rows]


def shown(pks: Collection[int], on: date) -> dict[int, Shown]:
    rows = _rows(
        f"SELECT id, kind, object_id, title, url, text, sections, {_OVERDUE} "  # noqa: S608
        "FROM search_searchentry LEFT JOIN search_searchtext ON entry_id = id WHERE id IN",
        pks,
        on,
    )
    return {row[0]: Shown._make(row) for row in rows}


def _rows(select, pks, on):
    if not pks:
        return []
    marks = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        day = connection.ops.adapt_datefield_value(on)
        cursor.execute(f"{select} ({marks})", [day, *pks])
        return cursor.fetchall()
