"""How it goes: indicators, their values per unit and year, and the yearly tasks."""

from .indicators import LEAST_THRESHOLD, Indicator
from .measurements import Measurement, Sex
from .yearly import YearlyTask

__all__ = ["LEAST_THRESHOLD", "Indicator", "Measurement", "Sex", "YearlyTask"]
