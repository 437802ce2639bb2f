"""How it goes: indicators, their values per unit and year, and the yearly tasks."""

from .imports import ImportBatch, ImportFile, UnitName
from .indicators import LEAST_THRESHOLD, Indicator, IndicatorVersion, Visibility
from .measurements import Measurement, Sex, StoredState
from .releases import Release, ReleasedValue
from .reviews import UnitReview
from .yearly import YearlyTask

__all__ = [
    "LEAST_THRESHOLD",
    "ImportBatch",
    "ImportFile",
    "Indicator",
    "IndicatorVersion",
    "Measurement",
    "Release",
    "ReleasedValue",
    "Sex",
    "StoredState",
    "UnitName",
    "UnitReview",
    "Visibility",
    "YearlyTask",
]
