"""Worked cases of the rehabilitation chain, written from the law's text before the code."""

from datetime import date, timedelta

import pytest

from guidance.models import Milestone, Occupation
from guidance.timeline import Period, case_day, counted_periods, timeline

NEW_YEAR = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "on"),
    [
        (1, date(2026, 1, 1)),
        (8, date(2026, 1, 8)),
        (15, date(2026, 1, 15)),
        (30, date(2026, 1, 30)),
        (90, date(2026, 3, 31)),
        (91, date(2026, 4, 1)),
        (180, date(2026, 6, 29)),
        (181, date(2026, 6, 30)),
        (365, date(2026, 12, 31)),
        (366, date(2027, 1, 1)),
        (550, date(2027, 7, 4)),
    ],
)
def test_days_of_a_case_that_began_on_new_years_day(day, on):
    assert case_day(day, NEW_YEAR) == on


@pytest.mark.parametrize(
    ("day", "on"),
    [(59, date(2028, 2, 28)), (60, date(2028, 2, 29)), (61, date(2028, 3, 1)),
     (90, date(2028, 3, 30)), (365, date(2028, 12, 30)), (366, date(2028, 12, 31))],
)  # fmt: skip
def test_days_of_a_case_over_leap_day(day, on):
    assert case_day(day, date(2028, 1, 1)) == on


def test_next_monday_is_day_eight_when_monday_is_day_one():
    assert case_day(8, date(2026, 3, 23)) == date(2026, 3, 30)  # over the change to summer time


# The example of the page on the chain: 70 days ill, 40 days at work, ill again: day 90 is
# the new period's twentieth day.
SEVENTY = Period(date(2026, 1, 1), date(2026, 3, 11))
ILL_AGAIN = date(2026, 4, 21)


def test_seventy_days_before_are_counted():
    counted = counted_periods(ILL_AGAIN, [SEVENTY])

    assert SEVENTY.days == 70
    assert counted == [SEVENTY]
    assert case_day(90, ILL_AGAIN, counted) == ILL_AGAIN + timedelta(days=19)
    assert case_day(70, ILL_AGAIN, counted) == date(2026, 3, 11)
    assert case_day(71, ILL_AGAIN, counted) == ILL_AGAIN


@pytest.mark.parametrize(("between", "is_counted"), [(0, True), (89, True), (90, False)])
def test_periods_are_added_when_fewer_than_ninety_days_lie_between(between, is_counted):
    first_day = SEVENTY.last + timedelta(days=between + 1)

    assert counted_periods(first_day, [SEVENTY]) == ([SEVENTY] if is_counted else [])


def test_chain_breaks_at_the_first_long_gap_and_order_typed_does_not_matter():
    old = Period(date(2025, 1, 1), date(2025, 1, 31))
    near = Period(date(2025, 12, 1), date(2025, 12, 10))
    nearest = Period(date(2026, 2, 1), date(2026, 2, 10))

    assert counted_periods(date(2026, 3, 1), [near, old, nearest]) == [near, nearest]


def days_and_codes(occupation, *, earlier=(), first_day=NEW_YEAR, today=NEW_YEAR):
    made = timeline(
        Milestone.objects.all(),
        first_day=first_day,
        occupation=occupation,
        earlier=earlier,
        today=today,
    )
    return [(row.day, row.on.isoformat(), [m.code for m in row.milestones]) for row in made.rows]


EMPLOYED = [
    (1, "2026-01-01", ["sjukanmalan-arbetsgivaren", "sjuklon"]),
    (8, "2026-01-08", ["intyg-arbetsgivaren"]),
    (15, "2026-01-15", ["arbetsgivaren-anmaler", "ansok-sjukpenning", "intyg-dag-15"]),
    (30, "2026-01-30", ["plan-for-atergang"]),
    (90, "2026-03-31", ["fore-dag-90"]),
    (91, "2026-04-01", ["omplacering"]),
    (180, "2026-06-29", ["fore-dag-180"]),
    (181, "2026-06-30", ["arbetsmarknaden"]),
    (365, "2026-12-31", ["fore-dag-365"]),
    (366, "2027-01-01", ["farre-undantag"]),
    (550, "2027-07-04", ["dag-550"]),
]
OTHERS = {
    Occupation.SELF_EMPLOYED: [
        (1, "2026-01-01", ["sjukanmalan-fk", "karens-egenforetagare"]),
        (8, "2026-01-08", ["intyg-fk-dag-8"]),
        (180, "2026-06-29", ["fore-dag-180-egen"]),
        (181, "2026-06-30", ["arbetsmarknaden-egen"]),
    ],
    Occupation.JOB_SEEKER: [
        (1, "2026-01-01", ["sjukanmalan-fk", "arbetsmarknaden-dag-1"]),
        (8, "2026-01-08", ["intyg-fk-dag-8", "intyg-af"]),
    ],
    Occupation.STUDENT: [
        (1, "2026-01-01", ["sjukanmalan-studerande"]),
        (15, "2026-01-15", ["intyg-studerande"]),
    ],
    Occupation.PARENTAL_LEAVE: [
        (1, "2026-01-01", ["sjukanmalan-fk", "varda-barnet"]),
        (8, "2026-01-08", ["intyg-fk-dag-8"]),
    ],
}


def test_employed_has_every_day_of_the_chain(db):
    assert days_and_codes(Occupation.EMPLOYED) == EMPLOYED


@pytest.mark.parametrize("occupation", OTHERS)
def test_others_have_only_their_own_days(db, occupation):
    assert days_and_codes(occupation) == OTHERS[occupation]


def test_earlier_periods_move_the_chain_and_leave_the_first_month(db):
    rows = days_and_codes(Occupation.EMPLOYED, earlier=[SEVENTY], first_day=ILL_AGAIN)
    on = {code: (day, date_) for day, date_, codes in rows for code in codes}

    assert on["arbetsgivaren-anmaler"] == (15, "2026-05-05")
    assert on["plan-for-atergang"] == (30, "2026-05-20")
    assert on["fore-dag-90"] == (90, "2026-05-10")
    assert on["omplacering"] == (91, "2026-05-11")
    assert [date_ for _, date_, _ in rows] == sorted(date_ for _, date_, _ in rows)


def test_says_where_today_stands_and_what_comes_next(db):
    made = timeline(
        Milestone.objects.all(),
        first_day=NEW_YEAR,
        occupation=Occupation.EMPLOYED,
        earlier=[],
        today=date(2026, 3, 30),
    )

    assert made.today_is == 89
    assert (made.next.day, made.next.days_left) == (90, 1)
    assert [row.state for row in made.rows][:6] == ["passed"] * 4 + ["coming"] * 2


def test_every_milestone_names_actor_and_law_or_what_is_to_be_reviewed(db):
    rows = [*Milestone.objects.select_related("page")]

    assert len(rows) == 23
    for row in rows:
        assert row.who
        assert row.text
        assert row.law_text or row.review_note, row.code
        assert row.page is None or row.anchor, row.code
