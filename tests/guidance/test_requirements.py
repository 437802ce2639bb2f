import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from education.models import Course, Occasion
from guidance.models import Agreement, Requirement
from organisation.models import Appointment
from tests.factories import make_appointment, make_person, make_role, make_unit, make_unit_kind
from tests.pages import found, main_of

PAGE = "/organisation/overenskommelser/"


def make_requirement(**fields):
    defaults = {
        "code": "provkrav",
        "agreement": Agreement.objects.get(code="nat-2006-2020"),
        "text": "Ett prövat krav.",
        "source": "Prov",
        "year": 2019,
        "position": 90,
    }
    row = Requirement(**{**defaults, **fields})
    row.full_clean()
    row.save()
    return row


def row_of(client, code):
    main = main_of(client.get(PAGE))
    [row] = found(rf'<tr id="{code}">(.*?)</tr>', main)
    return row


@pytest.fixture
def role(db):
    kind = make_unit_kind()
    role = make_role(title="Provroll")
    role.required_kinds.add(kind)
    make_appointment(role=role, unit=make_unit(kind=kind))
    make_appointment(role=role, unit=make_unit(kind=kind), state=Appointment.State.VACANT)
    make_unit(kind=kind)
    return role


def test_share_of_units_is_counted_each_time(client, role):
    make_requirement(measure="coverage", role=role)

    assert row_of(client, "provkrav") == (
        "Ett prövat krav. 1 av 3 enheter (33 %) har rollen provroll , egen eller delad. "
        "Se vilka . Prov, 2019"
    )
    Appointment.objects.filter(role=role, state="vacant").delete()
    assert "1 av 3 enheter (33 %)" in row_of(client, "provkrav")


def test_holders_are_persons_and_not_rows(client, role):
    make_requirement(measure="holders", role=role)
    person = Appointment.objects.get(role=role, state="held").person
    make_appointment(role=role, person=person)
    make_appointment(role=role, acting=True, person=make_person())

    assert "1 person har rollen provroll ." in row_of(client, "provkrav")
    Appointment.objects.filter(role=role).delete()
    assert "Ingen är registrerad som provroll ." in row_of(client, "provkrav")


def test_education_is_counted_by_its_own_room(client, db):
    courses = Course.objects.public().count()
    coming = Occasion.objects.public().coming().filter(cancelled_on=None).count()

    assert (
        f"{courses} utbildningar i kurskatalogen , med {coming} kommande tillfällen."
    ) in row_of(client, "krav-utbildning")


def test_what_cannot_be_counted_is_written(client, db):
    make_requirement(today="Så gör vi i dag.")

    assert row_of(client, "provkrav") == "Ett prövat krav. Så gör vi i dag. Prov, 2019"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Skriv hur kravet uppfylls i dag, eller välj något som räknas."),
        ({"measure": "coverage"}, "Ange vilken roll som räknas"),
    ],
)
def test_requirement_has_an_answer(db, fields, message):
    with pytest.raises(ValidationError, match=message):
        make_requirement(**fields)


def test_table_stands_under_its_heading_and_the_agreements_below(client, db):
    main = main_of(client.get(PAGE))
    ids = ["krav", "krav-koordinering", "per-ar", "avtal-nat-2006-2020"]
    places = [main.index(f'id="{each}"') for each in ids]

    assert places == sorted(places)


def test_queries_do_not_follow_units_or_agreements(client, role, django_assert_num_queries):
    make_requirement(measure="coverage", role=role)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)
    kind = role.required_kinds.get()
    for number in range(30):
        make_appointment(role=role, unit=make_unit(kind=kind))
        Agreement.objects.create(
            code=f"prov-{number}", year=2000, level="national", parties="P", title="T", text="T"
        )

    with django_assert_num_queries(len(before)):
        client.get(PAGE)
