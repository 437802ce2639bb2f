import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.statistics import median, quantile, quartiles

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7], 0.0, 7),
        ([7], 0.9, 7),
        ([1, 2], 0.5, 1.5),
        ([1, 2, 3, 4], 0.25, 1.75),
        ([1, 2, 3, 4], 0.75, 3.25),
        ([1, 2, 3, 4, 5], 0.25, 2),
        ([15, 20, 35, 40, 50], 0.4, 29),
        ([50, 15, 40, 20, 35], 0.4, 29),
        ([1, 2, 3, 4], 0, 1),
        ([1, 2, 3, 4], 1, 4),
        ([-3, 0, 3], 0.5, 0),
        ([2.5, 2.5, 2.5], 0.1, 2.5),
    ],
)
def test_quantile_against_worked_values(values, share, expected):
    """Worked by hand: position (n - 1) · share, and the line between its neighbours."""
    assert quantile(values, share) == pytest.approx(expected)


def test_quantile_leaves_its_values_in_their_order():
    values = [3, 1, 2]
    quantile(values, 0.5)

    assert values == [3, 1, 2]


def test_median_and_quartiles():
    assert median([9, 1, 5]) == 5
    assert median([1, 5, 9, 11]) == 7
    assert quartiles([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49]) == (25.5, 40, 42.5)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1], -0.1), ([1], 1.1)])
def test_quantile_of_nothing_or_an_odd_share_is_refused(values, share):
    with pytest.raises(ValueError, match=r"quantile needs|share must"):
        quantile(values, share)


@given(numbers)
def test_quartiles_are_ordered_within_the_values(values):
    low, middle, high = quartiles(values)
    margin = 1e-6

    assert min(values) - margin <= low <= middle + margin
    assert middle - margin <= high <= max(values) + margin
