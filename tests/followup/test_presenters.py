import pytest

from followup.disclosure import PublishedValue, ValueState
from followup.models import Indicator, Release, Sex
from followup.presenters import (
    YearSpread,
    distances_to_median,
    flat_rows,
    interval_of,
    measured,
    ranking,
    series,
    spreads_of,
)
from organisation.models import Unit

TOTAL = Sex.TOTAL
KIND = Indicator.Kind.PROPORTION


def unit(number):
    return Unit(pk=number, name=f"Enhet {number}", hsa_id=f"SE{number}")


def shown(value, *, number=1, year=2025, sex=TOTAL):
    state = ValueState.VALUE if value else ValueState.ZERO
    return PublishedValue(unit(number), year, sex, state, round(value), 100, value)


def hidden(*, number=1, year=2025, sex=TOTAL, state=ValueState.HIDDEN):
    return PublishedValue(unit(number), year, sex, state, denominator=100)


def test_spreads_are_those_that_were_released_to_an_audience():
    released = {
        2024: Release(spread={"public": {"units": 3}}),
        2025: Release(
            spread={
                "public": {"units": 5, "low": 20, "median": 30, "high": 40},
                "signed_in": {"units": 6, "low": 21, "median": 31, "high": 41},
            }
        ),
    }

    assert spreads_of(released, "public") == {
        2024: YearSpread(2024, 3),
        2025: YearSpread(2025, 5, 20, 30, 40),
    }
    assert spreads_of(released, "signed_in") == {
        2024: YearSpread(2024, 0),
        2025: YearSpread(2025, 6, 21, 31, 41),
    }


@pytest.mark.parametrize(
    ("first", "last", "trend"),
    [(20, 30, "up"), (30, 20, "down"), (20, 20, "same"), (20.04, 20.01, "same"), (0, 5, "up")],
)
def test_trend_compares_what_is_shown(first, last, trend):
    rows = series(KIND, [shown(first, year=2023), shown(99, year=2024), shown(last)], {})

    assert (rows.first.year, rows.latest.year, rows.trend) == (2023, 2025, trend)


def test_trend_of_a_ratio_sees_the_second_decimal():
    rows = series(Indicator.Kind.RATIO, [shown(0.31, year=2024), shown(0.32)], {})

    assert rows.trend == "up"


@pytest.mark.parametrize(
    ("value", "expected"), [(31, "above"), (29, "below"), (30, "at"), (30.04, "at")]
)
def test_latest_value_stands_against_the_median(value, expected):
    spreads = {2025: YearSpread(2025, 5, 20, 30, 40)}

    assert series(KIND, [shown(value)], spreads).against_median == expected


def test_nothing_stands_against_a_median_that_is_not_shown():
    assert series(KIND, [shown(9)], {2025: YearSpread(2025, 4)}).against_median == ""
    assert series(KIND, [shown(9)], {}).against_median == ""


def test_hidden_year_is_newest_but_not_latest():
    rows = series(KIND, [shown(20, year=2024), hidden()], {})

    assert (rows.latest.year, rows.newest.year, rows.trend) == (2024, 2025, "")
    assert rows.chart["lines"] == ["0,500"]
    assert [dot["year"] for dot in rows.chart["dots"]] == [2024]


def test_unit_without_values_keeps_the_years_and_draws_nothing():
    rows = series(KIND, [], {2025: YearSpread(2025, 5, 20, 30, 40)})

    assert [row.year for row in rows.rows] == [2025]
    assert (rows.first, rows.latest, rows.chart, rows.trend, rows.against_median) == (
        None,
        None,
        None,
        "",
        "",
    )


def test_series_of_nothing_at_all():
    rows = series(KIND, [], {})

    assert (rows.rows, rows.newest, rows.chart) == ([], None, None)


def test_years_hold_each_sex():
    values = [shown(20), shown(25, sex=Sex.WOMEN), hidden(sex=Sex.MEN)]

    [row] = series(KIND, values, {}).rows

    assert row.total == values[0]
    assert row.by_sex == {"total": values[0], "women": values[1], "men": values[2]}


def test_ranking_is_highest_first_with_the_hidden_last():
    values = [
        hidden(number=2, state=ValueState.MISSING),
        hidden(number=1),
        shown(10, number=3),
        shown(40, number=5),
        shown(10, number=4),
        shown(99, number=6, sex=Sex.MEN),
    ]

    result = ranking(values, None, KIND)

    assert [(row.value.unit.pk, row.width) for row in result.rows] == [
        (5, 95.0),
        (3, 23.75),
        (4, 23.75),
        (1, None),
        (2, None),
    ]
    assert (result.median, result.median_place, result.hidden) == (None, None, 1)


def test_ranking_has_the_released_median():
    values = [shown(value, number=value) for value in (10, 20, 30, 40, 50)]

    result = ranking(values, YearSpread(2025, 5, 20, 30, 40), KIND)

    assert (result.median, result.median_place) == (30, 57.0)
    assert [row.to_median for row in result.rows] == [20, 10, 0, -10, -20]


def test_ranking_by_distance_is_nearest_first():
    values = [shown(value, number=value) for value in (10, 20, 30, 41, 59)]

    result = ranking(values, YearSpread(2025, 5, 20, 30, 41), KIND, by_distance=True)

    assert [row.value.value for row in result.rows] == [30, 20, 41, 10, 59]


def test_ranking_of_no_year():
    result = ranking([], None, KIND)

    assert (result.rows, result.median, result.hidden) == ([], None, 0)


def test_distance_needs_a_median_and_has_no_counts():
    values = [
        shown(40, year=2025),
        shown(40, year=2024),
        shown(30, sex=Sex.WOMEN),
        hidden(number=2),
    ]

    first, second, third = distances_to_median(values, {2025: YearSpread(2025, 5, 20, 30, 40)})

    assert (first.value, first.numerator, first.denominator) == (10, None, None)
    assert (second.state, third.state) == ("missing", "hidden")


def test_interval_is_in_the_indicators_unit():
    value = PublishedValue(None, 2025, TOTAL, ValueState.VALUE, 81, 263, 30.8)

    assert [round(end, 1) for end in interval_of(value, KIND)] == [25.5, 36.6]
    low, high = interval_of(value, Indicator.Kind.RATE_PER_1000)
    assert (round(low), round(high)) == (245, 383)
    assert interval_of(hidden(), KIND) is interval_of(None, KIND) is None
    assert interval_of(shown(12.5, number=1), KIND) is not None


def test_line_and_trend_stop_at_a_new_definition():
    values = [shown(70 - 10 * step, year=2019 + step) for step in range(7)]

    whole = series(KIND, values, {})
    broken = series(KIND, values, {}, [2022])

    assert (whole.first.year, whole.trend, whole.long_trend) == (2019, "down", "down")
    assert (broken.first.year, broken.trend, broken.long_trend) == (2022, "down", "")
    assert (len(whole.chart["lines"]), len(broken.chart["lines"])) == (1, 2)
    assert [each["year"] for each in broken.chart["breaks"]] == [2022]
    assert [row.year for row in broken.rows if row.breaks] == [2022]


def test_break_in_a_year_without_values_stands_at_the_next():
    rows = series(KIND, [shown(20, year=2020), shown(30, year=2024)], {}, [2022, 2030])

    assert rows.breaks == [2024]
    assert rows.trend == ""


def test_no_clear_order_is_no_trend():
    values = [shown(v, year=2020 + i) for i, v in enumerate((20, 30, 15, 40, 22))]

    assert series(KIND, values, {}).long_trend == "none"


def test_years_in_no_order_are_not_said_to_go_nowhere_when_the_ends_are_far_apart():
    values = [shown(v, year=2020 + i) for i, v in enumerate((10, 50, 30, 60, 55))]
    region = series(KIND, values, {})

    assert (region.trend, region.long_trend) == ("up", "")


def test_derived_indicator_is_measured_by_its_source():
    source = Indicator(code="grund", kind=KIND)

    assert measured(Indicator(kind="derived", derived_from=source)) is source
    assert measured(source) is source


def test_exported_rows_are_rounded_as_they_are_shown():
    region = PublishedValue(None, 2025, TOTAL, ValueState.VALUE, 2, 3, 66.6667)

    rows = flat_rows(Indicator(code="prov", kind=KIND), [region, hidden()])

    assert rows == [
        {
            "indicator": "prov",
            "hsa_id": "",
            "unit": "Regionen",
            "year": 2025,
            "sex": "total",
            "state": "value",
            "value": 66.7,
            "numerator": 2,
            "denominator": 3,
        },
        {
            "indicator": "prov",
            "hsa_id": "SE1",
            "unit": "Enhet 1",
            "year": 2025,
            "sex": "total",
            "state": "hidden",
            "value": None,
            "numerator": None,
            "denominator": 100,
        },
    ]
