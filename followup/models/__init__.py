"""How it goes: indicators, their values per unit and year, and the yearly tasks."""

from .indicators import LEAST_THRESHOLD, Indicator, IndicatorVersion, Visibility
from .measurements import Measurement, Sex
from .releases import Release, ReleasedValue
from .reviews import UnitReview
from .yearly import YearlyTask

__all__ = [
    "LEAST_THRESHOLD",
    "Indicator",
    "IndicatorVersion",
    "Measurement",
    "Release",
    "ReleasedValue",
    "Sex",
    "UnitReview",
    "Visibility",
    "YearlyTask",
]
