"""The only way out for measurements: what may not be shown is hidden here, before anything
else sees it, so that page, sentence, chart, table, CSV and JSON agree.

    plans       a year's true values -> what a release would show to whom, with its audit
    published   released values as somebody may see them
    tables      what gives hidden counts away (pure)      network   exact bounds (pure)
    values      the five states, and who a reader is
"""

from .plans import own_unreleased
from .published import (
    current_releases,
    of_unit,
    pooled,
    pooled_by_indicator,
    published_values,
    units_released,
    year_and_region,
)
from .values import ANYBODY, PublishedValue, Reader, ValueState, published, reader_of

__all__ = [
    "ANYBODY",
    "PublishedValue",
    "Reader",
    "ValueState",
    "current_releases",
    "of_unit",
    "own_unreleased",
    "pooled",
    "pooled_by_indicator",
    "published",
    "published_values",
    "reader_of",
    "units_released",
    "year_and_region",
]
