"""A course and an occasion written by hand in the admin."""

import pytest
from django.urls import reverse

from education.models import Occasion
from tests.factories import make_course

pytestmark = pytest.mark.django_db

ADD = reverse("admin:education_occasion_add")
NOTHING_ELSE = {"sessions-TOTAL_FORMS": "1", "sessions-INITIAL_FORMS": "0"}


@pytest.fixture
def course():
    return make_course(title="Provkurs", slug="provkurs")


def sent(course, starts="2027-03-01T13:00", ends="2027-03-01T16:00", **fields):
    return {
        "course": course.pk,
        "format": "onsite",
        "town": "Provstad",
        "sessions-0-starts": starts,
        "sessions-0-ends": ends,
        **NOTHING_ELSE,
        **fields,
    }


def faults(response):
    form, sessions = (
        response.context["adminform"].form,
        response.context["inline_admin_formsets"][0],
    )
    return form.errors | {"sessions": sessions.formset.non_form_errors()}


def test_the_form_asks_for_what_a_person_knows(admin_client):
    fields = admin_client.get(ADD).context["adminform"].form.fields

    assert not {"uid", "cancelled_on", "cancel_reason"} & set(fields)
    assert admin_client.get(ADD).text.count('name="sessions-0-starts"') == 1


def test_a_new_occasion_gets_its_identity_from_its_first_session(admin_client, course):
    two = {
        "sessions-TOTAL_FORMS": "2",
        "sessions-1-starts": "2027-02-22T09:00",
        "sessions-1-ends": "2027-02-22T12:00",
    }
    assert admin_client.post(ADD, sent(course, **two)).status_code == 302
    row = Occasion.objects.get(course=course)

    assert (row.uid, row.town, row.sessions.count()) == ("provkurs-20270222-kl0900", "Provstad", 2)
    change = reverse("admin:education_occasion_change", args=[row.pk])
    assert "provkurs-20270222-kl0900" in admin_client.get(change).text


def test_two_presses_make_one_and_another_town_makes_another(admin_client, course):
    admin_client.post(ADD, sent(course))
    assert faults(admin_client.post(ADD, sent(course)))["sessions"] == [
        "Tillfället finns redan: samma utbildning, ort och tid. Är det ett till, skriv ett tillägg "
        "till titeln."
    ]
    admin_client.post(ADD, sent(course, town="Testinge"))

    assert sorted(Occasion.objects.filter(course=course).values_list("uid", "town")) == [
        ("provkurs-20270301-kl1300", "Provstad"),
        ("provkurs-20270301-kl1300-2", "Testinge"),
    ]


def test_without_a_session_nothing_is_stored(admin_client, course):
    response = admin_client.post(ADD, sent(course, **{"sessions-TOTAL_FORMS": "0"}))
    assert faults(response)["sessions"] == [
        "Lägg till minst ett pass. Utan tid syns tillfället inte."
    ]

    response = admin_client.post(ADD, sent(course, starts="", ends=""))
    sessions = response.context["inline_admin_formsets"][0].formset
    assert sessions.errors == [
        {name: ["Detta fält måste fyllas i."] for name in ("starts", "ends")}
    ]
    assert not Occasion.objects.filter(course=course).exists()


def test_an_address_name_is_proposed_and_a_wrong_one_is_told_in_swedish(admin_client):
    url = reverse("admin:education_course_add")
    assert "&quot;dependency_ids&quot;: [&quot;#id_title&quot;]" in admin_client.get(url).text

    form = admin_client.post(url, {"slug": "Min kurs å"}).context["adminform"].form
    assert form.errors["slug"] == [
        "Skriv med bokstäver a–z, siffror, bindestreck och understreck, utan mellanslag: "
        "grundkurs-1."
    ]
