"""Questions whose SQL is worded once.

Django words a queryset anew each time it is read, which costs more than asking the database: 5.7
of the 6.9 ms that a guidance page's version takes. What is asked again and again, each time with
other values, is worded once.

`Question` is kept in the process. The moment ("published by now") is one of its values, so that
who writes may ask it, too:

    live_of = Question(lambda at, page: PageVersion.objects.live(at).filter(page=page))
    versions = live_of(timezone.now(), page.pk)

`rows_of` is for readers' pages, where the moment is the queryset's own. It is kept with the parts
of pages (portal.web.kept): the moment that the wording holds is as good as any until the next one
that changes anything.

    versions = rows_of("versions", lambda slug: PageVersion.objects.for_page(slug), slug)
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connections
from django.db.models import QuerySet

from .kept import kept

# Stand for the values while a question is worded, each with its place among them; no row has
# them, and they are within what a column of their kind may hold.
_MARKS = {
    str: lambda place: f"PREPARED-{place:04}-VALUE",
    int: lambda place: 31_111 + place,
    list: lambda place: [31_111 + place],
    datetime: lambda place: datetime(1931, 11, 1, microsecond=1 + place, tzinfo=UTC),
}


@dataclass
class Prepared:
    """
    places      where among the statement's parameters each value stands
    converters  {column: what makes its values Python's}, as the compiler has them
    """

    queryset: QuerySet
    compiler: object
    converters: dict
    sql: str
    parameters: tuple
    places: list[list[int]]

    def rows(self, *values) -> list:
        parameters = list(self.parameters)
        connection = connections[self.queryset.db]
        for places, value in zip(self.places, _as_stored(values, connection), strict=True):
            for place in places:
                parameters[place] = value
        compiler = copy.copy(self.compiler)
        # Each thread has a connection of its own.
        compiler.connection = connection
        compiler.as_sql = lambda *arguments, **options: (self.sql, tuple(parameters))
        compiler.get_converters = lambda expressions: self.converters
        # Of the queryset's own class, which may leave out what readers may not see.
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *arguments, **options: compiler
        return list(queryset)


class Question:
    """A queryset that is built from some values, which it passes on to the database as they
    are: numbers, texts, moments and lists of numbers to look among (`pk__in`). Called with them
    it gives its rows.

    The wording that is kept looks for one key: a list of several is worded as always, since a
    database may have to go another way to many.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self.build, self.prepared = build, None

    def __call__(self, *values) -> list:
        if any(isinstance(each, list) and len(each) != 1 for each in values):
            return list(self.build(*values))
        if self.prepared is None:
            self.prepared = _prepare(self.build, *map(type, values))
        return self.prepared.rows(*values)


def rows_of(name: str, build: Callable[[object], QuerySet], value: str | int) -> list:
    """The rows of a queryset that is built from one value, which it passes on to the database
    as it is."""
    return kept(f"sql {name}", None, lambda: _prepare(build, type(value))).rows(value)


def _prepare(build, *kinds):
    marks = [_MARKS[kind](place) for place, kind in enumerate(kinds)]
    queryset = build(*marks)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    places = [
        [place for place, each in enumerate(parameters) if each == mark]
        for mark in _as_stored(marks, compiler.connection)
    ]
    if not all(places):
        raise ValueError("Ett värde kom inte med i frågan.")
    converters = compiler.get_converters(
        [selected for selected, *_ in compiler.select[: compiler.col_count]]
    )
    return Prepared(queryset, compiler, converters, sql, parameters, places)


def _as_stored(values, connection):
    """Values as the database's parameters have them."""
    for value in values:
        if isinstance(value, datetime):
            yield connection.ops.adapt_datetimefield_value(value)
        else:
            yield value[0] if isinstance(value, list) else value
