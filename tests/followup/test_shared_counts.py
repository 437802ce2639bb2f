"""Two indicators with a count in common: what one hides the other does not show."""

from itertools import product
from random import Random

import pytest
from django.core.exceptions import ValidationError

from followup.disclosure import pooled, published_values
from followup.disclosure.plans import plan_release
from followup.models import Measurement, Sex
from followup.releasing import release_year
from tests.factories import make_indicator, make_measurement, make_unit, make_unit_kind

pytestmark = pytest.mark.django_db
ANY_NUMBER = 10_000
# A small unit, the one that shields it, and two large ones.
FOUR = [(100, 3, None), (100, 12, 6), (100, 40, 20), (100, 60, 30)]


@pytest.fixture
def pair():
    """Long cases among all cases, and those with an effort among the long ones."""
    long = make_indicator(code="prov-langa")
    kind = make_unit_kind()
    for each in (long, effort := make_indicator(code="prov-insats", counts_on=long)):
        each.comparison_kinds.add(kind)
    return long, effort, kind


def count(indicator, unit, numerator, denominator):
    make_measurement(indicator=indicator, unit=unit, numerator=numerator, denominator=denominator)


def fill(pair, rows):
    """rows: (all cases, long ones, with an effort or None when not known) of each unit."""
    long, effort, kind = pair
    units = [make_unit(kind=kind) for _ in rows]
    for unit, (cases, long_cases, efforts) in zip(units, rows, strict=True):
        count(long, unit, long_cases, cases)
        if efforts is not None:
            count(effort, unit, efforts, long_cases)
    return units


def shown(indicator, what):
    """{unit: what everybody sees of it}"""
    return {
        row.unit: getattr(row, what)
        for row in published_values(indicator)
        if row.sex == Sex.TOTAL and row.is_shown
    }


def test_unit_that_one_hides_is_hidden_in_the_other(pair):
    *_, large, larger = fill(pair, FOUR)
    long, effort, _ = pair
    release_year(long, 2025)
    release_year(effort, 2025)

    assert shown(long, "numerator") == {large: 40, larger: 60}
    # Twelve of them would tell that three are left of the region's 115; and one hidden alone
    # hides nothing.
    assert shown(effort, "denominator") == {larger: 60}


def test_order_of_the_two_makes_no_difference(pair):
    *_, large, larger = fill(pair, FOUR)
    long, effort, _ = pair
    release_year(effort, 2025)
    release_year(long, 2025)

    assert shown(effort, "denominator") == {larger: 60}
    assert shown(long, "numerator") == {large: 40, larger: 60}


def test_without_the_link_it_would_be_shown(pair):
    _, shield, *_ = fill(pair, FOUR)
    long, effort, _ = pair
    effort.counts_on = None
    effort.save()
    release_year(long, 2025)
    release_year(effort, 2025)

    assert shown(effort, "denominator")[shield] == 12


def test_what_the_other_has_shown_shields_nothing(pair):
    """The other was released before the values of this one were known."""
    long, effort, kind = pair
    small, told, large = (make_unit(kind=kind) for _ in range(3))
    count(effort, told, 6, 12)
    count(effort, large, 20, 40)
    release_year(effort, 2025)
    for unit, number in ((small, 3), (told, 12), (large, 40)):
        count(long, unit, number, 100)

    plan = plan_release(long, 2025)

    # Both others are known, so only the region's sum can hide the small one.
    assert plan.is_safe
    assert {(0, "total"), (small.pk, "total")} <= plan.hidden["public"]


def test_other_year_tells_nothing(pair):
    _, shield, large, larger = fill(pair, FOUR)
    long, effort, _ = pair
    Measurement.objects.filter(indicator=long).update(year=2024)
    release_year(effort, 2025)

    assert shown(effort, "denominator") == {shield: 12, large: 40, larger: 60}


def bounds(pair):
    """{unit: (least, most) that everybody can work out of its long cases}, by trying all."""
    long, effort, _ = pair
    counted = shown(long, "numerator") | shown(effort, "denominator")
    rows = list(Measurement.objects.filter(indicator=long))
    unknown = [row.unit for row in rows if row.unit not in counted]
    sums = {row.numerator for row in pooled(long) if row.is_shown}
    sums |= {row.denominator for row in pooled(effort) if row.is_shown}
    if not sums:
        return dict.fromkeys(unknown, (0, ANY_NUMBER))
    [total] = sums
    left = total - sum(counted.values())
    ways = [way for way in product(range(left + 1), repeat=len(unknown)) if sum(way) == left]
    return {
        unit: (min(way[at] for way in ways), max(way[at] for way in ways))
        for at, unit in enumerate(unknown)
    }


@pytest.mark.parametrize("seed", range(25))
def test_attacker_with_both_finds_no_small_count(pair, seed):
    chance = Random(seed)
    rows = []
    for _ in range(4):
        long_cases = chance.choice([0, 1, 3, 4, 5, 7, 12, 15])
        rows.append((long_cases + 30, long_cases, chance.randint(0, long_cases)))
    units = fill(pair, rows)
    long, effort, _ = pair
    first, second = (long, effort) if chance.random() < 0.5 else (effort, long)
    for indicator in (first, second):
        if plan_release(indicator, 2025).is_safe:
            release_year(indicator, 2025)

    found = bounds(pair)
    small = {unit for unit, row in zip(units, rows, strict=True) if 0 < row[1] < 5}
    assert small <= found.keys()
    assert {unit: span for unit, span in found.items() if span[1] - span[0] < 5} == {}


def test_indicator_does_not_count_on_itself(pair):
    long, effort, _ = pair
    long.counts_on = effort

    with pytest.raises(ValidationError) as refused:
        long.full_clean()

    assert refused.value.message_dict == {
        "counts_on": ["Välj en annan indikator: den här är med i hur den räknas."]
    }
