"""Statistics in plain numbers. Pure functions: no queries, no formatting."""

from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, by linear interpolation.

    Method 7 in Hyndman & Fan (1996), "Sample quantiles in statistical packages", The
    American Statistician 50(4); the same as numpy's and spreadsheets' default.
    Raises ValueError without values or with a share outside 0–1.
    """
    if not values:
        raise ValueError("quantile needs at least one value")
    if not 0 <= share <= 1:
        raise ValueError("share must lie between 0 and 1")
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile."""
    return quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)
