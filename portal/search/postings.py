"""Which entries have which of a query's stems, read within bounds.

Ranking every match of a common word is what makes a search slow, so of each stem only the
strongest postings are read; the index holds them in that order. Written as SQL since a limit
for each stem is nothing that the ORM can say on SQLite; it is the same on both databases.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from .models import SearchPosting

MOST_OF_A_STEM = 300  # strongest entries of each stem that is the reader's own word
MOST_OF_THE_REST = 300  # strongest postings of all compounds, beginnings and guesses
MOST_ALONE = 100  # so many stems may be read on their own

_COLUMNS = "p.stem, p.entry_id, p.strength, p.in_title"
_ORDER = "ORDER BY p.strength DESC, p.entry_id"


@dataclass
class Found:
    """Postings of visible entries.

    postings  {stem: {entry pk: (strength, in title)}}
    places    {entry pk: (kind, url)}
    cut       stems of which only the strongest were read
    entries   how many entries there are in all
    """

    postings: dict[str, dict[int, tuple[int, bool]]] = field(default_factory=dict)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    entries: int = 0


def read(own: Collection[str], related: Collection[str], kinds: Collection[str] = ()) -> Found:
    """The postings of some stems, of entries of some kinds or all.

    own      each within its own bound
    related  together within one

    One query, and a second one where a stem was cut and there is another one.
    """
    own = list(own)[:MOST_ALONE]
    related = sorted(set(related) - set(own))
    parts, params = [], []
    # An entry of another kind would take a place that the bound counts.
    join = ""
    if kinds:
        marks = ", ".join(["%s"] * len(kinds))
        join = f"JOIN search_searchentry k ON k.id = p.entry_id AND k.kind IN ({marks})"
    for stems, most in [*(([stem], MOST_OF_A_STEM) for stem in own), (related, MOST_OF_THE_REST)]:
        if stems:
            marks = ", ".join(["%s"] * len(stems))
            # One more than wanted tells that there are more.
            parts.append(
                f"SELECT * FROM (SELECT {_COLUMNS} FROM search_searchposting p {join} "  # noqa: S608
                f"WHERE p.stem IN ({marks}) {_ORDER} LIMIT {most + 1}) AS part{len(parts)}"
            )
            params += [*kinds, *stems]
    found = Found()
    if not parts:
        return found
    rows = _visible_rows(" UNION ALL ".join(parts), params)
    _take(found, rows)
    for stem in own:
        if len(found.postings.get(stem, ())) > MOST_OF_A_STEM:
            found.cut.add(stem)
    if sum(len(found.postings.get(stem, ())) for stem in related) > MOST_OF_THE_REST:
        found.cut.update(related)
    if found.cut and len(found.postings) > 1:
        _complete(found, own)
    return found


def _visible_rows(union, params):
    now = timezone.now()
    sql = (
        f"SELECT p.stem, p.entry_id, p.strength, p.in_title, e.kind, e.url, "  # noqa: S608
        f"(SELECT COUNT(*) FROM search_searchentry) FROM ({union}) p "
        "JOIN search_searchentry e ON e.id = p.entry_id "
        "WHERE (e.visible_from IS NULL OR e.visible_from <= %s) "
        "AND (e.visible_until IS NULL OR e.visible_until > %s)"
    )
    now = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, now, now])
        return cursor.fetchall()


def _take(found, rows):
    for stem, entry, strength, in_title, kind, url, entries in rows:
        found.postings.setdefault(stem, {})[entry] = (strength, bool(in_title))
        found.places[entry] = (kind, url)
        found.entries = entries


def _complete(found, own):
    """Give the entries found by one word the other words that were cut: a rare word and a
    common one are to meet, however weak the common one is there."""
    cut = [stem for stem in own if stem in found.cut]
    known = {pk for stem, pks in found.postings.items() if stem not in cut for pk in pks}
    if not cut or (len(cut) == 1 and not known):
        return
    # Two common words: each gets those of the other.
    entries = sorted(known if len(cut) == 1 else found.places)
    rows = SearchPosting.objects.filter(stem__in=cut, entry__in=entries).order_by()
    for stem, pk, *rest in rows.values_list("stem", "entry_id", "strength", "in_title"):
        found.postings[stem][pk] = tuple(rest)
