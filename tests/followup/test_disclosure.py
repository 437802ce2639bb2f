"""Stored values → what a release lets out, and to whom."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group

from followup.disclosure import (
    ANYBODY,
    PublishedValue,
    Reader,
    ValueState,
    pooled,
    published,
    published_values,
    reader_of,
)
from followup.disclosure.plans import plan_release
from followup.models import Indicator, Measurement, Release, ReleasedValue, Sex, Visibility
from followup.releasing import ReleaseRefused, digest, release_year, waiting_releases
from tests.factories import (
    let_out,
    make_indicator,
    make_manager,
    make_measurement,
    make_unit,
    make_unit_kind,
)

TOTAL, WOMEN, MEN = Sex.TOTAL, Sex.WOMEN, Sex.MEN
pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return make_unit_kind()


@pytest.fixture
def indicator(kind):
    return make_indicator()


def measure(indicator, kind, *, year=2025, unit=None, **counts):
    """A unit's values by sex: measure(…, women=(3, 40), men=(20, 50)) with their total."""
    unit = unit or make_unit(kind=kind)
    if "total" not in counts:
        counts["total"] = tuple(map(sum, zip(*counts.values(), strict=True)))
    for sex, (numerator, denominator) in counts.items():
        make_measurement(
            indicator=indicator,
            unit=unit,
            year=year,
            sex=sex,
            numerator=numerator,
            denominator=denominator,
        )
    return unit


def shown(indicator, reader=ANYBODY, year=2025):
    """{unit and sex: what a reader sees}"""
    return {
        (row.unit, str(row.sex)): row.numerator if row.is_shown else str(row.state)
        for row in published_values(indicator, reader)
        if row.year == year
    }


def test_values_are_in_the_indicators_unit(kind):
    expected = {"proportion": 20.0, "rate_per_1000": 200.0, "ratio": 0.2}
    values = {}
    for name in expected:
        indicator = make_indicator(kind=name)
        measure(indicator, kind, total=(20, 100))
        let_out(indicator)
        [row] = [row for row in published_values(indicator) if row.is_shown]
        values[name] = row.value

    assert values == expected


def test_nothing_is_shown_before_its_release(indicator, kind):
    measure(indicator, kind, total=(20, 100))

    assert (published_values(indicator), pooled(indicator)) == ([], [])
    assert (indicator, 2025) in waiting_releases()


def test_release_is_frozen(indicator, kind):
    unit = measure(indicator, kind, total=(20, 100))
    release_year(indicator, 2025)
    Measurement.objects.update(numerator=99)
    indicator.threshold = 50
    indicator.save()
    late = make_unit(kind=kind)

    assert shown(indicator) == {(unit, "total"): 20}
    assert late.pk not in ReleasedValue.objects.values_list("unit", flat=True)
    assert Release.objects.get(indicator=indicator).threshold == 5


def test_correction_replaces_and_keeps_the_release_before(indicator, kind):
    unit = measure(indicator, kind, total=(20, 100))
    measure(indicator, kind, total=(30, 100))
    first = release_year(indicator, 2025)
    Measurement.objects.filter(unit=unit).update(numerator=25)

    second = release_year(indicator, 2025, reason="Ny täljare")

    first.refresh_from_db()
    assert (first.number, first.is_current) == (1, False)
    assert (second.number, second.is_current) == (2, True)
    assert shown(indicator)[unit, "total"] == 25
    assert [row.numerator for row in pooled(indicator)] == [55]


def test_five_states_and_the_sources_hidden_ones(indicator, kind):
    units = {}
    for name, fields in {
        "value": {"numerator": 30},
        "zero": {"numerator": 0},
        "missing": {"state": "missing", "numerator": None, "denominator": None},
        "not_applicable": {"state": "not_applicable", "numerator": None, "denominator": None},
        "hidden": {"state": "zero_or_hidden", "numerator": None},
    }.items():
        units[name] = make_measurement(
            indicator=indicator, unit=make_unit(kind=kind), **fields
        ).unit
    none_at_all = make_unit(kind=kind)
    let_out(indicator)

    states = {row.unit: str(row.state) for row in published_values(indicator)}

    assert states == {unit: name for name, unit in units.items()} | {none_at_all: "missing"}


def test_hidden_value_keeps_nothing_that_tells_it(indicator, kind):
    small = measure(indicator, kind, total=(3, 47))
    measure(indicator, kind, total=(20, 100))
    let_out(indicator)

    [row] = [row for row in published_values(indicator) if row.unit == small]

    assert row == PublishedValue(small, 2025, "total", ValueState.HIDDEN)


def test_region_adds_true_counts_of_hidden_units(indicator, kind):
    measure(indicator, kind, total=(3, 100))
    measure(indicator, kind, total=(20, 100))
    make_measurement(
        indicator=indicator,
        unit=make_unit(kind=kind),
        state="missing",
        numerator=None,
        denominator=None,
    )
    make_measurement(numerator=99)
    let_out(indicator)

    [row] = pooled(indicator)

    assert (row.unit, row.numerator, row.denominator, row.value) == (None, 23, 200, 11.5)


def test_region_counts_a_unit_under_another_once(indicator, kind):
    clinic = measure(indicator, kind, total=(50, 300))
    for count in (20, 30):
        measure(indicator, kind, unit=make_unit(kind=kind, parent=clinic), total=(count, 150))
    measure(indicator, kind, total=(40, 100))
    let_out(indicator)

    assert [(row.numerator, row.denominator) for row in pooled(indicator)] == [(90, 400)]


def test_reported_value_is_shown_as_it_is_and_left_out_of_sums(indicator, kind):
    unit = make_unit(kind=kind)
    make_measurement(
        indicator=indicator, unit=unit, numerator=None, denominator=None, reported="12.5"
    )
    measure(indicator, kind, total=(20, 100))
    let_out(indicator)

    [row] = [row for row in published_values(indicator) if row.unit == unit]

    assert (row.value, row.reported, row.numerator, row.state) == (12.5, True, None, "value")
    assert [(row.numerator, row.denominator) for row in pooled(indicator)] == [(20, 100)]


def test_reported_share_of_few_is_hidden(indicator, kind):
    """4 per cent of 60 is 2 or 3."""
    unit = make_unit(kind=kind)
    make_measurement(indicator=indicator, unit=unit, numerator=None, denominator=60, reported="4")
    let_out(indicator)
    measure(indicator, kind, total=(20, 100))
    let_out(indicator)

    assert shown(indicator)[unit, "total"] == "hidden"


def test_value_without_denominator_is_missing(indicator, kind):
    unit = measure(indicator, kind, total=(0, 0))
    measure(indicator, kind, total=(20, 100))
    let_out(indicator)

    assert shown(indicator)[unit, "total"] == "missing"


# Who sees what


def test_private_caregivers_units_are_their_own_by_default(indicator, kind):
    private = make_unit(kind=kind, ownership="private")
    measure(indicator, kind, unit=private, total=(40, 100))
    public = [measure(indicator, kind, total=(count, 100)) for count in (20, 60)]
    let_out(indicator)

    seen = shown(indicator)

    assert seen[private, "total"] == "hidden"
    # The smallest other one goes with it: the region's sum would tell.
    assert [seen[unit, "total"] for unit in public] == ["hidden", 60]
    assert shown(indicator, Reader(True))[private, "total"] == "hidden"
    assert shown(indicator, Reader(True, frozenset({private.pk})))[private, "total"] == 40


@pytest.mark.parametrize(
    ("visibility", "anybody", "signed_in", "region"),
    [
        ("public", 20, 20, [60]),
        ("signed_in", "hidden", 20, []),
        ("own_unit", "hidden", "hidden", []),
    ],
)
def test_visibility_of_an_indicator(indicator, kind, visibility, anybody, signed_in, region):
    indicator.visibility = visibility
    indicator.save()
    unit = measure(indicator, kind, total=(20, 100))
    measure(indicator, kind, total=(40, 100))
    let_out(indicator)

    key = unit, "total"
    assert shown(indicator)[key] == anybody
    assert shown(indicator, Reader(True))[key] == signed_in
    assert shown(indicator, Reader(True, frozenset({unit.pk})))[key] == 20
    assert [row.numerator for row in pooled(indicator) if row.is_shown] == region


def test_own_units_hidden_count_is_seen_by_right_and_marked(indicator, kind):
    small = measure(indicator, kind, total=(3, 100))
    other = measure(indicator, kind, total=(20, 100))
    measure(indicator, kind, total=(50, 100))
    let_out(indicator)
    manager = make_manager(unit=small).user

    rows = {row.unit: row for row in published_values(indicator, reader_of(manager))}

    assert (rows[small].numerator, rows[small].own) == (3, True)
    assert rows[other].state == "hidden"


def test_reader_by_her_rights(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert reader_of(AnonymousUser()) == ANYBODY
    somebody = get_user_model().objects.create_user("nagon@example.org", "x")
    assert reader_of(somebody) == Reader(True)
    somebody.groups.add(Group.objects.get(name="uppföljningsansvarig"))
    assert reader_of(type(somebody).objects.get(pk=somebody.pk)) == Reader(True, "all")


# Medians


def test_median_is_of_what_an_audience_sees_and_of_five_units_at_least(indicator, kind):
    for count in (10, 20, 30, 40):
        measure(indicator, kind, total=(count, 100))
    private = make_unit(kind=kind, ownership="private")
    measure(indicator, kind, unit=private, total=(90, 100))
    indicator.private_visibility = Visibility.SIGNED_IN
    indicator.save()

    plan = plan_release(indicator, 2025)

    # For the public the private unit and one more are hidden.
    assert plan.spread["public"] == {"units": 3}
    assert plan.spread["signed_in"] == {"units": 5, "low": 20, "median": 30, "high": 40}


# Releasing


def test_what_has_changed_since_it_was_looked_at_is_not_released(indicator, kind):
    unit = measure(indicator, kind, total=(20, 100))
    seen = digest(plan_release(indicator, 2025))
    Measurement.objects.filter(unit=unit).update(numerator=30)

    with pytest.raises(ReleaseRefused) as refused:
        release_year(indicator, 2025, seen=seen)

    assert (refused.value.reason, Release.objects.filter(indicator=indicator).count()) == (
        "changed",
        0,
    )


def test_year_without_values_is_not_released(indicator):
    with pytest.raises(ReleaseRefused) as refused:
        release_year(indicator, 2025)

    assert refused.value.reason == "empty"


def test_correction_that_would_reveal_is_refused_and_says_what(indicator, kind):
    """A unit leaves that shielded a small one: the first release's sums now tell its count."""
    small = measure(indicator, kind, total=(3, 100))
    shield = measure(indicator, kind, total=(6, 100))
    measure(indicator, kind, total=(50, 100))
    release_year(indicator, 2025)
    Measurement.objects.filter(unit=shield).update(numerator=0)

    plan = plan_release(indicator, 2025)

    assert {(each.unit, each.sex) for each in plan.revealed} >= {(small, "totalt")}
    with pytest.raises(ReleaseRefused) as refused:
        release_year(indicator, 2025)
    assert refused.value.reason == "revealing"
    assert [row.numerator for row in pooled(indicator)] == [59]


def test_released_state_of_a_stored_row():
    row = published(None, 2025, TOTAL, 3, 40, "value", Indicator.Kind.PROPORTION)

    assert (row.state, row.value, row.denominator) == ("value", 7.5, 40)
