"""What several pages show of the figures: a unit's series, the year's tasks."""

from collections import defaultdict
from dataclasses import dataclass

from .disclosure import ANYBODY, Reader, current_releases, of_unit, own_unreleased
from .models import Indicator, IndicatorVersion, Release, YearlyTask
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

    Whoever answers for the unit also sees years that are not released. Four queries, five for
    her.
    """
    indicators = list(
        Indicator.objects.filter(comparison_kinds=unit.kind_id).exclude(kind="derived")
    )
    if not indicators:
        return []
    releases = current_releases(indicators)
    values = of_unit(indicators, unit, reader, releases)
    waiting = own_unreleased(indicators, unit, reader, releases)
    breaks = breaks_of(indicators)
    rows = []
    for indicator in indicators:
        spreads = spreads_of(releases[indicator.pk], reader.audience)
        early = waiting.get(indicator.pk, [])
        drawn = series(
            indicator.kind,
            [*values[indicator.pk], *early],
            spreads,
            breaks[indicator.pk],
            {value.year for value in early},
        )
        rows.append(UnitSeries(indicator, drawn, releases[indicator.pk]))
    return rows


def breaks_of(indicators) -> dict[int, list[int]]:
    """{indicator: the first years of definitions that break its series}; one query."""
    found = defaultdict(list)
    rows = IndicatorVersion.objects.filter(indicator__in=indicators, breaks_series=True)
    for indicator, year in rows.order_by("first_year").values_list("indicator", "first_year"):
        found[indicator].append(year)
    return found


def tasks_by_month():
    months = {}
    for task in YearlyTask.objects.select_related("owner", "indicator"):
        months.setdefault(task.month, []).append(task)
    return months
