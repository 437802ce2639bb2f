"""Against printed values, and to 1e-6 against slow calculations in whole numbers and decimals."""

from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import permutations
from math import comb, factorial, inf, nan, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.statistics import (
    byar_interval,
    difference_interval,
    funnel_limits,
    median,
    over_dispersion,
    poisson_interval,
    proportion_interval,
    quantile,
    quartiles,
    rate_interval,
    trend,
    z_score,
)

getcontext().prec = 40

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
    with pytest.raises(ValueError, match=r"values: at least 1 needed|share must"):
        quantile(values, share)


@settings(deadline=None)
@given(numbers)
def test_quartiles_are_ordered_within_the_values(values):
    low, middle, high = quartiles(values)
    margin = 1e-6

    assert min(values) - margin <= low <= middle + margin
    assert middle - margin <= high <= max(values) + margin


# -- intervals, printed ----------------------------------------------------------------


def printed(interval, digits):
    return tuple(round(end, digits) for end in interval)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_as_newcombe_prints_it(numerator, denominator, expected):
    """Newcombe (1998), Stat Med 17: 857-872, table I, method 3."""
    assert printed(proportion_interval(numerator, denominator, 0.95), 4) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, (0, 3.689)),
        (1, (0.02532, 5.572)),
        (2, (0.2422, 7.225)),
        (3, (0.6187, 8.767)),
        (5, (1.623, 11.67)),
        (9, (4.115, 17.08)),
        (10, (4.795, 18.39)),
        (100, (81.36, 121.6)),
    ],
)
def test_exact_poisson_as_tables_print_it(count, expected):
    low, high = poisson_interval(count, 0.95)

    assert (float(f"{low:.4g}"), float(f"{high:.4g}")) == expected


def test_difference_of_shares_as_newcombe_prints_it():
    """Newcombe (1998), Stat Med 17: 873-890, table II, method 10, example (a)."""
    first, second = (56, 70), (48, 80)
    measures = [(n / d, *proportion_interval(n, d, 0.95)) for n, d in (first, second)]

    assert printed(difference_interval(*measures), 4) == (0.2, 0.0524, 0.3339)


# -- intervals, calculated anew --------------------------------------------------------

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.998])


def halved(wrong_below, low, high):
    """Where a question turns from no to yes, in decimals."""
    low, high = Decimal(low), Decimal(high)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if wrong_below(middle) else (low, middle)
    return float(low)


@settings(max_examples=60, deadline=None)
@given(counts, confidences)
def test_wilson_solves_its_equation(pair, confidence):
    """The shares that lie z standard errors, their own, from what was seen."""
    count, size = pair
    z = Decimal(NormalDist().inv_cdf((1 + confidence) / 2))
    seen = Decimal(count) / size

    def far(share):
        return abs(seen - share) > z * (share * (1 - share) / size).sqrt()

    low, high = proportion_interval(count, size, confidence)

    assert low == pytest.approx(halved(far, 0, seen) if count else 0, abs=1e-6)
    assert high == pytest.approx(
        halved(lambda share: not far(share), seen, 1) if count < size else 1, abs=1e-6
    )


def poisson_at_most(count, mean):
    """By decimals and factorials: 1 where there is nothing to sum below."""
    total = sum(mean**k / factorial(k) for k in range(count + 1))
    return (-mean).exp() * total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), confidences)
def test_exact_poisson_leaves_a_tail_on_each_side(count, confidence):
    tail = (1 - Decimal(confidence)) / 2
    low, high = poisson_interval(count, confidence)

    above = halved(lambda mean: poisson_at_most(count, mean) > tail, count, 400)
    assert high == pytest.approx(above, abs=1e-6)
    if count:
        below = halved(lambda mean: 1 - poisson_at_most(count - 1, mean) < tail, 0, count)
        assert low == pytest.approx(below, abs=1e-6)
    else:
        assert low == 0


def test_rate_is_exact_under_ten_and_byars_from_ten():
    per_event = 1000 / 400
    for count, method in ((0, poisson_interval), (9, poisson_interval), (10, byar_interval)):
        expected = tuple(end * per_event for end in method(count, 0.95))
        assert rate_interval(count, 400, 1000, 0.95) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 1000))
def test_byar_lies_close_to_the_exact(count):
    low, high = byar_interval(count, 0.95)
    exact_low, exact_high = poisson_interval(count, 0.95)

    assert low == pytest.approx(exact_low, rel=2e-3)
    assert high == pytest.approx(exact_high, rel=2e-3)


def interpolated_binomial(size, share, wanted):
    """Spiegelhalter (2005), A.1, in whole numbers and fractions."""
    total = Fraction(0)
    for k in range(size + 1):
        chance = comb(size, k) * share**k * (1 - share) ** (size - k)
        total += chance
        if total >= wanted:
            return float(max(Fraction(0), k - (total - wanted) / chance)) / size
    raise AssertionError


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 90),
    st.fractions(Fraction(1, 40), Fraction(39, 40), max_denominator=40),
    st.sampled_from([Fraction(95, 100), Fraction(998, 1000)]),
)
def test_funnel_of_a_share_is_the_interpolated_binomial(size, share, confidence):
    tail = (1 - confidence) / 2

    low, high = funnel_limits("proportion", float(share), size, float(confidence))

    # Above a half counted from the other end: the same share of what is left.
    if share <= Fraction(1, 2):
        ends = [interpolated_binomial(size, share, each) for each in (tail, 1 - tail)]
    else:
        ends = [1 - interpolated_binomial(size, 1 - share, each) for each in (1 - tail, tail)]
    assert (low, high) == pytest.approx(ends, abs=1e-6)


def interpolated_poisson(mean, wanted):
    mean, total, k = Decimal(mean), Decimal(0), 0
    while True:
        chance = (-mean).exp() * mean**k / factorial(k)
        total += chance
        if total >= wanted:
            return float(max(Decimal(0), k - (total - wanted) / chance))
        k += 1


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 90), st.sampled_from([0.95, 0.998]))
def test_funnel_of_a_count_is_the_interpolated_poisson(mean, confidence):
    tail = (1 - Decimal(confidence)) / 2
    ends = [interpolated_poisson(mean, each) for each in (tail, 1 - tail)]

    assert funnel_limits("ratio", mean / 50, 50, confidence) == pytest.approx(
        [end / 50 for end in ends], abs=1e-6
    )
    assert funnel_limits("rate_per_1000", mean * 20, 50, confidence) == pytest.approx(
        [end * 20 for end in ends], abs=1e-5
    )


@pytest.mark.parametrize("size", [1010, 1100, 2500])
@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_funnel_of_large_counts_is_within_a_twentieth_event_of_the_exact(size, confidence):
    tail = (1 - Fraction(confidence)) / 2
    exact = [interpolated_binomial(size, Fraction(1, 10), each) * size for each in (tail, 1 - tail)]

    limits = funnel_limits("proportion", 0.1, size, confidence)

    assert [end * size for end in limits] == pytest.approx(exact, abs=0.05)


@settings(deadline=None)
@given(st.floats(0, 1), st.integers(1, 100_000), st.sampled_from([0.95, 0.998]))
def test_funnel_is_ordered_inside_what_a_share_can_be(centre, size, confidence):
    low, high = funnel_limits("proportion", centre, size, confidence)

    assert 0 <= low <= high <= 1


# -- many values -----------------------------------------------------------------------


def test_over_dispersion_draws_in_the_outermost_tenth():
    """Ten scores: -9 becomes -1 and 20 becomes 2 before they are squared."""
    scores = [-9, -1, -1, 0, 0, 1, 1, 1, 2, 20]

    assert over_dispersion(scores) == pytest.approx((1 + 1 + 1 + 0 + 0 + 1 + 1 + 1 + 4 + 4) / 10)
    assert over_dispersion(scores, winsorised=0) == pytest.approx(49.0)


def test_z_score_counts_standard_deviations_by_chance():
    assert z_score("proportion", 0.2, 0.3, 64) == pytest.approx(0.1 / sqrt(0.16 / 64))
    assert z_score("rate_per_1000", 20, 30, 5000) == pytest.approx(5)
    assert z_score("ratio", 4, 3, 100) == pytest.approx(-5)


def kendall_by_counting(values):
    """The share of all orders whose score is as far from 0."""

    def score(row):
        return sum((b > a) - (b < a) for i, a in enumerate(row) for b in row[i + 1 :])

    seen = abs(score(values))
    orders = [abs(score(order)) for order in permutations(values)]
    return sum(each >= seen for each in orders) / len(orders)


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5], [1, 3, 2, 4, 6, 5], [5, 1, 4, 2, 3]])
def test_trend_has_the_chance_of_so_clear_an_order(values):
    found = trend(range(2020, 2020 + len(values)), values)

    assert found.p_value == pytest.approx(kendall_by_counting(values), abs=1e-12)


def test_trend_is_the_median_slope_whatever_order_the_years_come_in():
    assert trend([2024, 2020, 2022, 2021, 2023], [9, 1, 5, 3, 7]).slope == 2
    assert trend(range(5), [4, 4, 4, 4, 4]) == (0, 1.0)


def test_trend_with_ties_is_by_the_normal_distribution():
    """Worked by hand: S = 9, variance (5·4·15 - 2·1·9) / 18 = 15.667."""
    expected = 2 * (1 - NormalDist().cdf(8 / sqrt(282 / 18)))

    assert trend(range(5), [1, 2, 2, 3, 4]).p_value == pytest.approx(expected)


# -- refusals --------------------------------------------------------------------------

REFUSED = [
    (proportion_interval, (-1, 10, 0.95), "numerator must not be negative"),
    (proportion_interval, (11, 10, 0.95), "numerator must not exceed the denominator"),
    (proportion_interval, (0, 0, 0.95), "denominator must be above 0"),
    (proportion_interval, (1.5, 10, 0.95), "numerator must be a whole number"),
    (proportion_interval, (True, 10, 0.95), "numerator must be a number"),
    (proportion_interval, ("1", 10, 0.95), "numerator must be a number"),
    (proportion_interval, (None, 10, 0.95), "numerator must be a number"),
    (proportion_interval, (1, nan, 0.95), "denominator must be finite"),
    (proportion_interval, (1, inf, 0.95), "denominator must be finite"),
    (proportion_interval, (1, 10**400, 0.95), "denominator is too large"),
    (proportion_interval, (1, 10, 0), "confidence must lie between 0 and 1"),
    (proportion_interval, (1, 10, 1), "confidence must lie between 0 and 1"),
    (proportion_interval, (1, 10, 95), "confidence must lie between 0 and 1"),
    (proportion_interval, (1, 10, nan), "confidence must be finite"),
    (rate_interval, (-1, 10, 1000, 0.95), "count must not be negative"),
    (rate_interval, (1, 0, 1000, 0.95), "population must be above 0"),
    (rate_interval, (1, 10, 0, 0.95), "per must be above 0"),
    (rate_interval, (1, 10, -5, 0.95), "per must be above 0"),
    (rate_interval, (1, 10, 1000, False), "confidence must be a number"),
    (poisson_interval, (0.5, 0.95), "count must be a whole number"),
    (funnel_limits, ("andel", 0.1, 10, 0.95), "kind must be one of"),
    (funnel_limits, ("proportion", 1.1, 10, 0.95), "must not exceed 1"),
    (funnel_limits, ("proportion", -0.1, 10, 0.95), "centre must not be negative"),
    (funnel_limits, ("proportion", 0.1, 0, 0.95), "denominator must be above 0"),
    (funnel_limits, ("ratio", 0.1, -1, 0.95), "denominator must be above 0"),
    (difference_interval, ((1, 0), (1, 0, 2)), "first: at least 3 needed"),
    (over_dispersion, ([],), "scores: at least 1 needed"),
    (z_score, ("proportion", 0, 0.1, 10), "leaves nothing to chance"),
    (trend, ([1, 2, 3, 4], [1, 2, 3, 4]), "at least 5 years"),
    (trend, ([1, 1, 2, 3, 4], [1, 2, 3, 4, 5]), "each year may stand once"),
    (median, ([1, nan],), "values must be finite"),
]


@pytest.mark.parametrize(("function", "given", "reason"), REFUSED)
def test_what_cannot_be_calculated_is_refused_with_its_reason(function, given, reason):
    with pytest.raises(ValueError, match=reason):
        function(*given)
