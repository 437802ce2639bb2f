"""Numbers → positions for the SVG templates. Pure functions; the templates draw.

Positions are percent of the drawing's width and height (0 at the top), so that text keeps
its size at any width: labels and dots stand at `x="12.5%"`, lines in a nested viewBox of
1000 × 1000.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


def _decimals(marks: Sequence[float]) -> int:
    """How many the marks need, so that all are written alike."""
    return max(len(f"{mark:g}".partition(".")[2]) for mark in marks)


def _anchor(index: int, last: int) -> str:
    """How a label under an axis stands to its place, so that the outermost stay inside."""
    return "start" if index == 0 else "end" if index == last else "middle"


@dataclass(frozen=True)
class _Scale:
    """Where years and values stand in a line chart: equal steps across, low–high upwards."""

    years: Sequence[int]
    low: float
    high: float

    def x(self, index: int) -> float:
        last = len(self.years) - 1
        return position(index, 0, last) if last else 50.0

    def y(self, value: float) -> float:
        return round(100 - position(value, self.low, self.high), 2)

    def point(self, index: int, value: float) -> str:
        """In the 1000 × 1000 viewBox."""
        return f"{self.x(index) * 10:g},{self.y(value) * 10:g}"

    def runs(self, values: Sequence[float | None], breaks: Collection[int]) -> list[str]:
        """Unbroken runs of points for polylines."""
        runs = [[]]
        for index, value in enumerate(values):
            if value is None or self.years[index] in breaks:
                runs.append([])
            if value is not None:
                runs[-1].append(self.point(index, value))
        return [" ".join(run) for run in runs if run]

    def area(self, band: Sequence[tuple[float, float] | None]) -> str:
        """The outline of a band: along its upper edge and back along the lower one."""
        edges = [(index, pair) for index, pair in enumerate(band) if pair]
        if len(edges) < 2:
            return ""
        upper = [self.point(index, pair[1]) for index, pair in edges]
        lower = [self.point(index, pair[0]) for index, pair in reversed(edges)]
        return " ".join([*upper, *lower])


def line_chart(
    *,
    years: Sequence[int],
    values: Sequence[float | None],
    medians: Sequence[float | None] = (),
    band: Sequence[tuple[float, float] | None] = (),
    intervals: Sequence[tuple[float, float] | None] = (),
    breaks: Collection[int] = (),
) -> dict | None:
    """A line over years, with the units' median (dashed), the middle half (band) and the
    values' intervals (whiskers).

    One item a year in each sequence, None where there is no value: the line breaks there, and
    before each year in `breaks`. Returns None when there is nothing to draw.
    """
    numbers = [
        number
        for number in [
            *values,
            *medians,
            *(edge for pair in (*band, *intervals) if pair for edge in pair),
        ]
        if number is not None
    ]
    if not numbers or not years:
        return None
    marks = ticks(min(numbers), max(numbers))
    if min(numbers) >= 0 and marks[0] < 0:
        marks = [mark for mark in marks if mark >= 0]
    at, last = _Scale(years, marks[0], marks[-1]), len(years) - 1
    return {
        "ticks": [{"y": at.y(mark), "value": mark} for mark in marks],
        "decimals": _decimals(marks),
        "years": [
            {
                "x": at.x(index),
                "label": year,
                # Each fifth when they are many, counted from the latest.
                "shown": len(years) <= 11 or (last - index) % 5 == 0,
                "anchor": _anchor(index, last),
            }
            for index, year in enumerate(years)
        ],
        "lines": at.runs(values, breaks),
        "median_lines": at.runs(medians, breaks),
        "band": at.area(band),
        # One path for all of them, in the 1000 × 1000 viewBox.
        "whiskers": "".join(
            f"M{at.point(index, pair[0])}V{at.y(pair[1]) * 10:g}"
            for index, pair in enumerate(intervals)
            if pair
        ),
        # Half a step before the year, between the two that cannot be compared.
        "breaks": [
            {"x": round(at.x(index) - 50 / last, 2), "year": year}
            for index, year in enumerate(years)
            if year in breaks and index
        ],
        "dots": [
            {"x": at.x(index), "y": at.y(value), "year": years[index], "value": value}
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


def funnel_chart(
    *,
    points: Sequence[tuple[float, float]],
    centre: float,
    curves: Sequence[tuple[float, tuple[float, float], tuple[float, float]]],
) -> dict | None:
    """A funnel: units by size and value, the centre, and its limits by size.

    points  (size, value) a unit
    curves  (size, limits at 95 %, limits at 99.8 %), by size; drawn within what points need
    Returns None when there is nothing to draw.
    """
    if not points:
        return None
    across = ticks(0, max(size for size, _ in points), about=4)
    values = [value for _, value in points]
    # The limits of the smallest sizes would press all the rest together.
    inner = [edge for size, _, wide in curves if size >= across[-1] / 12 for edge in wide]
    marks = ticks(min([*values, centre, *inner]), max([*values, centre, *inner]))
    marks = [mark for mark in marks if mark >= 0] or marks
    low, high = marks[0], marks[-1]

    def x(size):
        return position(size, 0, across[-1])

    def y(value):
        return round(100 - position(min(high, max(low, value)), low, high), 2)

    def line(which, side):
        """From where the limit is inside the drawing on, so that it does not run along an edge."""
        line = [(row[0], row[which][side]) for row in curves]
        inside = [low <= value <= high for _, value in line]
        first = max(0, inside.index(True) - 1) if True in inside else len(line)
        return " ".join(f"{x(size) * 10:g},{y(value) * 10:g}" for size, value in line[first:])

    return {
        "ticks": [{"y": y(mark), "value": mark} for mark in marks],
        "decimals": _decimals(marks),
        "sizes": [
            {
                "x": x(mark),
                "value": mark,
                "anchor": _anchor(i, len(across) - 1),
            }
            for i, mark in enumerate(across)
        ],
        "centre": y(centre),
        "inner": [line(1, 0), line(1, 1)],
        "outer": [line(2, 0), line(2, 1)],
        "points": [(x(size), y(value)) for size, value in points],
    }


def interval_chart(rows: Sequence[tuple[float, float, float]]) -> dict | None:
    """Values with their intervals on one scale from 0: (value, low, high) a row."""
    if not rows:
        return None
    marks = ticks(0, max(high for _, _, high in rows), about=5)

    def x(number):
        return position(number, 0, marks[-1])

    return {
        "ticks": [
            {"x": x(mark), "value": mark, "anchor": _anchor(i, len(marks) - 1)}
            for i, mark in enumerate(marks)
        ],
        "decimals": _decimals(marks),
        "rows": [{"value": x(value), "low": x(low), "high": x(high)} for value, low, high in rows],
    }
