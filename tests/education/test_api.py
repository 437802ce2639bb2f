"""Read-only JSON: what can be learned, for other systems. Public data, no cookie."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from education.models import CompetenceArea, Course, Occasion
from organisation.models import Profession, Role
from tests.conftest import NOW, TODAY
from tests.factories import make_course, make_occasion

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CANCELLED = {"cancelled_on": TODAY, "cancel_reason": "Sjuk"}
LINK = "https://example.org/anmal"


@pytest.fixture
def empty(db):
    Occasion.objects.all().delete()
    Course.objects.all().delete()


def course(**fields):
    made = make_course(**fields)
    made.audiences.add(Profession.objects.get(code="kurator"))
    made.areas.add(CompetenceArea.objects.get(code="dialog"))
    return made


def test_courses_with_their_next_occasion(client, empty):
    first = course(slug="a", title="Åsö", position=1, price="Ingen")
    course(slug="b", position=2)
    course(slug="c", is_published=False)
    make_occasion(course=first, uid="sen", starts=NOW + 30 * DAY)
    make_occasion(course=first, uid="snart", starts=NOW + 10 * DAY, seats_left=2, town="Provstad")
    make_occasion(
        course=first, uid="borta", starts=NOW + 5 * DAY, cancelled_on=TODAY, cancel_reason="Sjuk"
    )
    response = client.get("/api/v1/courses")
    told = response.json()
    shown = told["courses"][0]

    assert (told["count"], told["pages"], told["next"], told["previous"]) == (2, 1, None, None)
    assert [(each["slug"], each["next"] is None) for each in told["courses"]] == [
        ("a", False), ("b", True),
    ]  # fmt: skip
    assert (shown["title"], shown["price"], shown["url"]) == (
        "Åsö", "Ingen", "http://testserver/kompetens/kurser/a/",
    )  # fmt: skip
    assert shown["audiences"] == [{"code": "kurator", "name": "Kurator"}]
    assert shown["areas"] == [{"code": "dialog", "name": "Dialogen med patienten"}]
    assert {key: shown["next"][key] for key in ["uid", "state", "state_text", "town", "url"]} == {
        "uid": "snart",
        "state": "few",
        "state_text": "Få platser",
        "town": "Provstad",
        "url": "http://testserver/kompetens/kurser/a/?tillfalle=snart#snart",
    }
    assert shown["next"]["starts"].endswith("+01:00")
    assert response.cookies == {}
    again = client.get("/api/v1/courses", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_courses_for_a_profession_and_those_for_all(client, empty):
    course(slug="kurator", position=1)
    everybody = make_course(slug="alla", position=2)
    everybody.audiences.add(Profession.objects.get(code=Profession.EVERYONE))
    make_course(slug="ingen", position=3)
    told = client.get("/api/v1/courses", {"malgrupp": "kurator"}).json()

    assert [each["slug"] for each in told["courses"]] == ["kurator", "alla"]


def test_courses_come_in_pages(client, empty):
    for number in range(101):
        make_course(slug=f"kurs-{number:03}", position=1)
    first = client.get("/api/v1/courses").json()
    last = client.get(first["next"]).json()

    assert (len(first["courses"]), first["pages"]) == (100, 2)
    assert [each["slug"] for each in last["courses"]] == ["kurs-100"]
    assert last["previous"] == "http://testserver/api/v1/courses?page=1"


def test_course_with_what_is_coming_of_it(client, empty):
    made = course(slug="a", goals_2021="Delmål a4", contact_role=Role.objects.get(code="fma"))
    make_occasion(course=made, uid="kommer", starts=NOW + 10 * DAY, link=LINK)
    make_occasion(
        course=made, uid="inställt", starts=NOW + 5 * DAY, cancelled_on=TODAY, cancel_reason="Sjuk"
    )
    make_occasion(course=made, uid="varit", starts=NOW - 10 * DAY)
    told = client.get("/api/v1/courses/a").json()

    assert told["next"]["uid"] == "kommer"
    assert (told["goals_2021"], told["contact_role"]["code"]) == ("Delmål a4", "fma")
    assert [
        (each["uid"], each["state"], each["cancel_reason"], each["link"], len(each["sessions"]))
        for each in told["occasions"]
    ] == [
        ("inställt", "cancelled", "Sjuk", "", 1),
        ("kommer", "open", "", LINK, 1),
    ]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("courses/finns-inte", 404, "Ingen kurs har det adressnamnet."),
        ("courses/dold", 404, "Ingen kurs har det adressnamnet."),
        ("courses/a%00b", 404, "Det finns inget på den här adressen."),
        ("courses?malgrupp=slott", 422, "Frågan går inte att tyda."),
        ("courses?malgrupp=%00", 422, "Frågan går inte att tyda."),
        ("courses?page=-1", 422, "Frågan går inte att tyda."),
    ],
)
def test_wrong_questions_are_answered_in_swedish_json(path, status, said, client):
    make_course(slug="dold", is_published=False)
    response = client.get(f"/api/v1/{path}")

    assert response.status_code == status
    assert (response.json()["status"], response.json()["message"]) == (status, said)


def test_queries_do_not_grow(client, empty):
    def queries(path):
        client.get(f"/api/v1/{path}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/{path}").status_code == 200
        # What the limit counts is in a table where no other cache is set up, and written
        # between savepoints when some seconds have passed.
        own = ("portal_cache", "SAVEPOINT")
        return len([each for each in captured if not any(word in each["sql"] for word in own)])

    made = course(slug="a")
    make_occasion(course=made, starts=NOW + 10 * DAY)
    before = queries("courses"), queries("courses/a")
    for number in range(3):
        make_occasion(course=made, starts=NOW + (20 + number) * DAY)
        make_occasion(course=course(slug=f"b-{number}"), starts=NOW + (20 + number) * DAY)

    assert (queries("courses"), queries("courses/a")) == before
    assert max(before) <= 16
