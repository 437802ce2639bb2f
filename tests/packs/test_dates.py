"""Dates of a pack that count from the day of its first load."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.packs.dates import absolute, add_months

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("text", "loaded_on", "expected"),
    [
        ("today", date(2026, 11, 23), date(2026, 11, 23)),
        ("today-60d", date(2026, 11, 23), date(2026, 9, 24)),
        ("today+1d", date(2026, 12, 31), date(2027, 1, 1)),
        ("today+2mo", date(2026, 12, 31), date(2027, 2, 28)),
        ("today-1mo", date(2026, 3, 31), date(2026, 2, 28)),
        ("today+1mo", date(2026, 8, 31), date(2026, 9, 30)),
        ("today-12mo", date(2026, 1, 31), date(2025, 1, 31)),
        ("today+1y", date(2028, 2, 29), date(2029, 2, 28)),
        ("today+4y", date(2028, 2, 29), date(2032, 2, 29)),
        ("today-1y", date(2029, 2, 28), date(2028, 2, 28)),
        ("today+0mo", date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_day_that_counts_from_the_load(text, loaded_on, expected):
    assert absolute(text, loaded_on) == expected


@pytest.mark.parametrize(
    ("text", "loaded_on", "expected"),
    [
        ("week+3 tue 13:00", date(2026, 11, 23), "2026-12-15T13:00+01:00"),
        ("week+3 tue 13:00", date(2026, 11, 29), "2026-12-15T13:00+01:00"),
        ("week+0 mon 00:00", date(2027, 1, 1), "2026-12-28T00:00+01:00"),
        ("week+1 sun 23:59", date(2026, 12, 28), "2027-01-10T23:59+01:00"),
        ("week-1 fri 08:30", date(2027, 1, 1), "2026-12-25T08:30+01:00"),
        ("week+1 mon 13:00", date(2027, 3, 26), "2027-03-29T13:00+02:00"),
        ("week+0 sun 02:30", date(2027, 10, 31), "2027-10-31T02:30+02:00"),
        ("week+0 sun 03:30", date(2027, 10, 31), "2027-10-31T03:30+01:00"),
    ],
    ids=lambda value: str(value),
)
def test_moment_is_swedish_wall_time(text, loaded_on, expected):
    moment = absolute(text, loaded_on)

    assert moment.isoformat(timespec="minutes") == expected
    assert moment.timestamp() == datetime.fromisoformat(expected).timestamp()


def test_moment_that_summer_time_skips_is_an_hour_later_on_the_clock():
    moment = absolute("week+0 sun 02:30", date(2027, 3, 28))

    assert moment.astimezone(ZoneInfo("UTC")) == datetime(
        2027, 3, 28, 1, 30, tzinfo=ZoneInfo("UTC")
    )


@pytest.mark.parametrize(
    "value",
    [
        "Today",
        "today-60",
        "i dag: today",
        "today-60 d",
        "week+3 tue",
        "week+3 tis 13:00",
        "",
        5,
        True,
    ],
)
def test_anything_else_stays_as_it_is(value):
    assert absolute(value, date(2026, 11, 23)) == value


def test_dates_inside_lists_and_tables_are_found():
    value = {
        "a": ["today", {"b": "today+1d"}],
        "c": datetime(2026, 7, 1, 12),
        "d": date(2026, 1, 1),
    }

    assert absolute(value, date(2026, 11, 23)) == {
        "a": [date(2026, 11, 23), {"b": date(2026, 11, 24)}],
        "c": datetime(2026, 7, 1, 12, tzinfo=STOCKHOLM),
        "d": date(2026, 1, 1),
    }


def test_add_months_goes_through_every_month_end():
    ends = [add_months(date(2027, 12, 31), month).day for month in range(1, 13)]

    assert ends == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
