"""The table of true values, for the import desk: what is stored, storing, and the way back.

The only module of the desk that knows it, so that there is one place to look for what writes
true values. What is read here is shown to those who may import, and to nobody else.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, When

from followup.models import ImportBatch, ImportFile, Indicator, Measurement, Sex
from organisation.models import Unit
from portal.web.batches import batched
from portal.web.ordering import swedish

AT_A_TIME = 5_000
UNIQUE = ("indicator", "year", "unit", "sex")


class Stored(NamedTuple):
    """One value as it stands, numbers as they are and the state's code."""

    state: str
    numerator: int | None
    denominator: int | None
    reported: Decimal | None
    batch: int | None = None
    source_cell: str = ""

    @property
    def content(self) -> tuple:
        """What is said, wherever it came from."""
        return self[:4]


FIELDS = ("state", "numerator", "denominator", "reported", "batch", "source_cell")


def _upsert():
    def columns(names):
        return [f'"{Measurement._meta.get_field(name).column}"' for name in names]

    written = columns(FIELDS)
    return (
        f'INSERT INTO "{Measurement._meta.db_table}" '  # noqa: S608  (names of our own model)
        f"({', '.join(columns((*UNIQUE, *FIELDS)))}) "
        f"VALUES ({', '.join(['%s'] * len((*UNIQUE, *FIELDS)))}) "
        f"ON CONFLICT ({', '.join(columns(UNIQUE))}) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in written)
    )


UPSERT = _upsert()


def stored_values(indicator: Indicator, year: int) -> dict[tuple[int, str], Stored]:
    """{(unit's primary key, sex): value} of a year."""
    rows = Measurement.objects.filter(indicator=indicator, year=year).order_by()
    found = rows.values_list("unit", "sex", *FIELDS).iterator()
    return {(unit, sex): Stored(*rest) for unit, sex, *rest in found}


def write(batch: ImportBatch, values: Iterable[tuple[int, str, Stored]]) -> None:
    """Stores (unit, sex, value), in place of what stands there.

    In SQL of both databases: for a hundred thousand rows bulk_create writes as many placeholders,
    which takes longer than to read the file and to store the values together.
    """
    rows = ((batch.indicator_id, batch.year, unit, sex, *_stored(v)) for unit, sex, v in values)
    with connection.cursor() as cursor:
        for some in batched(rows, AT_A_TIME):
            cursor.executemany(UPSERT, some)


def _stored(value):
    reported = None if value.reported is None else str(value.reported)
    return (*value[:3], reported, *value[4:])


def changed_since(batch: ImportBatch) -> dict[int | None, int]:
    """{later batch's number, None for a content pack: how many of this batch's values it has
    replaced}."""
    current = stored_values(batch.indicator, batch.year)
    later = {}
    for unit, sex, _ in batch.replaced:
        value = current.get((unit, sex))
        holder = value.batch if value else None
        if holder != batch.pk:
            later[holder] = later.get(holder, 0) + 1
    return later


def put_back(batch: ImportBatch) -> None:
    """What stood before the batch; what it added goes."""
    added = [(unit, sex) for unit, sex, value in batch.replaced if value is None]
    own = Measurement.objects.filter(batch=batch)
    for sex in {sex for _, sex in added}:
        units = [unit for unit, other in added if other == sex]
        for some in batched(units, AT_A_TIME):
            own.filter(sex=sex, unit__in=some).delete()
    write(batch, ((unit, sex, stored_of(value)) for unit, sex, value in batch.replaced if value))


def kept(value: Stored | None) -> list | None:
    """A value as JSON can hold it."""
    if value is None:
        return None
    return list(_stored(value))


def stored_of(kept_value: list) -> Stored:
    state, numerator, denominator, reported, batch, cell = kept_value
    reported = None if reported is None else Decimal(reported)
    return Stored(state, numerator, denominator, reported, batch, cell)


def stored_rows(indicator: Indicator, year: int, text: str = ""):
    """Rows with unit and batch, for "where does this come from"; `text` finds in names and
    HSA-ids."""
    rows = Measurement.objects.filter(indicator=indicator, year=year)
    if text:
        rows = rows.filter(unit__in=Unit.objects.matching(text))
    sexes = Case(*[When(sex=sex, then=place) for place, sex in enumerate(Sex.values)])
    return rows.select_related("unit", "batch__uploaded_by", "batch__decided_by").order_by(
        swedish("unit__name"), "unit_id", sexes
    )


def file_names(batches: Iterable[int | None]) -> dict[int, str]:
    """{batch: its files' names, the numerator's first}."""
    names = {}
    files = ImportFile.objects.filter(batch__in=batches).order_by("pk")
    for batch, name in files.values_list("batch", "name"):
        names[batch] = f"{names[batch]}, {name}" if batch in names else name
    return names
