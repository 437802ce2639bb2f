"""Values in a pack come back as they went out, also those that are hidden or only reported."""

from decimal import Decimal

import pytest

from followup.models import Indicator, Measurement
from portal.packs.measurements import read_measurements, write_measurements
from tests.factories import make_unit

pytestmark = pytest.mark.django_db


def fields(row):
    return (row.state, row.numerator, row.denominator, row.reported)


def test_every_state_comes_back_from_a_dump():
    Measurement.objects.all().delete()
    indicator, unit = Indicator.objects.get(code="langa-90"), make_unit()
    values = [
        ("value", 3, 10, None),
        ("value", None, None, Decimal("12.5000")),
        ("hidden", None, 10, None),
        ("zero_or_hidden", None, None, None),
        ("missing", None, None, None),
        ("not_applicable", None, None, None),
    ]
    for year, (state, numerator, denominator, reported) in enumerate(values, 2020):
        Measurement.objects.create(
            indicator=indicator, unit=unit, year=year, state=state,
            numerator=numerator, denominator=denominator, reported=reported,
        )  # fmt: skip
    text, errors = write_measurements(), []

    assert text.splitlines()[0].endswith("denominator;reported")
    assert [fields(row) for row in read_measurements(text, errors)] == values
    assert errors == []


def test_dump_without_reported_values_has_no_column_for_them():
    assert write_measurements().splitlines()[0].endswith("denominator")
