"""Released values as somebody may see them. Only this module reads them."""

from collections.abc import Iterable

from django.db.models import Q

from organisation.models import Unit
from portal.web.ordering import swedish_key

from ..models import Indicator, Release, ReleasedValue
from .values import ANYBODY, PublishedValue, Reader, hidden, published

COLUMNS = (
    "release",
    "unit",
    "sex",
    "numerator",
    "denominator",
    "state",
    "reported",
    "seen_by",
)


def current_releases(indicators: Iterable[Indicator]) -> dict[int, dict[int, Release]]:
    """{indicator: {year: the release that counts}}; one query."""
    found = {indicator.pk: {} for indicator in indicators}
    for release in Release.objects.current().filter(indicator__in=found).order_by("year"):
        found[release.indicator_id][release.year] = release
    return found


def _values(rows, releases, kinds, units, reader) -> list[tuple[int, PublishedValue]]:
    """(indicator, value) of each row, hidden from whoever may not see it."""
    values = []
    for release, pk, sex, numerator, denominator, state, reported, seen_by in rows:
        indicator, year = releases[release]
        unit = None if pk is None else units[pk]
        if not reader.may_see(pk, seen_by) and state == "value":
            value = hidden(unit, year, sex)
        else:
            own = not Reader(reader.signed_in).may_see(pk, seen_by)
            counts = numerator, denominator
            kind = kinds[indicator]
            value = published(unit, year, sex, *counts, state, kind, reported, own)
        values.append((indicator, value))
    return values


def _read(indicators, releases, reader, wanted, known=()):
    indicators = list(indicators)
    kinds = {indicator.pk: indicator.kind for indicator in indicators}
    by_key = {
        release.pk: (release.indicator_id, release.year)
        for of_indicator in releases.values()
        for release in of_indicator.values()
    }
    rows = ReleasedValue.objects.filter(
        wanted, release__is_current=True, release__indicator__in=kinds
    )
    # What has been released since `releases` were read waits for the next view.
    rows = [row for row in rows.values_list(*COLUMNS) if row[0] in by_key]
    units = {unit.pk: unit for unit in known}
    if lacking := {row[1] for row in rows} - units.keys() - {None}:
        units |= Unit.objects.in_bulk(lacking)
    return _values(rows, by_key, kinds, units, reader)


def _sorted(values):
    names = {value.unit.pk: swedish_key(value.unit.name) for value in values if value.unit}
    return sorted(
        values,
        key=lambda value: (
            value.year,
            (names[value.unit.pk], value.unit.pk) if value.unit else ("", 0),
            value.sex,
        ),
    )


def year_and_region(
    indicator: Indicator,
    releases: dict[int, Release],
    year: int | None,
    reader: Reader = ANYBODY,
) -> tuple[list[PublishedValue], list[PublishedValue]]:
    """Each unit's value of a year, by unit name and sex, and the region's of all years.
    Two queries, none without releases."""
    if not releases:
        return [], []
    wanted = Q(release=releases[year]) | Q(unit=None)
    found = [value for _, value in _read([indicator], {indicator.pk: releases}, reader, wanted)]
    return (
        _sorted([value for value in found if value.unit]),
        _sorted([value for value in found if value.unit is None]),
    )


def published_values(indicator: Indicator, reader: Reader = ANYBODY) -> list[PublishedValue]:
    """Every released value of an indicator's units, by year, unit name and sex; three queries.

    A derived indicator (distance to the median) has none of its own: ask for the values
    of the one it is derived from.
    """
    releases = current_releases([indicator])
    return _sorted(
        [value for _, value in _read([indicator], releases, reader, Q(unit__isnull=False))]
    )


def pooled_by_indicator(
    indicators: Iterable[Indicator],
    reader: Reader = ANYBODY,
    releases: dict[int, dict[int, Release]] | None = None,
) -> dict[int, list[PublishedValue]]:
    """The region's values a year and sex: its units' counts added together, those of hidden
    units too. By indicator's primary key; two queries in all, one with `releases`."""
    indicators = list(indicators)
    found = {indicator.pk: [] for indicator in indicators}
    releases = current_releases(indicators) if releases is None else releases
    for pk, value in _read(indicators, releases, reader, Q(unit=None)):
        found[pk].append(value)
    return {pk: _sorted(values) for pk, values in found.items()}


def pooled(indicator: Indicator, reader: Reader = ANYBODY) -> list[PublishedValue]:
    return pooled_by_indicator([indicator], reader)[indicator.pk]


def of_unit(
    indicators: Iterable[Indicator],
    unit: Unit,
    reader: Reader,
    releases: dict[int, dict[int, Release]],
) -> dict[int, list[PublishedValue]]:
    """A unit's released values by indicator; one query."""
    indicators = list(indicators)
    found = {indicator.pk: [] for indicator in indicators}
    for pk, value in _read(indicators, releases, reader, Q(unit=unit), [unit]):
        found[pk].append(value)
    return {pk: _sorted(values) for pk, values in found.items()}


def units_released(year: int):
    """The keys of the units whose values of a year are released, as a query."""
    rows = ReleasedValue.objects.filter(
        release__is_current=True, release__year=year, unit__isnull=False
    )
    return rows.order_by().values("unit").distinct()
