from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.charts import line_chart, position, ranked_bars, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (26.2, 41.0, [25, 30, 35, 40, 45]),
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 4, [0, 1, 2, 3, 4]),
        (0.31, 0.47, [0.3, 0.35, 0.4, 0.45, 0.5]),
        (7.1, 7.3, [7.1, 7.15, 7.2, 7.25, 7.3]),
        (5, 5, [5, 5.25, 5.5, 5.75, 6]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (-4, 4, [-4, -2, 0, 2, 4]),
    ],
)
def test_ticks_are_round_numbers_round_the_values(low, high, expected):
    assert ticks(low, high) == expected


@given(st.floats(0, 1000), st.floats(0.01, 1000))
def test_ticks_span_the_values_in_few_even_steps(low, span):
    marks = ticks(low, low + span)
    steps = {round(after - before, 6) for before, after in pairwise(marks)}

    assert marks[0] <= low + 1e-9
    assert marks[-1] >= low + span - 1e-9
    assert 2 <= len(marks) <= 7
    assert max(steps) - min(steps) < 1e-5


def test_position_is_percent_from_low():
    assert [position(value, 20, 40) for value in (20, 25, 40)] == [0, 25, 100]


def test_line_chart_places_values():
    chart = line_chart(years=[2023, 2024, 2025], values=[20, 40, 30])

    assert chart["lines"] == ["0,1000 500,0 1000,500"]
    assert chart["dots"] == [
        {"x": 0, "y": 100, "year": 2023, "value": 20},
        {"x": 50, "y": 0, "year": 2024, "value": 40},
        {"x": 100, "y": 50, "year": 2025, "value": 30},
    ]
    assert chart["ticks"] == [
        {"y": 100, "value": 20},
        {"y": 75, "value": 25},
        {"y": 50, "value": 30},
        {"y": 25, "value": 35},
        {"y": 0, "value": 40},
    ]
    assert [(year["x"], year["anchor"]) for year in chart["years"]] == [
        (0, "start"),
        (50, "middle"),
        (100, "end"),
    ]
    assert (chart["median_lines"], chart["band"]) == ([], "")


def test_line_breaks_where_a_value_is_missing():
    chart = line_chart(years=range(2020, 2025), values=[20, 40, None, 30, 20])

    assert chart["lines"] == ["0,1000 250,0", "750,500 1000,1000"]
    assert [dot["year"] for dot in chart["dots"]] == [2020, 2021, 2023, 2024]


def test_gap_at_an_end_leaves_the_years_in_place():
    chart = line_chart(years=[2023, 2024, 2025], values=[None, 20, 40])

    assert chart["lines"] == ["500,1000 1000,0"]
    assert [year["label"] for year in chart["years"]] == [2023, 2024, 2025]


def test_median_and_band_share_the_scale():
    chart = line_chart(
        years=[2024, 2025], values=[20, 40], medians=[30, 30], band=[(25, 35), (20, 40)]
    )

    assert chart["median_lines"] == ["0,500 1000,500"]
    assert chart["band"] == "0,250 1000,0 1000,1000 0,750"


def test_band_of_a_single_year_is_not_drawn():
    chart = line_chart(years=[2024, 2025], values=[20, 40], band=[None, (25, 35)])

    assert chart["band"] == ""


def test_single_year_stands_in_the_middle():
    chart = line_chart(years=[2025], values=[20])

    assert [(dot["x"], dot["y"]) for dot in chart["dots"]] == [(50, 100)]


@pytest.mark.parametrize(("years", "values"), [([], []), ([2025], [None])])
def test_nothing_to_draw_is_no_chart(years, values):
    assert line_chart(years=years, values=values) is None


@pytest.mark.parametrize(
    ("values", "decimals"), [([20, 40], 0), ([0, 10], 1), ([7.1, 7.3], 2), ([0.3, 0.5], 2)]
)
def test_tick_labels_need_decimals_enough_to_differ(values, decimals):
    chart = line_chart(years=[2024, 2025], values=values)
    labels = [f"{tick['value']:.{decimals}f}" for tick in chart["ticks"]]

    assert chart["decimals"] == decimals
    assert len(set(labels)) == len(labels)


def test_bars_leave_room_at_the_right():
    assert ranked_bars([10, 5], 7.5) == {"widths": [95.0, 47.5], "median": 71.25}


def test_median_beyond_the_bars_sets_the_scale():
    assert ranked_bars([5], 10) == {"widths": [47.5], "median": 95.0}


@pytest.mark.parametrize(
    ("values", "median", "expected"),
    [
        ([], None, {"widths": [], "median": None}),
        ([0, 0], None, {"widths": [0, 0], "median": None}),
        ([0], 0, {"widths": [0], "median": 0}),
    ],
)
def test_bars_of_nothing(values, median, expected):
    assert ranked_bars(values, median) == expected


def test_whiskers_are_one_path_and_set_the_scale():
    chart = line_chart(years=[2024, 2025], values=[20, 40], intervals=[(0, 40), (20, 60)])

    assert chart["whiskers"] == "M0,1000V333.3M1000,666.7V0"
    assert [tick["value"] for tick in chart["ticks"]] == [0, 20, 40, 60]


def test_line_breaks_before_a_new_definition():
    chart = line_chart(years=[2023, 2024, 2025], values=[20, 40, 30], breaks={2024})

    assert chart["lines"] == ["0,1000", "500,0 1000,500"]
    assert chart["breaks"] == [{"x": 25.0, "year": 2024}]
