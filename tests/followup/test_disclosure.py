from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.disclosure import (
    PublishedValue,
    ValueState,
    pooled,
    published,
    published_values,
    region_with_small_counts_hidden,
    with_small_counts_hidden,
)
from followup.models import Indicator, Measurement, Sex
from organisation.models import Unit
from tests.factories import make_indicator, make_measurement, make_unit

TOTAL, WOMEN, MEN = Sex.TOTAL, Sex.WOMEN, Sex.MEN
KIND = Indicator.Kind.PROPORTION


def value(unit, sex, numerator, denominator=100):
    """A value with nothing hidden; no numerator means that it is missing."""
    state = Measurement.State.MISSING if numerator is None else Measurement.State.VALUE
    return published(unit and Unit(pk=unit), 2025, sex, numerator, denominator, state, KIND)


def table(**units):
    """Values for units a, b, …: (women, men) with their sum as total, or one total."""
    rows = []
    for number, counts in enumerate(units.values(), start=1):
        if isinstance(counts, int):
            rows.append(value(number, TOTAL, counts))
            continue
        women, men = counts
        rows += [
            value(number, TOTAL, (women or 0) + (men or 0)),
            value(number, WOMEN, women),
            value(number, MEN, men),
        ]
    return rows


def hidden(values, threshold=5):
    """What is hidden: {"a women", …}."""
    return {
        f"{chr(96 + row.unit.pk)} {row.sex}"
        for row in with_small_counts_hidden(values, threshold=threshold)
        if row.state == ValueState.HIDDEN
    }


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, ValueState.ZERO),
        (1, ValueState.HIDDEN),
        (4, ValueState.HIDDEN),
        (5, ValueState.VALUE),
        (6, ValueState.VALUE),
    ],
)
def test_counts_from_one_up_to_the_threshold_are_hidden(count, expected):
    [row, _] = with_small_counts_hidden(table(a=count, b=50), threshold=5)

    assert row.state == expected


def test_hidden_value_keeps_nothing_that_tells_it():
    [row, _] = with_small_counts_hidden(table(a=3, b=50), threshold=5)

    assert row == PublishedValue(Unit(pk=1), 2025, TOTAL, ValueState.HIDDEN, denominator=100)


def test_large_counts_and_true_zeros_stay():
    rows = table(a=(5, 5), b=(0, 20), c=(0, 0))

    assert with_small_counts_hidden(rows, threshold=5) == rows


def test_partner_sex_is_hidden_and_a_second_unit_with_it():
    assert hidden(table(a=(3, 40), b=(30, 20), c=(60, 70))) == {
        "a women",
        "a men",
        "b women",
        "b men",
    }


def test_companion_is_the_smallest_further_unit():
    assert hidden(table(a=3, b=90, c=6, d=7)) == {"a total", "c total"}


def test_companions_are_added_until_the_hidden_ones_are_enough():
    """1 + 3 are too few to hide in: whoever sees the sum 4 knows that both are small."""
    assert hidden(table(a=1, b=3, c=6, d=7)) == {"a total", "b total", "c total"}
    assert hidden(table(a=1, b=4, c=6, d=7)) == {"a total", "b total"}


def test_zero_is_no_companion():
    assert hidden(table(a=3, b=0, c=9)) == {"a total", "c total"}


def test_hidden_total_hides_both_sexes():
    assert hidden(table(a=(1, 2), b=(30, 40), c=(50, 60))) == {
        f"{unit} {sex}" for unit in "ab" for sex in ("total", "women", "men")
    }


def test_zero_of_a_hidden_partner_is_hidden_too():
    """With men shown as 0 and the total hidden, women's count would be the total's."""
    assert "a men" in hidden(table(a=(3, 0), b=(30, 40), c=(50, 60)))


def test_total_is_hidden_where_the_other_sex_has_no_value():
    """Without men the total is the women's count."""
    rows = table(a=(3, 40), b=(6, None), c=(50, 60), d=(70, 80))

    assert {"b women", "b total"} <= hidden(rows)


def test_missing_and_not_applicable_stay_as_they_are():
    missing = value(2, TOTAL, None)
    no_one = published(Unit(pk=3), 2025, TOTAL, None, None, Measurement.State.NOT_APPLICABLE, KIND)

    rows = with_small_counts_hidden([value(1, TOTAL, 2), missing, no_one], threshold=5)

    assert [row.state for row in rows] == ["hidden", "missing", "not_applicable"]


def test_threshold_is_the_given_one():
    rows = table(a=9, b=50, c=60)

    assert hidden(rows, threshold=9) == set()
    assert hidden(rows, threshold=10) == {"a total", "b total"}


def test_region_hides_the_other_sex_of_a_small_one():
    rows = [value(None, sex, count) for sex, count in ((TOTAL, 23), (WOMEN, 3), (MEN, 20))]

    shown = region_with_small_counts_hidden(rows, threshold=5)

    assert [row.state for row in shown] == ["value", "hidden", "hidden"]


# No small count can be worked out


def solvable(unknowns, equations):
    """The unknowns that a set of equations decides.

    equations  sets of (unknown, coefficient); what they add up to does not matter
    """
    unknowns = sorted(unknowns)
    rows = [[Fraction(dict(each).get(key, 0)) for key in unknowns] for each in equations]
    pivots, done = [], 0
    for column in range(len(unknowns)):
        pivot = next((r for r in range(done, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [cell / rows[done][column] for cell in rows[done]]
        for r in range(len(rows)):
            if r != done and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[done], strict=True)]
        pivots.append(column)
        done += 1
    return {
        unknowns[column]
        for row, column in zip(rows, pivots, strict=False)
        if sum(map(bool, row)) == 1
    }


def reader_can_work_out(values, threshold):
    """Small counts that follow from all that is shown, units and region together.

    A reader knows that women and men make the total, that units make the region, and that
    a sex without cases has none. That a zero or a large count, hidden to shield another, can
    be worked out gives nobody away as long as no small one follows.
    """
    counts = {(row.unit.pk, row.sex): row.numerator for row in values if row.numerator is not None}
    by_sex = {sex: [n for (_, s), n in counts.items() if s == sex] for sex in Sex.values}
    counts |= {(0, sex): sum(each) for sex, each in by_sex.items() if each}
    region = region_with_small_counts_hidden(
        [value(None, sex, n) for (place, sex), n in counts.items() if not place],
        threshold=threshold,
    )
    shown = [*with_small_counts_hidden(values, threshold=threshold), *region]
    unknowns = {
        (row.unit.pk if row.unit else 0, row.sex) for row in shown if row.state == ValueState.HIDDEN
    }
    places = {row.unit.pk if row.unit else 0 for row in shown}
    sums = [{((place, TOTAL), 1), ((place, WOMEN), -1), ((place, MEN), -1)} for place in places]
    sums += [{((place, sex), 1 if place else -1) for place in places} for sex in Sex.values]
    equations = [{(key, factor) for key, factor in each if key in unknowns} for each in sums]
    return {key for key in solvable(unknowns, equations) if 0 < counts[key] < threshold}


def test_solvable_finds_what_equations_decide():
    a, b, c = "abc"

    assert solvable({a, b}, [{(a, 1), (b, 1)}]) == set()
    assert solvable({a, b}, [{(a, 1), (b, 1)}, {(a, 1), (b, -1)}]) == {a, b}
    assert solvable({a, b, c}, [{(a, 1), (b, 1)}, {(a, 1), (b, 1), (c, 1)}]) == {c}


counts = st.one_of(st.integers(0, 8), st.integers(0, 60), st.none())


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(counts, counts).filter(any), min_size=1, max_size=6),
    st.integers(3, 9),
)
def test_no_small_count_can_be_worked_out(units, threshold):
    rows = table(**{f"u{number}": pair for number, pair in enumerate(units)})

    assert reader_can_work_out(rows, threshold) == set()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8))
def test_every_small_count_is_hidden_and_no_state_is_changed_else(units):
    rows = table(**{f"u{number}": pair for number, pair in enumerate(units)})

    shown = with_small_counts_hidden(rows, threshold=5)

    assert [row for row in shown if row.numerator and row.numerator < 5] == []
    assert all(
        after == before or after.state == ValueState.HIDDEN
        for before, after in zip(rows, shown, strict=True)
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_totals_alone_never_leave_one_hidden_unit_in_a_shown_region(totals):
    rows = table(**{f"u{number}": total for number, total in enumerate(totals)})

    gone = [row for row in with_small_counts_hidden(rows, threshold=5) if row.numerator is None]

    assert len(gone) != 1 or sum(totals) < 5


# From the table


def test_published_values_are_in_the_indicators_unit(db):
    unit = make_unit()
    expected = {"proportion": 20.0, "rate_per_1000": 200.0, "ratio": 0.2}
    values = {}
    for kind in expected:
        indicator = make_indicator(kind=kind)
        make_measurement(indicator=indicator, unit=unit)
        make_measurement()
        [row] = published_values(indicator)
        values[kind] = row.value

    assert values == expected


def test_published_values_hide_by_year_and_own_threshold(db, django_assert_num_queries):
    indicator = make_indicator(threshold=10)
    small, other = make_unit(name="A"), make_unit(name="B")
    for year, numerator in ((2024, 10), (2025, 9)):
        make_measurement(indicator=indicator, unit=small, year=year, numerator=numerator)
        make_measurement(indicator=indicator, unit=other, year=year, numerator=50)

    with django_assert_num_queries(2):
        rows = published_values(indicator)

    assert [(row.year, row.unit, row.numerator) for row in rows] == [
        (2024, small, 10),
        (2024, other, 50),
        (2025, small, None),
        (2025, other, None),
    ]


def test_value_without_denominator_is_missing(db):
    row = make_measurement(numerator=0, denominator=0)

    assert [each.state for each in published_values(row.indicator)] == ["missing"]


def test_region_adds_true_counts_of_hidden_units(db):
    indicator = make_indicator()
    make_measurement(indicator=indicator, numerator=3)
    make_measurement(indicator=indicator, numerator=20)
    make_measurement(indicator=indicator, state="missing", numerator=None, denominator=None)
    make_measurement(numerator=99)

    [row] = pooled(indicator)

    assert (row.unit, row.numerator, row.denominator, row.value) == (None, 23, 200, 11.5)


def test_small_region_count_hides_the_other_sex(db):
    row = make_measurement(numerator=23)
    for sex, numerator in ((WOMEN, 3), (MEN, 20)):
        make_measurement(indicator=row.indicator, unit=row.unit, sex=sex, numerator=numerator)

    shown = {value.sex: value.numerator for value in pooled(row.indicator)}

    assert shown == {TOTAL: 23, WOMEN: None, MEN: None}
