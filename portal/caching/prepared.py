"""Questions whose SQL is worded once.

Django words a queryset anew each time it is read, which costs more than asking the database: 5.7
of the 6.9 ms that a guidance page's version takes. What is asked again and again, each time with
other values, is worded once in the process. The moment or the day that it is asked of is one of
its values.

    live_of = Question(lambda at, page: PageVersion.objects.live(at).filter(page=page))
    versions = live_of(timezone.now(), page.pk)
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, count

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

# A list of more keys than this is worded each time.
MOST_KEYS = 8
# Stand for the values while a question is worded: one for each place and turn. No row has them,
# they are within what a column of their kind may hold, and a step from one is not another.
_MARKS = {
    str: lambda number: f"PREPARED-{number:04}-VALUE",
    int: lambda number: 31_111 + 53 * number,
    datetime: lambda number: datetime(1931, 11, 1, microsecond=1 + number, tzinfo=UTC),
    date: lambda number: date(1931, 11, 1) + timedelta(days=53 * number),
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
    are: numbers, texts, moments, days and lists of them to look among (`pk__in`). Called with
    them it gives its rows.

    A list has a wording of its own for each number of keys up to MOST_KEYS; a longer one is
    worded as always.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self.build = build
        # A restore has databases of two kinds in turn under one name.
        self.prepared = {}

    def __call__(self, *values) -> list:
        lengths = [len(each) for each in values if isinstance(each, list)]
        if not all(0 < length <= MOST_KEYS for length in lengths):
            return list(self.build(*values))
        wording = (connections[DEFAULT_DB_ALIAS].vendor, *lengths)
        if wording not in self.prepared:
            self.prepared[wording] = _prepare(self.build, values)
        return self.prepared[wording].rows(*values)


def keep(row: Model, name: str, rows: list) -> None:
    """Give a row one of its lists, read already: `row.<name>.all()` is these rows, as it is after
    a prefetch."""
    queryset = getattr(row, name).get_queryset()
    queryset._result_cache, queryset._prefetch_done = rows, True
    kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
    kept[name] = queryset


def _prepare(build, like):
    """Worded twice, with other values, to see that they are all that differs: neither the moment
    of the wording nor what somebody reckons from a value may stay in it."""
    numbers = count()
    queryset, compiler, sql, parameters, marks = _worded(build, like, numbers)
    *_, again, others, _ = _worded(build, like, numbers)
    both = enumerate(zip(parameters, others, strict=False))
    differ = {place for place, (one, other) in both if one != other}
    places = [[place for place in differ if parameters[place] == mark] for mark in marks]
    if sql != again or not all(places) or differ != {*chain.from_iterable(places)}:
        raise ValueError("Ett värde kom inte med i frågan som det är.")
    converters = compiler.get_converters(
        [selected for selected, *_ in compiler.select[: compiler.col_count]]
    )
    return Prepared(queryset, compiler, converters, sql, parameters, places)


def _worded(build, like, numbers):
    values = [_mark(value, numbers) for value in like]
    queryset = build(*values)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    return queryset, compiler, sql, parameters, [*_as_stored(values, compiler.connection)]


def _mark(value, numbers):
    if isinstance(value, list):
        return [_mark(each, numbers) for each in value]
    return _MARKS[type(value)](next(numbers))


def _as_stored(values, connection):
    """Values as the database's parameters have them, a list's one by one."""
    for value in values:
        if isinstance(value, datetime):
            yield connection.ops.adapt_datetimefield_value(value)
        elif isinstance(value, date):
            yield connection.ops.adapt_datefield_value(value)
        elif isinstance(value, list):
            yield from value
        else:
            yield value
