from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from organisation.phone_hours import (
    may_be_holiday,
    phone_state,
    read_hours,
    refuse_impossible_days,
)

SWEDEN = ZoneInfo("Europe/Stockholm")


def at(day, clock):
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=SWEDEN)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Måndag–torsdag 8–10", {day: [(time(8), time(10))] for day in range(4)}),
        ("vardagar 8.30-9", {day: [(time(8, 30), time(9))] for day in range(5)}),
        ("Onsdag kl. 8–12", {2: [(time(8), time(12))]}),
        ("Måndag, onsdag och fredag 9–10", {day: [(time(9), time(10))] for day in (0, 2, 4)}),
        (
            "Måndag 10–12 och onsdag 13–15",
            {0: [(time(10), time(12))], 2: [(time(13), time(15))]},
        ),
        ("Måndagar 8–9, måndagar 13–14", {0: [(time(8), time(9)), (time(13), time(14))]}),
    ],
)
def test_hours_that_can_be_read(text, days):
    assert read_hours(text) == days


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Efter överenskommelse",
        "Måndag",
        "8–10",
        "Måndag–torsdag 8–10, inte lov",
        "Jämna veckor måndag 8–10",
        "Måndag 10–8",
        "Måndag 8–25",
        "Måndag 8.75–10",
        "Fredag–måndag 8–10",
        "Måndag 8–10 (ej juli)",
        "\0" * 80,
    ],
)
def test_anything_unclear_says_nothing(text):
    assert read_hours(text) is None
    assert phone_state(text, at("2026-11-23", "09:00")) is None


@pytest.mark.parametrize(
    ("now", "open_now", "when", "days_away"),
    [
        (("2026-11-23", "08:59"), False, ("2026-11-23", "09:00"), 0),
        (("2026-11-23", "09:00"), True, ("2026-11-23", "10:00"), 0),
        (("2026-11-23", "10:00"), False, ("2026-11-24", "09:00"), 1),
        (("2026-11-24", "12:00"), False, ("2026-11-30", "09:00"), 6),
    ],
)
def test_whether_somebody_answers(now, open_now, when, days_away):
    state = phone_state("Måndag–tisdag 9–10", at(*now))

    assert (state.open, state.at, state.days_away) == (open_now, at(*when), days_away)


def test_no_promise_on_or_past_a_day_that_may_be_a_holiday():
    assert phone_state("Vardagar 8–10", at("2026-12-24", "09:00")) is None
    assert phone_state("Måndag 8–10", at("2026-12-23", "09:00")) is None
    assert phone_state("Onsdag 8–10", at("2026-12-23", "09:00")).open is True


@pytest.mark.parametrize(
    ("day", "may_be"),
    [
        ("2026-04-03", True),
        ("2026-04-06", True),
        ("2026-04-07", False),
        ("2026-05-14", True),
        ("2026-06-19", True),
        ("2026-06-20", True),
        ("2026-10-31", True),
        ("2026-06-26", False),
        ("2026-12-31", True),
        ("2026-11-23", False),
    ],
)
def test_holidays(day, may_be):
    assert may_be_holiday(date.fromisoformat(day)) is may_be


@pytest.mark.parametrize(
    "text", ["Stängt 31/2", "1/6-31/6", "Till 2026-02-31", "Från 31 November", "0/4"]
)
def test_a_day_that_does_not_exist_is_refused(text):
    with pytest.raises(ValidationError, match="är inget datum"):
        refuse_impossible_days(text)


@pytest.mark.parametrize(
    "text",
    ["", "24/7", "Stängt 29/2", "8–10/13–15", "2026-12-24", "31 augusti", "99 knappval", "9.30/13"],
)
def test_other_words_are_free(text):
    assert refuse_impossible_days(text) is None
