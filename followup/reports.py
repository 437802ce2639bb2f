"""What several pages show of the figures: a unit's series, the year's tasks."""

from dataclasses import dataclass

from django.db.models import F, FilteredRelation, Q

from .disclosure import ANYBODY, Reader, current_releases, of_unit, own_unreleased
from .models import Indicator, Release, YearlyTask
from .presenters import Series, series, spreads_of


@dataclass
class UnitSeries:
    """One indicator at a unit: its years, and the releases that they come from."""

    indicator: Indicator
    series: Series
    releases: dict[int, Release]

    @property
    def latest_release(self) -> Release | None:
        return self.releases[max(self.releases)] if self.releases else None


def unit_series(unit, reader: Reader = ANYBODY) -> list[UnitSeries]:
    """Each indicator that compares units of the unit's kind, with the unit's own values.

    Whoever answers for the unit also sees years that are not released. Three queries, four for her.
    """
    indicators = with_breaks(
        Indicator.objects.filter(comparison_kinds=unit.kind_id).exclude(kind="derived")
    )
    if not indicators:
        return []
    releases = current_releases(indicators)
    values = of_unit(indicators, unit, reader, releases)
    waiting = own_unreleased(indicators, unit, reader, releases)
    rows = []
    for indicator in indicators:
        spreads = spreads_of(releases[indicator.pk], reader.audience)
        early = waiting.get(indicator.pk, [])
        drawn = series(
            indicator.kind,
            [*values[indicator.pk], *early],
            spreads,
            indicator.breaks,
            {value.year for value in early},
        )
        rows.append(UnitSeries(indicator, drawn, releases[indicator.pk]))
    return rows


def with_breaks(indicators) -> list[Indicator]:
    """Indicators, each with `breaks`: the first years of definitions that break its series.
    One query."""
    breaking = FilteredRelation("versions", condition=Q(versions__breaks_series=True))
    rows = indicators.annotate(breaking=breaking).annotate(break_year=F("breaking__first_year"))
    found = {}
    for row in rows:
        indicator = found.setdefault(row.pk, row)
        if not hasattr(indicator, "breaks"):
            indicator.breaks = []
        if row.break_year is not None:
            indicator.breaks.append(row.break_year)
    return list(found.values())


def tasks_by_month():
    months = {}
    for task in YearlyTask.objects.select_related("owner", "indicator"):
        months.setdefault(task.month, []).append(task)
    return months
