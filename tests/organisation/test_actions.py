"""Ending an appointment and filling a vacancy: what is stored, shown and found."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from organisation.actions import end_appointment, start_appointment
from organisation.models import Appointment
from portal.search.index import rebuild
from portal.search.query import search
from tests.factories import make_appointment, make_person, make_role, make_unit

State = Appointment.State
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def by(db):
    return get_user_model().objects.create_user("chef@example.org", "x")


@pytest.fixture
def held(db):
    return make_appointment(
        unit=make_unit(name="Norrgården"),
        role=make_role(title="Provroll", single_seat=True),
        person=make_person(name="Anna Annan"),
        valid_from=date(2025, 1, 1),
        email="reko.norr@example.org",
        phone="08-465 004 12",
        phone_hours="8–9",
    )


def rows_of(held):
    """[(state, holder, acting, first day, day it ends)]"""
    rows = Appointment.objects.filter(unit=held.unit, role=held.role)
    return [
        (row.state, row.holder, row.acting, row.valid_from, row.valid_to)
        for row in rows.order_by("valid_from", "acting", "pk")
    ]


def test_ended_appointment_leaves_a_vacancy_from_the_day_after(held, by):
    ended = end_appointment(appointment=held, last_day=TODAY, by=by, reason="Ny tjänst")

    assert rows_of(held) == [
        ("held", "Anna Annan", False, date(2025, 1, 1), TOMORROW),
        ("vacant", "", False, TOMORROW, None),
    ]
    assert (ended.vacancy.email, ended.vacancy.phone, ended.vacancy.phone_hours) == (
        "reko.norr@example.org",
        "",
        "",
    )
    records = [held.history.latest(), ended.vacancy.history.latest()]
    assert {(each.history_user, each.history_change_reason) for each in records} == {
        (by, "Ny tjänst")
    }
    assert records[0].history_date == records[1].history_date


def test_vacancy_is_seen_the_same_day(client, held, by):
    end_appointment(appointment=held, last_day=date(2026, 11, 22), by=by)

    page = client.get(held.unit.get_absolute_url()).content.decode()
    assert "sedan 23 november 2026" in page
    assert "Anna Annan" not in page


def test_stand_in_acts_during_the_vacancy_with_the_functions_mailbox(held, by):
    vik = make_person(name="Vik Arie")
    ended = end_appointment(appointment=held, last_day=TODAY, stand_in=vik, by=by)

    assert rows_of(held)[1:] == [
        ("vacant", "", False, TOMORROW, None),
        ("held", "Vik Arie", True, TOMORROW, None),
    ]
    assert (ended.stand_in.email, ended.stand_in.phone) == ("reko.norr@example.org", "")


def test_own_address_of_the_one_who_leaves_does_not_stay(held, by):
    held.email = "anna.annan@example.org"
    held.save()

    assert end_appointment(appointment=held, last_day=TODAY, by=by).vacancy.email == ""


def test_role_that_is_not_needed_any_more_is_not_vacant(held, by):
    end_appointment(appointment=held, last_day=TODAY, still_needed=False, by=by)

    assert rows_of(held)[1:] == [("not_applicable", "", False, TOMORROW, None)]


def test_vacancy_lasts_until_the_next_one_who_is_known(held, by):
    held.valid_to = date(2027, 3, 1)
    held.save()
    make_appointment(
        unit=held.unit,
        role=held.role,
        person=make_person(name="Bo Berg"),
        valid_from=date(2027, 3, 1),
    )
    end_appointment(appointment=held, last_day=TODAY, by=by)

    assert rows_of(held)[1:] == [
        ("vacant", "", False, TOMORROW, date(2027, 3, 1)),
        ("held", "Bo Berg", False, date(2027, 3, 1), None),
    ]


def test_no_vacancy_where_somebody_else_has_the_role(by):
    unit, role = make_unit(), make_role()
    first = make_appointment(unit=unit, role=role, person=make_person(name="Anna Annan"))
    make_appointment(unit=unit, role=role, person=make_person(name="Bo Berg"))

    assert end_appointment(appointment=first, last_day=TODAY, by=by).vacancy is None
    assert Appointment.objects.filter(unit=unit, state=State.VACANT).count() == 0


def test_no_vacancy_after_one_who_only_acts_or_at_a_unit_that_closes(held, by):
    acting = make_appointment(unit=held.unit, role=held.role, acting=True)
    assert end_appointment(appointment=acting, last_day=TODAY, by=by).vacancy is None

    held.unit.valid_to = TOMORROW
    held.unit.save()
    assert end_appointment(appointment=held, last_day=TODAY, by=by).vacancy is None


@pytest.mark.parametrize(
    ("last_day", "message"),
    [
        (
            date(2024, 12, 31),
            "Sista dagen kan inte ligga före den dag då uppdraget började.",
        ),
        (
            date(2027, 6, 30),
            "Uppdraget slutar redan tidigare. Ändra i så fall perioden.",
        ),
    ],
)
def test_last_day_must_be_within_the_appointment(held, by, last_day, message):
    held.valid_to = date(2027, 1, 1)
    held.save()
    before = rows_of(held)

    with pytest.raises(ValidationError) as refused:
        end_appointment(appointment=held, last_day=last_day, by=by)
    assert refused.value.message_dict == {"last_day": [message]}
    assert rows_of(held) == before


def test_appointment_ends_once(held, by):
    """The row as it is now counts, not as it was when the form was opened."""
    end_appointment(appointment=held, last_day=date(2026, 11, 20), by=by)
    before = rows_of(held)

    with pytest.raises(ValidationError) as refused:
        end_appointment(appointment=held, last_day=date(2026, 11, 19), by=by)
    assert refused.value.messages == [
        "Uppdraget är redan avslutat, från och med 1 januari 2025 till och med 20 november 2026."
    ]
    assert rows_of(held) == before


def test_refused_stand_in_leaves_everything_as_it_was(held, by):
    before = rows_of(held)

    with pytest.raises(ValidationError) as refused:
        end_appointment(appointment=held, last_day=TODAY, stand_in=held.person, by=by)
    assert refused.value.messages == ["Den som slutar kan inte vara tillförordnad efter sig själv."]
    assert rows_of(held) == before


@pytest.fixture
def vacant(held, by):
    """Anna until today, then a vacancy with Vik."""
    end_appointment(appointment=held, last_day=TODAY, stand_in=make_person(name="Vik Arie"), by=by)
    return held


def new_holder(vacant, first, **fields):
    return Appointment(
        unit=vacant.unit,
        role=vacant.role,
        person=make_person(name="Bo Berg"),
        valid_from=first,
        **fields,
    )


def test_new_holder_ends_the_vacancy_and_who_acted(vacant, by):
    start_appointment(appointment=new_holder(vacant, date(2027, 1, 1)), by=by)

    new_year = date(2027, 1, 1)
    assert rows_of(vacant)[1:] == [
        ("vacant", "", False, TOMORROW, new_year),
        ("held", "Vik Arie", True, TOMORROW, new_year),
        ("held", "Bo Berg", False, new_year, None),
    ]


def test_new_holder_from_the_first_day_of_the_vacancy_takes_its_place(vacant, by):
    start_appointment(appointment=new_holder(vacant, TOMORROW), by=by)

    assert rows_of(vacant)[1:] == [("held", "Bo Berg", False, TOMORROW, None)]


def test_new_holder_for_a_time_leaves_a_new_vacancy(vacant, by):
    until = date(2027, 7, 1)
    start_appointment(
        appointment=new_holder(vacant, TOMORROW, valid_to=until, email="reko@example.org"), by=by
    )

    assert rows_of(vacant)[1:] == [
        ("held", "Bo Berg", False, TOMORROW, until),
        ("vacant", "", False, until, None),
    ]


def test_new_holder_cannot_begin_while_another_has_the_seat(vacant, by):
    before = rows_of(vacant)

    with pytest.raises(ValidationError) as refused:
        start_appointment(appointment=new_holder(vacant, TODAY), by=by)
    assert refused.value.messages == [
        "Provroll kan bara ha en innehavare åt gången på Norrgården. Redan registrerat: Anna "
        "Annan, från och med 1 januari 2025 till och med 23 november 2026. Avsluta det uppdraget "
        "först eller välj en annan period."
    ]
    assert rows_of(vacant) == before


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"valid_from": None}, ["Ange första dagen."]),
        ({"state": State.VACANT, "person": None}, ["Välj ett läge där någon har rollen."]),
        ({"acting": True}, ["Välj ett läge där någon har rollen."]),
        ({"person": None}, ["Ange person när rollen har en innehavare, annars ingen."]),
    ],
)
def test_odd_new_holder_is_refused(vacant, by, fields, messages):
    before = rows_of(vacant)
    row = new_holder(vacant, TOMORROW)
    for name, value in fields.items():
        setattr(row, name, value)

    with pytest.raises(ValidationError) as refused:
        start_appointment(appointment=row, by=by)
    assert refused.value.messages == messages
    assert rows_of(vacant) == before


def found_by(words):
    return {hit.title for hit in search(words).hits}


def test_search_follows(held, by, clock):
    rebuild()
    assert "Anna Annan" in found_by("Anna Annan")

    end_appointment(
        appointment=held,
        last_day=date(2026, 11, 22),
        stand_in=make_person(name="Vik Ariesson"),
        by=by,
    )
    assert "Anna Annan" not in found_by("Anna Annan")
    assert "Vik Ariesson" in found_by("Ariesson")
    start_appointment(appointment=new_holder(held, TODAY), by=by)
    assert "Vik Ariesson" not in found_by("Ariesson")
    assert "Bo Berg" in found_by("Bo Berg")
