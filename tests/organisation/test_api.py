"""Read-only JSON: the coordinator of a unit, for other systems. Public data, no cookie."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisation.models import Appointment, Role, UnitKind
from portal.web import rate_limit
from tests.conftest import TODAY
from tests.factories import make_appointment, make_person, make_unit

pytestmark = pytest.mark.django_db


def care_unit(**fields):
    return make_unit(kind=UnitKind.objects.get(code="vardcentral"), **fields)


def coordinator():
    return Role.objects.get(code="rehabkoordinator")


def test_unit_with_its_coordinator_and_nobody_of_yesterday(client):
    unit = care_unit(hsa_id="T-1", name="Åsö")
    person = make_person(name="Ada Prov", email="ada@example.org")
    make_appointment(
        unit=unit, role=coordinator(), person=person, phone="08-1", phone_hours="mån 8–9"
    )
    make_appointment(
        unit=unit, role=coordinator(), person=make_person(name="Förra"), valid_to=TODAY
    )
    response = client.get("/api/v1/units/t-1")
    told = response.json()

    assert (told["hsa_id"], told["name"], told["url"]) == (
        "T-1", "Åsö", "http://testserver/organisation/enheter/T-1/",
    )  # fmt: skip
    assert told["coordinator"]["state"] == "held"
    assert [
        (each["name"], each["phone"], each["phone_hours"], each["email"])
        for each in told["coordinator"]["contacts"]
    ] == [("Ada Prov", "08-1", "mån 8–9", "")]
    assert told["turn_to"] == []
    assert "Förra" not in response.content.decode()
    assert "ada@example.org" not in response.content.decode()


def test_vacancy_tells_who_stands_in_and_whom_to_turn_to(client):
    unit = care_unit(hsa_id="T-1")
    make_appointment(unit=unit, role=coordinator(), state=Appointment.State.VACANT)
    make_appointment(
        unit=unit, role=coordinator(), person=make_person(name="Tillfällig Prov"), acting=True
    )
    told = client.get("/api/v1/units/T-1").json()
    regional = Appointment.objects.public().filter(role__code="processtod", state="held")

    assert (told["coordinator"]["state"], told["coordinator"]["state_text"]) == (
        "vacant", "vakant",
    )  # fmt: skip
    assert told["coordinator"]["stand_in"]["name"] == "Tillfällig Prov"
    assert [each["name"] for each in told["turn_to"]] == [row.person.name for row in regional]
    assert len(told["turn_to"]) > 0


def test_vacancy_is_answered_by_whoever_is_nearest_above(client):
    clinic = care_unit(name="Kliniken")
    make_appointment(unit=clinic, role=coordinator(), person=make_person(name="Nära Prov"))
    unit = care_unit(hsa_id="T-1", parent=clinic)
    make_appointment(unit=unit, role=coordinator(), state=Appointment.State.VACANT)
    told = client.get("/api/v1/units/T-1").json()

    assert (told["turn_to"][0]["name"], told["turn_to"][0]["unit"]["name"]) == (
        "Nära Prov", "Kliniken",
    )  # fmt: skip
    assert {each["role"]["code"] for each in told["turn_to"][1:]} == {"processtod"}


def test_function_shared_with_a_unit_without_holder_is_answered_from_above(client):
    other = care_unit(hsa_id="T-2")
    make_appointment(unit=other, role=coordinator(), state=Appointment.State.VACANT)
    unit = care_unit(hsa_id="T-1")
    make_appointment(
        unit=unit, role=coordinator(), state=Appointment.State.SHARED, shared_with=other
    )
    told = client.get("/api/v1/units/T-1").json()

    assert told["coordinator"]["state"] == "shared"
    assert {each["role"]["code"] for each in told["turn_to"]} == {"processtod"}


def test_units_by_the_directorys_filters(client):
    for name in ("Ärenprov B", "Ärenprov A", "Annan"):
        care_unit(name=name)
    care_unit(name="Ärenprov slut", valid_to=TODAY)
    told = client.get("/api/v1/units", {"q": "ärenprov", "typ": "vardcentral"}).json()

    assert (told["count"], told["pages"], told["next"]) == (2, 1, None)
    assert [each["name"] for each in told["units"]] == ["Ärenprov A", "Ärenprov B"]


def test_units_come_in_pages(client):
    for number in range(101):
        care_unit(name=f"Ärenprov {number:03}")
    first = client.get("/api/v1/units", {"q": "ärenprov"}).json()
    second = client.get(first["next"]).json()

    assert [len(each["units"]) for each in (first, second)] == [100, 1]
    assert (second["next"], second["page"]) == (None, 2)
    assert second["units"][0]["name"] == "Ärenprov 100"


def test_roles_and_one_role(client):
    codes = [each["code"] for each in client.get("/api/v1/roles/").json()]
    told = client.get("/api/v1/roles/rehabkoordinator").json()

    assert codes == list(Role.objects.values_list("code", flat=True))
    assert told["title"] == coordinator().title
    assert told["count"] == Appointment.objects.public().filter(role=coordinator()).count()
    assert len(told["responsibilities"]) > 0


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("units/FINNS-INTE", 404, "Ingen enhet har det HSA-id:t."),
        ("units/SE0000000000-F1", 404, "Ingen enhet har det HSA-id:t."),
        ("units/a%00b", 404, "Det finns inget på den här adressen."),
        ("roles/finns-inte", 404, "Ingen roll har den koden."),
        ("roles/rehabkoordinator?page=noll", 422, "Frågan går inte att tyda."),
        ("roles/rehabkoordinator?page=99999999999", 422, "Frågan går inte att tyda."),
        ("units?page=-1", 422, "Frågan går inte att tyda."),
        ("units?typ=slott", 422, "Frågan går inte att tyda."),
        ("units?q=%00", 422, "Frågan går inte att tyda."),
        ("units?q=" + "x" * 81, 422, "Frågan går inte att tyda."),
        ("finns/inte", 404, "Det finns inget på den här adressen."),
        ("", 404, "Det finns inget på den här adressen."),
    ],
)
def test_wrong_questions_are_answered_in_swedish_json(path, status, said, client):
    response = client.get(f"/api/v1/{path}")

    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert (response.json()["status"], response.json()["message"]) == (status, said)


def test_unit_that_has_ended_or_not_begun(client):
    heir = care_unit(hsa_id="T-2")
    care_unit(hsa_id="T-1", name="Gamla", valid_to=TODAY, successor=heir)
    care_unit(hsa_id="T-3", valid_from=TODAY + timedelta(days=1))
    gone = client.get("/api/v1/units/T-1")

    assert gone.status_code == 410
    assert gone.json() == {
        "status": 410, "message": "Gamla finns inte längre som enhet.", "successor": "T-2",
    }  # fmt: skip
    assert client.get("/api/v1/units/T-3").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading(method, client):
    response = getattr(client, method)("/api/v1/roles/")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["message"].startswith("Bara GET")


def test_headers_of_an_answer(client):
    response = client.get("/api/v1/roles/")

    assert {
        name: response.headers.get(name)
        for name in ["Access-Control-Allow-Origin", "Cache-Control", "X-Content-Type-Options",
                     "X-Frame-Options", "Access-Control-Expose-Headers"]
    } == {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, no-cache",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Access-Control-Expose-Headers": "ETag",
    }  # fmt: skip
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.cookies == {}
    same = client.get("/api/v1/roles/", headers={"If-None-Match": response.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert client.options("/api/v1/roles/").status_code == 200
    assert client.head("/api/v1/roles/").status_code == 200


def test_description_is_openapi_in_swedish(client):
    told = client.get("/api/v1/openapi.json").json()

    assert sorted(told["paths"]) == [
        "/api/v1/courses", "/api/v1/courses/{slug}",
        "/api/v1/indicators/", "/api/v1/indicators/{code}",
        "/api/v1/roles/", "/api/v1/roles/{code}", "/api/v1/units", "/api/v1/units/{hsa_id}",
    ]  # fmt: skip
    assert {method for path in told["paths"].values() for method in path} == {"get"}
    assert "koordinator" in told["info"]["description"]


def test_too_many_questions_are_told_to_wait(client, settings, monkeypatch):
    cache.clear()
    monkeypatch.setattr(rate_limit, "_own_counts", {})
    settings.API_PER_HOUR = 2
    statuses = [client.get("/api/v1/roles/").status_code for _ in range(5)]

    # Told the shared cache after every second, which answers for the next.
    assert statuses == [200] * 4 + [429]
    cache.clear()


def test_queries_do_not_grow(client):
    for number in range(5):
        unit = care_unit(name=f"Ärenprov {number}", hsa_id=f"T-{number}")
        for _ in range(number):
            make_appointment(unit=unit, role=coordinator())

    def queries(path):
        client.get(f"/api/v1/{path}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/{path}").status_code == 200
        return len(captured)

    assert queries("units?q=ärenprov") == queries("units?q=ärenprov 1") <= 16
    assert queries("units/T-4") == queries("units/T-1") <= 16
