"""Questions whose SQL is worked out once while no content changes.

Django words a queryset anew each time it is read, which costs more than asking the database: 5.7
of the 6.9 ms that a guidance page's version takes. What is asked for each page, each time with
another value, is worded once and kept with the parts of pages (portal.web.kept). The moment that
the wording holds ("published by now") is as good as any until the next one that changes
anything: that is how long it is kept.

    versions = rows_of("versions", lambda slug: PageVersion.objects.for_page(slug), slug)
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django.db.models import Model, QuerySet

from .kept import kept

# Stands for the value while the question is worded; no row has it.
_MARKS = {str: "PREPARED-0000-VALUE", int: -2_147_483_111}


@dataclass
class Prepared:
    """
    places      where among the statement's parameters the value stands
    converters  {column: what makes its values Python's}, as the compiler has them
    """

    queryset: QuerySet
    compiler: object
    converters: dict
    sql: str
    parameters: tuple
    places: list[int]

    def rows(self, value) -> list[Model]:
        parameters = list(self.parameters)
        for place in self.places:
            parameters[place] = value
        compiler = copy.copy(self.compiler)
        # Each thread has a connection of its own.
        compiler.connection = connections[self.queryset.db]
        compiler.as_sql = lambda *arguments, **options: (self.sql, tuple(parameters))
        compiler.get_converters = lambda expressions: self.converters
        # Of the queryset's own class, which may leave out what readers may not see.
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *arguments, **options: compiler
        return list(queryset)


def rows_of(name: str, build: Callable[[object], QuerySet], value: str | int) -> list[Model]:
    """The rows of a queryset that is built from one value, which it passes on to the database
    as it is."""
    return kept(f"sql {name}", None, lambda: _prepare(build, _MARKS[type(value)])).rows(value)


def _prepare(build, mark):
    queryset = build(mark)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    places = [number for number, each in enumerate(parameters) if each == mark]
    if not places:
        raise ValueError("Värdet kom inte med i frågan.")
    converters = compiler.get_converters(
        [selected for selected, *_ in compiler.select[: compiler.col_count]]
    )
    return Prepared(queryset, compiler, converters, sql, parameters, places)
