"""Which entries have which of a query's stems, read within bounds.

Ranking every match of a common word is what makes a search slow, so of each stem only the
strongest postings are read; the index holds them in that order. Written as SQL since a limit
for each stem is nothing that the ORM can say on SQLite; it is the same on both databases.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from portal.web.kept import kept

from .models import SearchEntry

MOST_OF_A_STEM = 300  # strongest entries of each stem that is the reader's own word
MOST_OF_A_PHRASE = 150  # of each in a phrase that means the same
MOST_OF_A_SYNONYM = 100  # of each that means the same
MOST_OF_THE_REST = 300  # strongest postings of all compounds, beginnings and guesses
MOST_BESIDE_COMMON = 100  # of these, where the reader's own words alone give more than enough
MOST_ALONE = 100  # so many stems may be read on their own
MOST_COMPLETED = 50  # strongest entries of a common word that get the other words

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


def read(
    own: Mapping[str, int],
    related: Mapping[str, int],
    kinds: Collection[str] = (),
    *,
    rest: int = MOST_OF_THE_REST,
    together: bool = True,
) -> Found:
    """The postings of some stems, of entries of some kinds or all.

    own       {stem: how many of it at most}
    related   together within one bound; those of them that many entries have, each within
              its share of it, since together they would have to be sorted
    together  whether an entry may need several of the stems, as for a query of several words

    One query, and a second one where a stem was cut and others are to meet it.
    """
    common = [stem for stem, entries in related.items() if entries > rest]
    share = rest // (len(common) + 1)
    own = dict(list((own | dict.fromkeys(sorted(common), share)).items())[:MOST_ALONE])
    related = sorted(related.keys() - own)
    parts, params = [], []
    # An entry of another kind would take a place that the bound counts.
    join = ""
    if kinds:
        marks = ", ".join(["%s"] * len(kinds))
        join = f"JOIN search_searchentry k ON k.id = p.entry_id AND k.kind IN ({marks})"
    for stems, most in [*(([stem], own[stem]) for stem in own), (related, share)]:
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
    found.postings.update({stem: {} for stem in (*own, *related)})
    _take(found, _visible_rows(" UNION ALL ".join(parts), params))
    found.postings = {stem: pks for stem, pks in found.postings.items() if pks}
    if not found.postings:
        return found
    found.entries = kept("search", "entries", SearchEntry.objects.count)
    for stem, most in own.items():
        if len(found.postings.get(stem, ())) > most:
            found.cut.add(stem)
    if sum(len(found.postings.get(stem, ())) for stem in related) > share:
        found.cut.update(related)
    if together and found.cut and len(found.postings) > 1:
        _complete(found, own)
    return found


def _visible_rows(union, params):
    now = timezone.now()
    sql = (
        f"SELECT {_COLUMNS}, e.kind, e.url FROM ({union}) p "  # noqa: S608
        "JOIN search_searchentry e ON e.id = p.entry_id "
        "WHERE (e.visible_from IS NULL OR e.visible_from <= %s) "
        "AND (e.visible_until IS NULL OR e.visible_until > %s)"
    )
    now = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, now, now])
        return cursor.fetchall()


def _take(found, rows):
    for stem, entry, strength, in_title, kind, url in rows:
        found.postings[stem][entry] = (strength, bool(in_title))
        found.places[entry] = (kind, url)


def _complete(found, own):
    """Give entries found by one word the other words that were cut: a rare word and a common
    one are to meet, however weak the common one is there. Of two common words those entries
    that are strong in one of them, and all that are strong in both have both already. What
    means the same is left as it was read: it would only be the weakest of it."""
    cut = [stem for stem in own if stem in found.cut and own[stem] == MOST_OF_A_STEM]
    if not cut:
        return
    entries, others = set(), {}
    for stem, pks in found.postings.items():
        if own.get(stem) != MOST_OF_A_STEM:
            others |= pks
        elif stem in found.cut:
            entries.update(_strongest(pks))
        else:
            entries.update(pks)
    entries.update(_strongest(others))
    for stem, pk, strength, in_title in _rows_of(cut, sorted(entries)):
        found.postings[stem][pk] = (strength, bool(in_title))


def _strongest(postings):
    return sorted(postings, key=lambda pk: (-postings[pk][0], pk))[:MOST_COMPLETED]


def _rows_of(stems, entries):
    """Some stems' postings in some entries. CROSS JOIN keeps SQLite from reading all that a
    stem has: it takes the tables in the order that they are named here."""
    of_entries = ", ".join(["(%s)"] * len(entries))
    of_stems = ", ".join(["%s"] * len(stems))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH wanted (entry_id) AS (VALUES {of_entries}) SELECT {_COLUMNS} "  # noqa: S608
            "FROM wanted CROSS JOIN search_searchposting p "
            f"WHERE p.entry_id = wanted.entry_id AND p.stem IN ({of_stems})",
            [*entries, *stems],
        )
        return cursor.fetchall()
