"""What several pages show of the figures: a unit's series, the year's tasks."""

from .disclosure import published_by_indicator
from .models import Indicator, YearlyTask
from .presenters import series, spread_by_year


def unit_series(unit):
    """Each indicator that compares units of the unit's kind, with the unit's own values."""
    indicators = Indicator.objects.filter(comparison_kinds=unit.kind).exclude(kind="derived")
    values = published_by_indicator(indicators)
    rows = []
    for indicator in indicators:
        own = [value for value in values[indicator.pk] if value.unit == unit]
        spreads = spread_by_year(values[indicator.pk])
        rows.append((indicator, series(indicator.kind, own, spreads)))
    return rows


def tasks_by_month():
    months = {}
    for task in YearlyTask.objects.select_related("owner", "indicator"):
        months.setdefault(task.month, []).append(task)
    return months
