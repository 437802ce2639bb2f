"""Comparing with chance in view: units in a funnel, women with men. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from .charts import funnel_chart, interval_chart
from .disclosure import PublishedValue
from .models import Indicator, Sex
from .presenters import interval_of
from .statistics import difference_interval, funnel_limits, over_dispersion, z_score

INNER, OUTER = 0.95, 0.998
LEAST_UNITS_FOR_FUNNEL = 5
POINTS_OF_A_CURVE = 40
# Over this the units differ clearly more than chance gives.
OVER_DISPERSED = 1.5
# Between these many standard deviations no unit is outside 95 %, whatever its distribution:
# it need not be calculated.
SURELY_INSIDE = 1.5
LARGE_ENOUGH = 10


@dataclass
class FunnelUnit:
    """place  "inside", "outside_inner" (95 %) or "signal" (99.8 %); side "above" or "below" """

    value: PublishedValue
    place: str
    side: str
    x: float = 0
    y: float = 0


@dataclass
class Funnel:
    units: list[FunnelUnit]
    centre: float
    chart: dict
    dispersion: float | None

    @property
    def signals(self) -> list[FunnelUnit]:
        return [unit for unit in self.units if unit.place == "signal"]

    @property
    def outside(self) -> int:
        """Units outside 95 %, the signals too."""
        return sum(unit.place != "inside" for unit in self.units)

    @property
    def by_chance(self) -> float:
        """How many of them chance alone would put outside 95 %."""
        return len(self.units) * (1 - INNER)

    @property
    def is_dispersed(self) -> bool:
        return self.dispersion is not None and self.dispersion > OVER_DISPERSED


def funnel(
    values: Sequence[PublishedValue], kind: str, region: PublishedValue | None
) -> Funnel | None:
    """A year's units round the region's value; None with too few, or nothing to compare with.

    The centre is the region's value where it is shown, else that of the shown units together.
    Values without counts have no size and stand outside.
    """
    shown = [
        value
        for value in values
        if value.sex == Sex.TOTAL and value.is_shown and value.numerator is not None
    ]
    if kind == Indicator.Kind.PROPORTION:
        shown = [value for value in shown if value.numerator <= value.denominator]
    if len(shown) < LEAST_UNITS_FOR_FUNNEL:
        return None
    factor = 100 if kind == Indicator.Kind.PROPORTION else 1
    if region is not None and region.is_shown:
        centre = region.value
    else:
        per = 1000 if kind == Indicator.Kind.RATE_PER_1000 else factor
        centre = sum(v.numerator for v in shown) / sum(v.denominator for v in shown) * per
    middle = centre / factor
    if middle <= 0 or (factor == 100 and middle >= 1):
        return None
    scores = [z_score(kind, middle, v.value / factor, v.denominator) for v in shown]
    units = [
        FunnelUnit(value, _place(kind, middle, value, factor, score), _side(score))
        for value, score in zip(shown, scores, strict=True)
    ]
    curves = [
        (size, *(_scaled(kind, middle, size, confidence, factor) for confidence in (INNER, OUTER)))
        for size in _sizes(shown)
    ]
    chart = funnel_chart(
        points=[(value.denominator, value.value) for value in shown], centre=centre, curves=curves
    )
    for unit, (x, y) in zip(units, chart["points"], strict=True):
        unit.x, unit.y = x, y
    # Too few to say how much they vary.
    dispersion = over_dispersion(scores) if len(scores) >= 10 else None
    return Funnel(units, centre, chart, dispersion)


def _side(score):
    return "above" if score > 0 else "below"


def _place(kind, middle, value, factor, score):
    expected = middle * value.denominator / (1000 if kind == Indicator.Kind.RATE_PER_1000 else 1)
    rest = value.denominator - expected if factor == 100 else expected
    if abs(score) < SURELY_INSIDE and min(expected, rest) >= LARGE_ENOUGH:
        return "inside"
    own = value.value / factor
    for place, confidence in (("signal", OUTER), ("outside_inner", INNER)):
        low, high = funnel_limits(kind, middle, value.denominator, confidence)
        if not low - 1e-9 <= own <= high + 1e-9:
            return place
    return "inside"


def _scaled(kind, middle, size, confidence, factor):
    low, high = funnel_limits(kind, middle, size, confidence)
    return low * factor, high * factor


def _sizes(shown):
    """Whole sizes for the curves, closer where they bend."""
    top = max(value.denominator for value in shown)
    low = max(1, min(value.denominator for value in shown) // 2)
    steps = POINTS_OF_A_CURVE
    # To the end of the scale, which is a round number above the largest.
    ratio = log(max(2, 1.3 * top / low)) / (steps - 1)
    return sorted({round(low * exp(ratio * step)) for step in range(steps)})


@dataclass
class SexSplit:
    """Women and men of the same place and year, and how they differ."""

    women: PublishedValue
    men: PublishedValue
    women_interval: tuple[float, float]
    men_interval: tuple[float, float]
    difference: float
    low: float
    high: float
    chart: dict

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that they are alike."""
        return self.low > 0 or self.high < 0

    @property
    def size(self) -> float:
        return abs(self.difference)

    @property
    def ends(self) -> tuple[float, float]:
        """The interval as the one with the higher value sees it."""
        return (self.low, self.high) if self.difference >= 0 else (-self.high, -self.low)


def sex_split(
    women: PublishedValue | None, men: PublishedValue | None, kind: str
) -> SexSplit | None:
    """None when either is not shown with its counts."""
    intervals = [interval_of(value, kind) for value in (women, men)]
    if None in intervals:
        return None
    measures = [
        (value.value, *interval) for value, interval in zip((women, men), intervals, strict=True)
    ]
    return SexSplit(
        women, men, *intervals, *difference_interval(*measures), interval_chart(measures)
    )
