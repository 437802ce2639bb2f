"""Which entries have which of a query's stems, read within bounds.

Ranking every match of a common word is what makes a search slow, so of each stem only the
strongest postings are read; the index holds them in that order. Written as SQL since a limit
for each stem is nothing that the ORM can say on SQLite; it is the same on both databases.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from portal.caching.parts import kept

from .models import SearchEntry
from .rows import rows_of

MOST_OF_A_STEM = 300  # strongest entries of each stem that is the reader's own word
MOST_OF_MANY = 200  # the same where there are several, of which an entry is to have all
MOST_OF_A_PHRASE = 150  # of each in a phrase that means the same
MOST_OF_A_SYNONYM = 100  # of each that means the same
MOST_OF_THE_REST = 300  # strongest postings of all compounds, beginnings and guesses
MOST_BESIDE_COMMON = 100  # of these, where the reader's own words alone give more than enough
MOST_ALONE = 100  # so many stems may be read on their own
MOST_BY_KIND = 3_000  # pairs of a stem and an entry of the kinds that are asked for
MOST_COMPLETED = 50  # strongest entries of a common word that get the other words

_COLUMNS = "stem, entry_id, strength, in_title"
_POSTING = "p.stem, p.entry_id, p.strength, p.in_title"
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
    alone: Mapping[str, int],
    related: Mapping[str, int],
    kinds: Collection[str] = (),
    *,
    rest: int = MOST_OF_THE_REST,
    together: Collection[str] = (),
) -> Found:
    """The postings of some stems, of entries of some kinds or all.

    alone     {stem: how many of it at most}
    related   {stem: about how many entries have it}: all of these within one bound, `rest`. Those
              that many entries have get a share of it each: to choose between all that they have
              it would have to be sorted
    together  which stems an entry is to have if it has them at all, however weakly

    One query, and a second one where a stem was cut and others are to meet it.
    """
    common = [stem for stem, entries in related.items() if entries > rest]
    share = rest // (len(common) + 1)
    alone = dict(list((alone | dict.fromkeys(sorted(common), share)).items())[:MOST_ALONE])
    related = sorted(related.keys() - alone)
    stems = [*alone, *related]
    found = Found({stem: {} for stem in stems})
    if not stems:
        return found
    if kinds and _number_of(kinds) * len(stems) <= MOST_BY_KIND:
        bounds, select = [], _all_of(kinds, stems)
    else:
        bounds = [*(([stem], most) for stem, most in alone.items()), (related, share)]
        select = _strongest_of([bound for bound in bounds if bound[0]], kinds)
    _take(found, _visible_rows(*select))
    found.postings = {stem: pks for stem, pks in found.postings.items() if pks}
    if not found.postings:
        return found
    found.entries = kept("search", "entries", SearchEntry.objects.count)
    for stems, most in bounds:
        if sum(len(found.postings.get(stem, ())) for stem in stems) > most:
            found.cut.update(stems)
    if together and found.cut and len(found.postings) > 1:
        _complete(found, together)
    return found


def _number_of(kinds):
    counted = SearchEntry.objects.filter(kind__in=kinds).count
    return kept("search", ("entries", *sorted(kinds)), counted)


def _all_of(kinds, stems):
    """(select, parameters) of all postings of some stems in entries of a few kinds: of a kind
    that has few entries, these are looked up, since the strongest of all would be of others.
    CROSS JOIN has SQLite take the tables in the order that they are named here."""
    return (
        f"SELECT {_POSTING} FROM search_searchentry k "  # noqa: S608
        f"CROSS JOIN search_searchposting p WHERE k.kind IN ({_marks(kinds)}) "
        f"AND p.entry_id = k.id AND p.stem IN ({_marks(stems)})",
        [*kinds, *stems],
    )


def _strongest_of(bounds, kinds):
    """(select, parameters) of the strongest postings of some stems, one more of each than is
    wanted, which tells that there are more."""
    of_kinds = ""
    if kinds:
        # Of other kinds they would take places that the bound counts.
        of_kinds = "CROSS JOIN search_searchentry k WHERE k.id = p.entry_id AND "
        of_kinds += f"k.kind IN ({_marks(kinds)}) AND"
    parts, params = [], []
    for number, (stems, most) in enumerate(bounds):
        parts.append(
            f"SELECT * FROM (SELECT {_POSTING} FROM search_searchposting p "  # noqa: S608
            f"{of_kinds or 'WHERE'} p.stem IN ({_marks(stems)}) "
            f"{_ORDER} LIMIT {most + 1}) AS part{number}"
        )
        params += [*kinds, *stems]
    return " UNION ALL ".join(parts), params


def _marks(values):
    return ", ".join(["%s"] * len(values))


def _visible_rows(select, params):
    """With where each entry is, looked up for one at a time: PostgreSQL would read all entries to
    join some hundred."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = (
        f"SELECT {_COLUMNS}, (SELECT e.kind || ' ' || e.url FROM search_searchentry e "  # noqa: S608
        "WHERE e.id = p.entry_id AND (e.visible_from IS NULL OR e.visible_from <= %s) "
        f"AND (e.visible_until IS NULL OR e.visible_until > %s)) AS place FROM ({select}) p"
    )
    rows = rows_of(f"{_COLUMNS}, place", sql, [now, now, *params])
    return [row for row in rows if row[-1] is not None]


def _take(found, rows):
    for stem, entry, strength, in_title, place in rows:
        found.postings[stem][entry] = (strength, bool(in_title))
        if entry not in found.places:
            kind, _, url = place.partition(" ")
            found.places[entry] = (kind, url)


def _complete(found, together):
    """Give entries found by one word the other words that were cut: a rare word and a common
    one are to meet, however weak the common one is there. Of two common words those entries
    that are strong in one of them, and all that are strong in both have both already. What
    means the same is left as it was read: it would only be the weakest of it."""
    cut = sorted(found.cut.intersection(together))
    if not cut:
        return
    entries, others = set(), {}
    for stem, pks in found.postings.items():
        if stem not in together:
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
    """Some stems' postings in some entries; CROSS JOIN as above."""
    of_entries = ", ".join(["(%s)"] * len(entries))
    return rows_of(
        _COLUMNS,
        f"WITH wanted (entry_id) AS (VALUES {of_entries}) SELECT {_POSTING} "  # noqa: S608
        "FROM wanted CROSS JOIN search_searchposting p "
        f"WHERE p.entry_id = wanted.entry_id AND p.stem IN ({_marks(stems)})",
        [*entries, *stems],
    )
