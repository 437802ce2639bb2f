from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from organisation.models import Appointment, Unit, normal_hsa_id
from tests.factories import make_appointment, make_person, make_role, make_unit

State = Appointment.State
PERSON_MESSAGE = "Ange person när rollen har en innehavare, annars ingen."
SHARED_MESSAGE = "Ange vilken enhet rollen delas med när den delas."


@pytest.mark.parametrize(
    "text", ["se0000000018-e1001", " SE0000000018-E1001 ", "SE 0000 0000 18-\tE1001\n"]
)
def test_normal_hsa_id_is_upper_case_without_blanks(text):
    assert normal_hsa_id(text) == "SE0000000018-E1001"


@pytest.mark.parametrize("hsa_id", ["-SE0000", "SE0000_E1", "SE0000Å"])
def test_unit_with_odd_hsa_id_is_refused(db, hsa_id):
    unit = make_unit()
    unit.hsa_id = hsa_id

    with pytest.raises(ValidationError) as refused:
        unit.full_clean()
    assert refused.value.message_dict == {
        "hsa_id": ["Skriv HSA-id med bokstäver A–Z, siffror och bindestreck."]
    }


@pytest.mark.parametrize(
    ("state", "has_person", "message"),
    [
        (State.HELD, False, PERSON_MESSAGE),
        (State.VACANT, True, PERSON_MESSAGE),
        (State.FUNCTION, True, PERSON_MESSAGE),
        (State.NOT_APPLICABLE, True, PERSON_MESSAGE),
    ],
)
def test_person_must_fit_the_state(db, state, has_person, message):
    appointment = Appointment(
        unit=make_unit(),
        role=make_role(),
        state=state,
        person=make_person() if has_person else None,
    )

    with pytest.raises(ValidationError) as refused:
        appointment.full_clean()
    assert refused.value.messages == [message]
    with pytest.raises(IntegrityError):
        appointment.save()


@pytest.mark.parametrize(("state", "has_other"), [(State.SHARED, False), (State.VACANT, True)])
def test_other_unit_must_fit_the_state(db, state, has_other):
    appointment = Appointment(
        unit=make_unit(),
        role=make_role(),
        state=state,
        shared_with=make_unit() if has_other else None,
    )

    with pytest.raises(ValidationError) as refused:
        appointment.full_clean()
    assert refused.value.messages == [SHARED_MESSAGE]
    with pytest.raises(IntegrityError):
        appointment.save()


def test_every_state_has_a_form_that_is_taken(db):
    rows = [
        make_appointment(),
        make_appointment(state=State.FUNCTION),
        make_appointment(state=State.SHARED, shared_with=make_unit()),
        make_appointment(state=State.VACANT),
        make_appointment(state=State.NOT_APPLICABLE),
    ]

    for row in rows:
        row.full_clean()
    assert {row.state for row in rows} == set(State.values)


def test_public_appointments_exclude_ended_ones_and_ended_units(db):
    role = make_role()
    here = make_appointment(role=role, valid_from=date(2026, 1, 1))
    make_appointment(role=role, valid_to=date(2026, 11, 23))
    make_appointment(role=role, valid_from=date(2026, 11, 24))
    make_appointment(role=role, unit=make_unit(valid_to=date(2026, 11, 23)))
    make_appointment(role=role, unit=make_unit(valid_from=date(2026, 11, 24)))

    assert [*Appointment.objects.public().filter(role=role)] == [here]


def test_public_appointments_stand_by_role_with_the_stand_in_last(db):
    unit = make_unit()
    second, first = make_role(position=2), make_role(position=1)
    stand_in = make_appointment(unit=unit, role=first, acting=True)
    later = make_appointment(unit=unit, role=second)
    vacancy = make_appointment(unit=unit, role=first, state=State.VACANT)

    assert [*Appointment.objects.public().filter(unit=unit)] == [vacancy, stand_in, later]


def test_unit_under_itself_is_refused(db):
    top = make_unit()
    middle = make_unit(parent=top)
    low = make_unit(parent=middle)

    low.clean()
    for parent in (top, low):
        top.parent = parent
        with pytest.raises(ValidationError) as refused:
            top.clean()
        assert refused.value.message_dict == {
            "parent": ["En enhet kan inte ligga under sig själv."]
        }


def test_public_units_are_open_care_units(db):
    unit = make_unit(town="Provköping")
    make_unit(town="Provköping", valid_to=date(2026, 11, 1))
    make_unit(town="Provköping", valid_from=date(2026, 12, 1))
    level = make_unit(town="Provköping")
    level.kind.level = "region"
    level.kind.save()

    assert [*Unit.objects.public().filter(town="Provköping")] == [unit]


@pytest.mark.parametrize(
    "text",
    ["Åkerö", "åkerö", "ÅKERÖ", "källan provkö", "provköping", "se9-q7"],
)
def test_matching_takes_words_in_any_case(db, text):
    unit = make_unit(name="Källan Åkerö", town="Provköping", hsa_id="SE9-Q7")
    make_unit(name="Källan Akero", town="Testinge", hsa_id="SE9-Q8")

    assert [*Unit.objects.matching(text)] == [unit]


def test_matching_takes_signs_as_signs(db):
    unit = make_unit(name="Enheten (norra) 100%")
    make_unit(name="Enheten norra 100")

    assert [*Unit.objects.matching("(norra) 100%")] == [unit]
    assert [*Unit.objects.matching("( .* [")] == []
