"""A role with a single seat: one row at a time, held by the model and by the database."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from organisation import seats
from organisation.models import Appointment, Role
from tests.factories import make_appointment, make_person, make_role, make_unit

State = Appointment.State
MARCH, JULY = date(2026, 3, 1), date(2026, 7, 1)


@pytest.fixture
def seat(db):
    """A unit, a role with a single seat, and Anna who has it from March through June."""
    unit, role = make_unit(name="Norrgården"), make_role(title="Chef", single_seat=True)
    row = make_appointment(
        unit=unit,
        role=role,
        person=make_person(name="Anna Annan"),
        valid_from=MARCH,
        valid_to=JULY,
    )
    return row


def second(seat, **fields):
    fields = {"state": State.HELD, "person": make_person(name="Bo Berg"), **fields}
    return Appointment(unit=seat.unit, role=seat.role, **fields)


OVERLAPPING = [
    {},
    {"valid_from": date(2026, 6, 30)},
    {"valid_to": date(2026, 3, 2)},
    {"valid_from": date(2026, 4, 1), "valid_to": date(2026, 5, 1)},
    {"valid_from": date(2026, 1, 1), "valid_to": date(2027, 1, 1)},
    {"state": State.VACANT, "person": None},
    {"state": State.FUNCTION, "person": None},
    {"state": State.NOT_APPLICABLE, "person": None},
]
APART = [
    {"valid_from": JULY},
    {"valid_to": MARCH},
    {"acting": True},
    {"acting": True, "valid_from": date(2026, 4, 1)},
]


@pytest.mark.parametrize("fields", OVERLAPPING)
def test_second_row_in_the_seat_is_refused_by_model_and_database(seat, fields):
    row = second(seat, **fields)

    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert refused.value.messages == [
        "Chef kan bara ha en innehavare åt gången på Norrgården. Redan registrerat: Anna Annan, "
        "från och med 1 mars 2026 till och med 30 juni 2026. Avsluta det uppdraget först eller "
        "välj en annan period."
    ]
    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        row.save()


@pytest.mark.parametrize("fields", APART)
def test_row_beside_the_seat_is_taken(seat, fields):
    row = second(seat, **fields)

    row.full_clean()
    row.save()
    assert Appointment.objects.filter(unit=seat.unit, role=seat.role).count() == 2


def test_shared_function_takes_the_seat(seat):
    row = second(seat, state=State.SHARED, person=None, shared_with=make_unit())

    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        row.save()


def test_seats_of_other_units_and_roles_are_their_own(seat):
    make_appointment(unit=make_unit(), role=seat.role, valid_from=MARCH)
    make_appointment(unit=seat.unit, role=make_role(single_seat=True), valid_from=MARCH)

    many = make_role()
    make_appointment(unit=seat.unit, role=many)
    make_appointment(unit=seat.unit, role=many)
    assert Appointment.objects.filter(role=many).count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": date(2026, 6, 30)},
        {"acting": False, "valid_from": MARCH},
    ],
)
def test_row_cannot_be_moved_into_a_taken_seat(seat, change):
    row = second(seat, valid_from=JULY, acting="acting" in change)
    row.save()
    for name, value in change.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        Appointment.objects.filter(pk=row.pk).update(**change)


def test_row_cannot_be_given_a_role_whose_seat_is_taken(seat):
    row = make_appointment(unit=seat.unit, person=make_person())

    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        Appointment.objects.filter(pk=row.pk).update(role=seat.role)


def test_row_may_be_saved_again_in_its_own_seat(seat):
    seat.phone = "08-465 004 12"
    seat.full_clean()
    seat.save()

    assert Appointment.objects.get(pk=seat.pk).phone == "08-465 004 12"


def test_vacancy_in_the_way_tells_how_to_fill_it(seat):
    make_appointment(unit=seat.unit, role=seat.role, state=State.VACANT, valid_from=JULY)

    with pytest.raises(ValidationError) as refused:
        second(seat, valid_from=date(2026, 9, 1)).full_clean()
    assert refused.value.messages == [
        "Chef kan bara ha en innehavare åt gången på Norrgården. Redan registrerat: vakant, från "
        "och med 1 juli 2026. Öppna vakansen och välj ”Tillsätt”, så avslutas den samtidigt."
    ]


def test_role_cannot_get_a_single_seat_while_two_have_it(db):
    role = make_role()
    norr, soder = make_unit(name="Norrgården"), make_unit(name="Södergården")
    for name, unit, first, end in [
        ("Anna Annan", norr, None, JULY),
        ("Bo Berg", norr, MARCH, None),
        ("Cia Ceder", soder, None, MARCH),
        ("Dag Dal", soder, MARCH, None),
    ]:
        make_appointment(
            unit=unit, role=role, person=make_person(name=name), valid_from=first, valid_to=end
        )
    make_appointment(unit=soder, role=role, acting=True)
    role.single_seat = True

    with pytest.raises(ValidationError) as refused:
        role.full_clean()
    assert refused.value.message_dict == {
        "single_seat": [
            "Flera har rollen samtidigt. Avsluta eller flytta perioderna först:",
            "Norrgården: Anna Annan (till och med 30 juni 2026) och Bo Berg (från och med "
            "1 mars 2026).",
        ]
    }
    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        role.save()
    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        Role.objects.filter(pk=role.pk).update(single_seat=True)


def test_a_long_list_of_doubles_is_cut(db):
    role = make_role()
    for number in range(12):
        unit = make_unit(name=f"Enhet {number:02}")
        make_appointment(unit=unit, role=role)
        make_appointment(unit=unit, role=role)

    lines = seats.told(seats.doubled(role.pk))

    assert len(lines) == 12
    assert lines[-1] == "och 2 till."


def test_role_with_a_single_seat_may_let_it_go_and_take_it_again(seat):
    role = seat.role
    role.single_seat = False
    role.full_clean()
    role.save()
    other = second(seat, valid_from=MARCH)
    other.full_clean()
    other.save()
    other.delete()
    role.single_seat = True
    role.full_clean()
    role.save()

    with pytest.raises(IntegrityError, match=seats.CONSTRAINT), transaction.atomic():
        second(seat, valid_from=MARCH).save()


def test_refusal_of_the_database_is_told_in_the_models_words(seat):
    row = second(seat, valid_from=MARCH)

    with pytest.raises(ValidationError) as told, seats.explained(row):
        row.save()
    assert told.value.messages == [row.seat_taken_by(seat)]


def test_other_faults_of_the_database_stay_what_they_are(seat):
    row = second(seat, person=None, valid_from=JULY)

    with pytest.raises(IntegrityError, match="person_fits_state"), seats.explained(row):
        row.save()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("first", ["row", "role"])
@pytest.mark.django_db(transaction=True)
def test_two_transactions_at_once_never_both_pass(first):
    """One has stored and not yet committed when the other stores; the other has to wait."""
    role = make_role(single_seat=first == "row")
    unit = make_unit()
    if first == "role":
        make_appointment(unit=unit, role=role)
    stored, go_on, outcome = threading.Event(), threading.Event(), []

    def other():
        stored.wait(10)
        try:
            make_appointment(unit=unit, role=role)
            outcome.append("stored")
        except IntegrityError as fault:
            outcome.append("refused" if seats.is_seat_fault(fault) else str(fault))
        finally:
            connection.close()

    waiting = threading.Thread(target=other)
    waiting.start()
    try:
        with transaction.atomic():
            if first == "row":
                make_appointment(unit=unit, role=role)
            else:
                Role.objects.filter(pk=role.pk).update(single_seat=True)
            stored.set()
            waiting.join(0.5)
            assert outcome == []
            go_on.set()
        waiting.join(10)

        assert outcome == ["refused"]
        assert Appointment.objects.filter(unit=unit, role=role).count() == 1
    finally:
        Appointment.objects.filter(unit=unit).delete()
        unit.delete()
        role.delete()


def triggers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite rebuilds tables")


@sqlite_only
def test_triggers_are_there_after_migrate(db):
    assert triggers() >= set(seats.SQLITE_TRIGGERS)


@sqlite_only
def test_triggers_go_before_a_migration_and_only_then(db):
    seats.let_go("default", plan=[])
    assert triggers() >= set(seats.SQLITE_TRIGGERS)

    seats.let_go("default", plan=["en migrering"])
    assert triggers().isdisjoint(seats.SQLITE_TRIGGERS)

    seats.hold("default")
    seats.hold("default")
    assert triggers() >= set(seats.SQLITE_TRIGGERS)
