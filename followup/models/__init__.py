"""How it goes: indicators, their values per unit and year, and the yearly tasks."""

from .imports import ImportBatch, ImportFile, UnitName
from .indicators import LEAST_THRESHOLD, Indicator
from .measurements import Measurement, Sex, StoredState
from .yearly import YearlyTask

__all__ = [
    "LEAST_THRESHOLD",
    "ImportBatch",
    "ImportFile",
    "Indicator",
    "Measurement",
    "Sex",
    "StoredState",
    "UnitName",
    "YearlyTask",
]
