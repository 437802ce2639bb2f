from datetime import date, datetime

import pytest

from portal.web.days import add_months, midnight
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
