"""Published values → what indicator and unit pages place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from portal.web.ordering import swedish_key

from .charts import line_chart, ranked_bars
from .disclosure import PublishedValue, ValueState
from .models import Indicator, Sex
from .statistics import median, quartiles

# With fewer units a median or quartile could point out a single one.
LEAST_UNITS_FOR_MEDIAN = 5

# How many decimals a value is shown with; two values that look the same are the same.
DECIMALS = {
    Indicator.Kind.PROPORTION: 1,
    Indicator.Kind.RATE_PER_1000: 1,
    Indicator.Kind.RATIO: 2,
}


@dataclass
class YearSpread:
    """The units' spread a year: None when too few units have a value to show."""

    year: int
    units: int
    low: float | None = None
    median: float | None = None
    high: float | None = None


def spread_by_year(values: Iterable[PublishedValue]) -> dict[int, YearSpread]:
    """Median and quartiles over the units' shown totals, by year."""
    by_year = defaultdict(list)
    for value in values:
        if value.sex == Sex.TOTAL and value.is_shown:
            by_year[value.year].append(value.value)
    spreads = {}
    for year, numbers in sorted(by_year.items()):
        spreads[year] = YearSpread(year, len(numbers))
        if len(numbers) >= LEAST_UNITS_FOR_MEDIAN:
            low, middle, high = quartiles(numbers)
            spreads[year] = YearSpread(year, len(numbers), low, middle, high)
    return spreads


@dataclass
class YearRow:
    """One year in a series' table: the value by sex, and the units' spread."""

    year: int
    by_sex: dict[str, PublishedValue]
    spread: YearSpread | None

    @property
    def total(self) -> PublishedValue | None:
        return self.by_sex.get(Sex.TOTAL)


@dataclass
class Series:
    """A region's or a unit's values over the years, as sentence, chart and table need them."""

    rows: list[YearRow]
    chart: dict | None
    decimals: int = 1

    @property
    def shown(self) -> list[YearRow]:
        return [row for row in self.rows if row.total and row.total.is_shown]

    @property
    def first(self) -> YearRow | None:
        return self.shown[0] if self.shown else None

    @property
    def latest(self) -> YearRow | None:
        return self.shown[-1] if self.shown else None

    @property
    def newest(self) -> YearRow | None:
        """The latest year of all, also when its value may not be shown."""
        return self.rows[-1] if self.rows else None

    def _as_shown(self, value: float) -> float:
        return round(value, self.decimals)

    @property
    def trend(self) -> str:
        """ "up", "down" or "same" from the first shown year to the latest, by what is shown."""
        if len(self.shown) < 2:
            return ""
        before, after = map(self._as_shown, (self.first.total.value, self.latest.total.value))
        return "same" if before == after else "up" if after > before else "down"

    @property
    def against_median(self) -> str:
        """ "above", "below" or "at" the units' median in the latest shown year."""
        latest = self.latest
        if latest is None or latest.spread is None or latest.spread.median is None:
            return ""
        value, middle = map(self._as_shown, (latest.total.value, latest.spread.median))
        return "at" if value == middle else "above" if value > middle else "below"


def series(kind: str, values: Iterable[PublishedValue], spreads: dict[int, YearSpread]) -> Series:
    """One unit's (or the region's) values of an indicator of a kind, with the units' spread
    beside them."""
    by_year = defaultdict(dict)
    for value in values:
        by_year[value.year][value.sex] = value
    years = sorted(set(by_year) | set(spreads))
    rows = [YearRow(year, by_year.get(year, {}), spreads.get(year)) for year in years]
    chart = line_chart(
        years=years,
        values=[row.total.value if row.total else None for row in rows],
        medians=[row.spread.median if row.spread else None for row in rows],
        band=[
            (row.spread.low, row.spread.high) if row.spread and row.spread.low is not None else None
            for row in rows
        ],
    )
    has_values = any(row.total and row.total.is_shown for row in rows)
    return Series(rows, chart if has_values else None, DECIMALS[kind])


@dataclass
class RankedRow:
    value: PublishedValue
    width: float | None
    to_median: float | None = None


@dataclass
class Ranking:
    rows: list[RankedRow]
    median: float | None
    median_place: float | None
    hidden: int


def ranking(values: Sequence[PublishedValue], year: int, *, by_distance: bool = False) -> Ranking:
    """One year's units, highest first; those without a shown value last, by name.

    by_distance  for the indicator "distance to the median": nearest first
    """
    totals = [value for value in values if value.year == year and value.sex == Sex.TOTAL]
    shown = [value for value in totals if value.is_shown]
    numbers = [value.value for value in shown]
    middle = median(numbers) if len(numbers) >= LEAST_UNITS_FOR_MEDIAN else None
    if by_distance and middle is not None:
        shown.sort(key=lambda value: (abs(value.value - middle), swedish_key(value.unit.name)))
    else:
        shown.sort(key=lambda value: (-value.value, swedish_key(value.unit.name)))
    bars = ranked_bars([value.value for value in shown], middle)
    rows = [
        RankedRow(value, width, None if middle is None else value.value - middle)
        for value, width in zip(shown, bars["widths"], strict=True)
    ]
    rest = sorted((v for v in totals if not v.is_shown), key=lambda v: swedish_key(v.unit.name))
    rows += [RankedRow(value, None) for value in rest]
    return Ranking(rows, middle, bars["median"], sum(v.state == "hidden" for v in totals))


def distances_to_median(values: Iterable[PublishedValue]) -> list[PublishedValue]:
    """Shown totals as distances to the median of their year, without their counts.

    Years with too few units for a median leave their values missing. One sex has no
    distance of its own and is left out.
    """
    values = list(values)
    spreads = spread_by_year(values)
    distances = []
    for value in values:
        if value.sex != Sex.TOTAL:
            continue
        middle = spreads[value.year].median if value.is_shown else None
        if middle is not None:
            distance = value.value - middle
            value = replace(value, value=distance, numerator=None, denominator=None)
        elif value.is_shown:
            value = PublishedValue(value.unit, value.year, value.sex, ValueState.MISSING)
        distances.append(value)
    return distances


def measured(indicator: Indicator) -> Indicator:
    """The indicator whose stored values an indicator shows: itself, or its source."""
    return indicator.derived_from or indicator


def flat_rows(indicator: Indicator, values: Iterable[PublishedValue]) -> list[dict]:
    """Values as the CSV and JSON exports hold them; numbers rounded as they are shown."""
    decimals = DECIMALS[measured(indicator).kind]
    return [
        {
            "indicator": indicator.code,
            "hsa_id": value.unit.hsa_id if value.unit else "",
            "unit": value.unit.name if value.unit else "Regionen",
            "year": value.year,
            "sex": value.sex,
            "state": str(value.state),
            "value": None if value.value is None else round(value.value, decimals),
            "numerator": value.numerator,
            "denominator": value.denominator,
        }
        for value in values
    ]
