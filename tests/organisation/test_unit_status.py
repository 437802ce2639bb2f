"""What waits at a unit, and what is decided already and does not."""

from datetime import timedelta

import pytest

from organisation.models import Appointment
from organisation.unit_status import statuses
from tests.conftest import TODAY
from tests.factories import (
    make_appointment,
    make_manager,
    make_person,
    make_role,
    make_unit,
    make_unit_kind,
)
from tests.pages import main_of, words

pytestmark = pytest.mark.django_db

State = Appointment.State
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def role():
    return make_role(code="prov", title="Provroll")


@pytest.fixture
def unit(role):
    kind = make_unit_kind(name="Provslag")
    role.required_kinds.add(kind)
    return make_unit(name="Provenheten", hsa_id="SE1-PROV", kind=kind)


@pytest.fixture
def waiting(unit, client, django_user_model):
    """The words of the box "Stämmer allt?", below its heading and above its button."""
    user = django_user_model.objects.create_user("chef@example.org", "x")
    make_manager(unit=unit, user=user)
    client.force_login(user)

    def read():
        page = words(main_of(client.get("/organisation/enheter/SE1-PROV/redigera/")))
        return page.split("Stämmer allt? ")[1].split(" Läs igenom uppgifterna")[0]

    return read


def vacant(unit, role, **fields):
    return make_appointment(unit=unit, role=role, state=State.VACANT, person=None, **fields)


@pytest.mark.parametrize(
    ("coming", "told"),
    [
        ({"person": "Eva Lind"}, "Eva Lind börjar 24 november 2026"),
        ({"state": State.FUNCTION}, "en funktion utan namn börjar 24 november 2026"),
        ({"state": State.SHARED}, "delas med Grannen från och med 24 november 2026"),
        ({"state": State.NOT_APPLICABLE}, "ej aktuell från och med 24 november 2026"),
    ],
)
def test_vacancy_with_a_successor_is_told_and_does_not_wait(unit, role, waiting, coming, told):
    vacant(unit, role, valid_to=TOMORROW)
    name = coming.get("person")
    shared = make_unit(name="Grannen") if coming.get("state") == State.SHARED else None
    make_appointment(
        unit=unit,
        role=role,
        valid_from=TOMORROW,
        shared_with=shared,
        **{**coming, "person": make_person(name=name) if name else None},
    )

    assert waiting() == f"Ännu inte kontrollerad Provroll: vakant i dag, {told}"
    assert statuses([unit])[0].waiting_count == 1


def test_who_comes_later_and_who_goes_is_told(unit, role, waiting):
    make_appointment(
        unit=unit, role=role, person=make_person(name="Bo Ek"), valid_to=TODAY + timedelta(days=8)
    )
    assert waiting() == "Ännu inte kontrollerad Bo Ek (provroll) slutar 30 november"
    assert statuses([unit])[0].waiting_count == 2

    make_appointment(
        unit=unit,
        role=role,
        person=make_person(name="Eva Lind"),
        valid_from=TODAY + timedelta(days=39),
    )
    assert waiting() == (
        "Ännu inte kontrollerad Provroll: Bo Ek slutar 30 november, Eva Lind börjar 1 januari 2027"
    )
    assert statuses([unit])[0].waiting_count == 1


def test_coming_person_with_protected_data_is_not_named(unit, role, waiting):
    person = make_person(name="Skyddad Person", protected=True)
    make_appointment(unit=unit, role=role, person=person, valid_from=TOMORROW)

    assert waiting() == (
        "Ännu inte kontrollerad Provroll: inte registrerad i dag, en funktion utan namn börjar "
        "24 november 2026"
    )


def test_stand_in_or_another_vacancy_to_come_solves_nothing(unit, role, waiting):
    vacant(unit, role, valid_to=TOMORROW)
    vacant(unit, role, valid_from=TOMORROW)
    make_appointment(unit=unit, role=role, acting=True, valid_from=TOMORROW)

    assert waiting() == "Ännu inte kontrollerad Vakant: provroll"
