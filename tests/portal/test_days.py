from datetime import date, datetime, timedelta

import pytest

from portal.web.days import add_months, midnight, months_before
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_same_day_of_another_month_or_its_last(day, months, expected):
    assert add_months(day, months) == expected


def test_no_month_after_the_last_year():
    with pytest.raises(ValueError, match="Ingen dag i 10000-01"):
        add_months(date(9999, 12, 1), 1)


def test_midnight_is_swedish_on_both_sides_of_summer_time():
    assert midnight(date(2026, 7, 1)) == datetime(2026, 7, 1, tzinfo=NOW.tzinfo)
    assert midnight(date(2026, 12, 1)).utcoffset().total_seconds() == 3600
    assert midnight(None) is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 2, 28), 1, date(2027, 1, 31)),
        (date(2027, 3, 30), 1, date(2027, 2, 28)),
        (date(2028, 2, 28), 12, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 32767, date.min),
    ],
)
def test_latest_day_that_months_lead_from(day, months, expected):
    assert months_before(day, months) == expected


def test_latest_day_is_the_latest():
    first = date(2027, 1, 1)
    for day in (first + timedelta(days=n) for n in range(500)):
        for months in (1, 3, 12, 13):
            latest = months_before(day, months)
            assert (
                add_months(latest, months) <= day < add_months(latest + timedelta(days=1), months)
            )
