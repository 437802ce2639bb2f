"""Numbers → positions for the SVG templates. Pure functions; the templates draw.

Positions are percent of the drawing's width and height (0 at the top), so that text keeps
its size at any width: labels and dots stand at `x="12.5%"`, lines in a nested viewBox of
1000 × 1000. Method: README of the look, section "Charts".
"""

from collections.abc import Sequence
from math import ceil, floor, log10


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round numbers that span low–high, about as many as asked for.

    ticks(26.2, 41.0) → [25.0, 30.0, 35.0, 40.0, 45.0]
    """
    if high <= low:
        high = low + 1
    rough = (high - low) / max(1, about - 1)
    magnitude = 10 ** floor(log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    # A hair's breadth, so that 7.1 counts as a mark of its own in steps of 0.05.
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def position(value: float, low: float, high: float) -> float:
    """Where a value stands between low and high, in percent from low."""
    return round((value - low) / (high - low) * 100, 2)


def line_chart(
    *,
    years: Sequence[int],
    values: Sequence[float | None],
    medians: Sequence[float | None] = (),
    band: Sequence[tuple[float, float] | None] = (),
) -> dict | None:
    """A line over years, with the units' median (dashed) and the middle half (band).

    One item a year in each sequence, None where there is no value: the line breaks there.
    Returns None when there is nothing to draw.
    """
    numbers = [
        number
        for number in [*values, *medians, *(edge for pair in band if pair for edge in pair)]
        if number is not None
    ]
    if not numbers or not years:
        return None
    marks = ticks(min(numbers), max(numbers))
    if min(numbers) >= 0 and marks[0] < 0:
        marks = [mark for mark in marks if mark >= 0]
    low, high = marks[0], marks[-1]

    def x(index):
        return position(index, 0, len(years) - 1) if len(years) > 1 else 50.0

    def y(value):
        return round(100 - position(value, low, high), 2)

    def lines(sequence):
        """Unbroken runs of points for polylines in the 1000 × 1000 viewBox."""
        runs, run = [], []
        for index, value in enumerate(sequence):
            if value is None:
                runs, run = ([*runs, run] if run else runs), []
            else:
                run.append(f"{x(index) * 10:g},{y(value) * 10:g}")
        return [" ".join(each) for each in [*runs, run] if each]

    edges = [(index, pair) for index, pair in enumerate(band) if pair]
    area = [f"{x(i) * 10:g},{y(pair[1]) * 10:g}" for i, pair in edges]
    area += [f"{x(i) * 10:g},{y(pair[0]) * 10:g}" for i, pair in reversed(edges)]
    return {
        "ticks": [{"y": y(mark), "value": mark} for mark in marks],
        "decimals": max(len(f"{mark:g}".partition(".")[2]) for mark in marks),
        "years": [
            {
                "x": x(index),
                "label": year,
                "anchor": "start" if index == 0 else "end" if index == len(years) - 1 else "middle",
            }
            for index, year in enumerate(years)
        ],
        "lines": lines(values),
        "median_lines": lines(medians),
        "band": " ".join(area) if len(edges) > 1 else "",
        "dots": [
            {"x": x(index), "y": y(value), "year": years[index], "value": value}
            for index, value in enumerate(values)
            if value is not None
        ],
    }


def ranked_bars(values: Sequence[float], median: float | None) -> dict:
    """Widths in percent for bars that start at 0, and the median's place among them.

    ranked_bars([10, 5], 7.5) → {"widths": [95.0, 47.5], "median": 71.25}
    """
    top = max([*values, median or 0], default=0) or 1
    return {
        "widths": [round(max(0, value) / top * 95, 2) for value in values],
        "median": round(median / top * 95, 2) if median is not None else None,
    }
