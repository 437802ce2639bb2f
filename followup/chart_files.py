"""A line chart as a picture that stands by itself, for somebody's slides or paper.

Plain shapes at places in pixels, with their colours as attributes: programs for slides know
neither style sheets, nested drawings nor places in percent.
"""

import re
import textwrap

from django.conf import settings
from django.template.loader import render_to_string

from .presenters import Series

WIDTH, HEIGHT = 960, 540
# Where the drawing stands in the picture: left, top, width, height.
LEFT, TOP, WIDE, HIGH = 90, 150, 830, 270
LONGEST_TITLE, LONGEST_LINE = 58, 120  # letters that fit on a line
POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
WHISKER = re.compile(r"M(-?[\d.]+),(-?[\d.]+)V(-?[\d.]+)")


def x(percent: float) -> float:
    return round(LEFT + percent * WIDE / 100, 1)


def y(percent: float) -> float:
    return round(TOP + percent * HIGH / 100, 1)


def placed(points: str) -> str:
    """Points of a chart's 1000 × 1000 box as places in the picture."""
    return POINT.sub(lambda at: f"{x(float(at[1]) / 10):g},{y(float(at[2]) / 10):g}", points)


def line_chart_svg(
    *, series: Series, kind: str, title: str, name: str, source: str, released, colours
) -> str:
    """The picture of a series that has a chart.

    name     whose values they are, a unit's or the region's
    colours  {token: "#rrggbb"}, for light ground
    """
    chart = series.chart
    whiskers = [
        [float(part) / 10 for part in match.groups()]
        for match in WHISKER.finditer(chart["whiskers"])
    ]
    context = {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": LEFT + WIDE,
        "top": TOP,
        "bottom": TOP + HIGH,
        "title": textwrap.shorten(title, LONGEST_TITLE, placeholder=" …"),
        "whole_title": title,
        "name": name,
        "series": series,
        "kind": kind,
        "source": textwrap.shorten(source, LONGEST_LINE, placeholder=" …"),
        "released": released,
        "colours": colours,
        "decimals": chart["decimals"],
        "ticks": [(y(tick["y"]), tick["value"]) for tick in chart["ticks"]],
        "years": [
            (x(year["x"]), year["label"], year["anchor"])
            for year in chart["years"]
            if year["shown"]
        ],
        "band": placed(chart["band"]),
        "medians": [placed(points) for points in chart["median_lines"]],
        "lines": [placed(points) for points in chart["lines"]],
        "whiskers": [(x(at), y(low), y(high)) for at, low, high in whiskers],
        "breaks": [(x(each["x"]), each["year"]) for each in chart["breaks"]],
        "demo_data": settings.DEMO_DATA,
        "dots": [(x(dot["x"]), y(dot["y"])) for dot in chart["dots"]],
    }
    return render_to_string("followup/line_chart.svg", context)
