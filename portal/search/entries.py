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
from .rows import rows_of


class Shown(NamedTuple):
    """What a hit shows of an entry; the text and its sections as SearchText has them."""

    pk: int
    kind: str
    object_id: int
    title: str
    url: str
    text: str | None
    sections_json: str | None

    @property
    def sections(self) -> list[list]:
        return json.loads(self.sections_json or "[]")


def candidates(pks: Collection[int], on: date) -> list[Candidate]:
    columns = "id, kind, object_id, title, folded_title, title_length, weight"
    rows = _rows(
        f"{columns}, overdue",
        f"SELECT {columns}, COALESCE(review_due <= %s, FALSE) AS overdue "  # noqa: S608
        "FROM search_searchentry WHERE id IN",
        pks,
        connection.ops.adapt_datefield_value(on),
    )
    return [Candidate._make(row) for row in rows]


def shown(pks: Collection[int]) -> dict[int, Shown]:
    rows = _rows(
        "id, kind, object_id, title, url, text, sections",
        "SELECT e.id, e.kind, e.object_id, e.title, e.url, t.text, t.sections "
        "FROM search_searchentry e LEFT JOIN search_searchtext t ON t.entry_id = e.id "
        "WHERE e.id IN",
        pks,
    )
    return {row[0]: Shown._make(row) for row in rows}


def _rows(columns, select, pks, *params):
    if not pks:
        return []
    return rows_of(columns, f"{select} ({', '.join(['%s'] * len(pks))})", [*params, *pks])
