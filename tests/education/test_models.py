from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.models import Course, Occasion, OccasionState, Session
from tests.conftest import NOW, TODAY
from tests.factories import make_course, make_occasion

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=NOW.tzinfo)


def standing(at=NOW, starts=NOW + 14 * DAY, ends=NOW + 15 * DAY, **fields):
    """An unsaved occasion's state, with the dates that `public()` adds."""
    occasion = Occasion(**fields)
    occasion.starts, occasion.ends = starts, ends
    return occasion.state(at)


@pytest.mark.parametrize(
    ("seats_left", "expected"),
    [
        (None, OccasionState.OPEN),
        (0, OccasionState.FULL),
        (1, OccasionState.FEW),
        (3, OccasionState.FEW),
        (4, OccasionState.OPEN),
    ],
)
def test_state_by_seats_left(seats_left, expected):
    assert standing(seats_left=seats_left) == expected


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        (TODAY - DAY, OccasionState.CLOSED),
        (TODAY, OccasionState.OPEN),
        (TODAY + DAY, OccasionState.OPEN),
    ],
)
def test_last_registration_day_counts(closes, expected):
    assert standing(registration_closes=closes) == expected


def test_registration_closes_at_swedish_midnight():
    moments = (MIDNIGHT + DAY - SECOND, MIDNIGHT + DAY)

    assert [standing(at, registration_closes=TODAY) for at in moments] == ["open", "closed"]


@pytest.mark.parametrize(
    ("opens", "expected"),
    [
        (TODAY - DAY, OccasionState.OPEN),
        (TODAY, OccasionState.OPEN),
        (TODAY + DAY, OccasionState.OPENS),
    ],
)
def test_registration_is_open_from_its_first_day(opens, expected):
    assert standing(registration_opens=opens) == expected


def test_registration_closes_when_the_occasion_starts_and_it_is_done_when_it_has_ended():
    starts, ends = NOW, NOW + DAY
    moments = [starts - SECOND, starts, ends, ends + SECOND]

    assert [standing(at, starts, ends) for at in moments] == ["open", "closed", "closed", "done"]


def test_cancelled_goes_before_all_else():
    assert standing(cancelled_on=TODAY, seats_left=0) == OccasionState.CANCELLED
    assert standing(NOW + 99 * DAY, cancelled_on=TODAY) == OccasionState.CANCELLED


def test_done_goes_before_full_and_full_before_closed_and_opens():
    assert standing(NOW + 99 * DAY, seats_left=0) == OccasionState.DONE
    assert standing(seats_left=0, registration_closes=TODAY - DAY) == OccasionState.FULL
    assert standing(seats_left=0, registration_opens=TODAY + DAY) == OccasionState.FULL


def test_few_seats_are_told_only_while_registration_is_open():
    assert standing(seats_left=2, registration_closes=TODAY - DAY) == OccasionState.CLOSED
    assert standing(seats_left=2, registration_opens=TODAY + DAY) == OccasionState.OPENS


dates = st.none() | st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
occasions = st.fixed_dictionaries(
    {
        "dates": st.tuples(dates, dates).map(
            lambda pair: sorted(pair) if None not in pair else pair
        ),
        "seats_left": st.sampled_from([None, 0, 1, 3, 4, 20]),
        "cancelled": st.booleans(),
        "starts": st.integers(-72, 72),  # hours from now
        "hours": st.integers(1, 48),
    }
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(occasions, min_size=5, max_size=25))
def test_the_query_for_open_ones_agrees_with_state(db, drawn):
    Session.objects.all().delete()
    Occasion.objects.all().delete()
    course = make_course()
    rows = Occasion.objects.bulk_create(
        Occasion(
            uid=f"o-{number}",
            course=course,
            registration_opens=one["dates"][0],
            registration_closes=one["dates"][1],
            seats_left=one["seats_left"],
            cancelled_on=TODAY if one["cancelled"] else None,
            cancel_reason="Sjukdom" if one["cancelled"] else "",
        )
        for number, one in enumerate(drawn)
    )
    Session.objects.bulk_create(
        Session(
            occasion=row,
            starts=NOW + timedelta(hours=one["starts"]),
            ends=NOW + timedelta(hours=one["starts"] + one["hours"]),
        )
        for row, one in zip(rows, drawn, strict=True)
    )

    by_state = {
        row.uid
        for row in Occasion.objects.public()
        if row.state(NOW) in {OccasionState.OPEN, OccasionState.FEW}
    }

    by_query = Occasion.objects.public().open_for_registration(NOW)
    assert {row.uid for row in by_query} == by_state


def test_public_occasions_belong_to_published_courses_and_span_their_sessions(db):
    shown = make_occasion(starts=NOW + DAY)
    later = Session.objects.create(
        occasion=shown, starts=NOW + 3 * DAY, ends=NOW + 3 * DAY + timedelta(hours=1)
    )
    hidden = make_course(is_published=False)
    Occasion.objects.create(uid="dold", course=hidden, format="onsite")
    rows = Occasion.objects.public().filter(course__in=[shown.course, hidden])

    assert [(row, row.starts, row.ends) for row in rows] == [(shown, NOW + DAY, later.ends)]


def test_coming_and_past_part_at_the_last_end(db):
    row = make_occasion(starts=NOW)
    own = Occasion.objects.public().filter(pk=row.pk)
    moments = [row.ends, row.ends + SECOND]

    assert [own.coming(at).exists() for at in moments] == [True, False]
    assert [own.past(at).exists() for at in moments] == [False, True]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"registration_opens": TODAY, "registration_closes": TODAY - DAY},
            "Anmälan kan inte stänga innan den öppnar.",
        ),
        (
            {"seats_total": 4, "seats_left": 5},
            "Platser kvar kan inte vara fler än platserna.",
        ),
        ({"cancelled_on": TODAY}, "Skriv varför tillfället är inställt."),
    ],
)
def test_occasion_that_breaks_a_rule_is_refused(db, fields, message):
    occasion = Occasion(uid="regel", course=make_course(), format="onsite", **fields)

    with pytest.raises(ValidationError) as refused:
        occasion.full_clean()
    assert refused.value.messages == [message]
    with pytest.raises(IntegrityError):
        occasion.save()


def test_session_ends_after_it_starts(db):
    session = Session(occasion=make_occasion(), starts=NOW, ends=NOW)

    with pytest.raises(ValidationError) as refused:
        session.full_clean()
    assert refused.value.messages == ["Passet måste sluta efter att det har börjat."]


def test_registration_of_one_day_and_all_seats_left_are_taken(db):
    make_occasion(
        registration_opens=date(2026, 11, 23),
        registration_closes=date(2026, 11, 23),
        seats_total=5,
        seats_left=5,
    ).full_clean()


def test_title_holds_the_suffix():
    course = Course(title="Kurs", slug="kurs")

    assert Occasion(course=course).title == "Kurs"
    assert Occasion(course=course, title_suffix="dag 1").title == "Kurs, dag 1"
