"""Published values → what indicator and unit pages place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from portal.web.ordering import swedish_key

from .charts import line_chart, ranked_bars
from .disclosure import PublishedValue, ValueState
from .models import Indicator, Release, Sex
from .statistics import LEAST_TREND_YEARS, proportion_interval, rate_interval, trend

CONFIDENCE = 0.95
# A trend is told when chance alone seldom gives so clear an order.
TREND_LEVEL = 0.05

# How many decimals a value is shown with; two values that look the same are the same.
DECIMALS = {
    Indicator.Kind.PROPORTION: 1,
    Indicator.Kind.RATE_PER_1000: 1,
    Indicator.Kind.RATIO: 2,
}


def interval_of(value: PublishedValue | None, kind: str) -> tuple[float, float] | None:
    """(low, high) of a shown value at 95 %, in its own unit; None without counts."""
    if value is None or not value.is_shown or value.numerator is None or not value.denominator:
        return None
    counts = value.numerator, value.denominator
    if kind == Indicator.Kind.PROPORTION:
        if value.numerator > value.denominator:
            return None
        low, high = proportion_interval(*counts, CONFIDENCE)
        return low * 100, high * 100
    return rate_interval(*counts, 1000 if kind == Indicator.Kind.RATE_PER_1000 else 1, CONFIDENCE)


@dataclass
class YearSpread:
    """The units' spread a year: None when too few units have a value to show."""

    year: int
    units: int
    low: float | None = None
    median: float | None = None
    high: float | None = None


def spreads_of(releases: Mapping[int, Release], audience: str) -> dict[int, YearSpread]:
    """Median and quartiles as they were released to an audience, by year."""
    return {
        year: YearSpread(year, **release.spread.get(audience, {"units": 0}))
        for year, release in sorted(releases.items())
    }


@dataclass
class YearRow:
    """One year in a series' table: the value by sex, and the units' spread."""

    year: int
    by_sex: dict[str, PublishedValue]
    spread: YearSpread | None
    kind: str = Indicator.Kind.PROPORTION
    breaks: bool = False
    unreleased: bool = False

    @property
    def remark(self) -> bool:
        return self.breaks or self.unreleased

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        return interval_of(self.total, self.kind)

    @property
    def total(self) -> PublishedValue | None:
        return self.by_sex.get(Sex.TOTAL)


@dataclass
class Series:
    """A region's or a unit's values over the years, as sentence, chart and table need them."""

    rows: list[YearRow]
    chart: dict | None
    decimals: int = 1
    kind: str = Indicator.Kind.PROPORTION
    breaks: list[int] = field(default_factory=list)

    @property
    def shown(self) -> list[YearRow]:
        return [row for row in self.rows if row.total and row.total.is_shown]

    @property
    def comparable(self) -> list[YearRow]:
        """The shown years since the last break of the series."""
        latest = max((row.year for row in self.rows if row.breaks), default=0)
        return [row for row in self.shown if row.year >= latest]

    @property
    def first(self) -> YearRow | None:
        return self.comparable[0] if self.comparable else None

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
        if len(self.comparable) < 2:
            return ""
        before, after = map(self._as_shown, (self.first.total.value, self.latest.total.value))
        return "same" if before == after else "up" if after > before else "down"

    @cached_property
    def long_trend(self) -> str:
        """ "up", "down" or "none" over five comparable years or more, beyond chance; "" with
        fewer years, or where the order is unclear but the last year is clearly not the first."""
        rows = self.comparable
        if len(rows) < LEAST_TREND_YEARS:
            return ""
        found = trend([row.year for row in rows], [row.total.value for row in rows])
        if found.p_value >= TREND_LEVEL or found.slope == 0:
            # "No certain direction" would contradict "up from 45 %" in the sentence before it.
            return "" if self._ends_apart else "none"
        return "up" if found.slope > 0 else "down"

    @property
    def _ends_apart(self) -> bool:
        """Whether the intervals of the first and the latest shown year have nothing in common."""
        ends = self.first.interval, self.latest.interval
        return all(ends) and max(low for low, _ in ends) > min(high for _, high in ends)

    @property
    def has_own(self) -> bool:
        """Whether some value is shown to this reader only by her right to the unit."""
        return any(value.own for row in self.rows for value in row.by_sex.values())

    @property
    def has_reported(self) -> bool:
        return any(value.reported for row in self.rows for value in row.by_sex.values())

    @property
    def against_median(self) -> str:
        """ "above", "below" or "at" the units' median in the latest shown year."""
        latest = self.latest
        if latest is None or latest.spread is None or latest.spread.median is None:
            return ""
        value, middle = map(self._as_shown, (latest.total.value, latest.spread.median))
        return "at" if value == middle else "above" if value > middle else "below"


def series(
    kind: str,
    values: Iterable[PublishedValue],
    spreads: Mapping[int, YearSpread],
    breaks: Iterable[int] = (),
    unreleased: Iterable[int] = (),
) -> Series:
    """One unit's (or the region's) values of an indicator of a kind, with the units' spread
    beside them.

    breaks      first years of definitions that cannot be compared with what was before
    unreleased  years that only those who answer for the unit see
    """
    by_year = defaultdict(dict)
    for value in values:
        by_year[value.year][value.sex] = value
    years = sorted(set(by_year) | set(spreads))
    # A break in a year without values is one before the next year that has some.
    broken = {min((y for y in years if y >= first), default=None) for first in breaks}
    broken -= {None, years[0] if years else None}
    hidden = set(unreleased)
    rows = [
        YearRow(
            year, by_year.get(year, {}), spreads.get(year), kind, year in broken, year in hidden
        )
        for year in years
    ]
    chart = line_chart(
        years=years,
        values=[row.total.value if row.total else None for row in rows],
        medians=[row.spread.median if row.spread else None for row in rows],
        band=[
            (row.spread.low, row.spread.high) if row.spread and row.spread.low is not None else None
            for row in rows
        ],
        intervals=[row.interval for row in rows],
        breaks=broken,
    )
    has_values = any(row.total and row.total.is_shown for row in rows)
    return Series(rows, chart if has_values else None, DECIMALS[kind], kind, sorted(broken))


@dataclass
class RankedRow:
    value: PublishedValue
    width: float | None
    to_median: float | None = None
    interval: tuple[float, float] | None = None


@dataclass
class Ranking:
    rows: list[RankedRow]
    median: float | None
    median_place: float | None
    hidden: int


def ranking(
    values: Sequence[PublishedValue],
    spread: YearSpread | None,
    kind: str,
    *,
    by_distance: bool = False,
) -> Ranking:
    """A year's units, highest first; those without a shown value last, by name.

    by_distance  for the indicator "distance to the median": nearest first
    """
    totals = [value for value in values if value.sex == Sex.TOTAL]
    shown = [value for value in totals if value.is_shown]
    middle = spread.median if spread else None
    if by_distance and middle is not None:
        shown.sort(key=lambda value: (abs(value.value - middle), swedish_key(value.unit.name)))
    else:
        shown.sort(key=lambda value: (-value.value, swedish_key(value.unit.name)))
    bars = ranked_bars([value.value for value in shown], middle)
    rows = [
        RankedRow(
            value,
            width,
            None if middle is None else value.value - middle,
            interval_of(value, kind),
        )
        for value, width in zip(shown, bars["widths"], strict=True)
    ]
    rest = sorted((v for v in totals if not v.is_shown), key=lambda v: swedish_key(v.unit.name))
    rows += [RankedRow(value, None) for value in rest]
    return Ranking(rows, middle, bars["median"], sum(v.state == "hidden" for v in totals))


def distances_to_median(
    values: Iterable[PublishedValue], spreads: Mapping[int, YearSpread]
) -> list[PublishedValue]:
    """Shown totals as distances to the median of their year, without their counts.

    Years with too few units for a median leave their values missing. One sex has no
    distance of its own and is left out.
    """
    distances = []
    for value in values:
        if value.sex != Sex.TOTAL:
            continue
        spread = spreads.get(value.year)
        middle = spread.median if spread and value.is_shown else None
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
