"""Ending and filling in the admin, one person as one row, and hints about addresses."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import IntegrityError
from django.urls import reverse

from organisation import seats
from organisation.appointment_admin import AppointmentAdmin
from organisation.mail_addresses import looks_personal
from organisation.models import Appointment, Person
from tests.factories import make_appointment, make_person, make_role, make_unit
from tests.pages import found, main_of, words

State = Appointment.State


@pytest.fixture
def editor(client, db):
    user = get_user_model().objects.create_superuser("su@example.org", "x")
    client.force_login(user)
    return user


@pytest.fixture
def held(db):
    return make_appointment(
        unit=make_unit(name="Norrgården"),
        role=make_role(title="Provroll", single_seat=True),
        person=make_person(name="Anna Annan"),
        valid_from=date(2025, 1, 1),
    )


def url(row, page):
    return reverse(f"admin:organisation_appointment_{page}", args=[row.pk])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors_of(response):
    return response.context["form"].errors


END = {"last_day": "2026-11-23", "afterwards": "vacant", "reason": "Ny tjänst"}


def test_appointment_is_ended_with_a_stand_in(client, editor, held):
    vik = make_person(name="Vik Arie")
    assert url(held, "avsluta") in client.get(url(held, "change")).content.decode()

    response = client.post(url(held, "avsluta"), {**END, "stand_in": vik.pk})

    assert (response.status_code, response.url) == (302, url(held, "change"))
    assert said(response) == [
        "Uppdraget är avslutat, från och med 1 januari 2025 till och med 23 november 2026. Vik "
        "Arie är tillförordnad under vakansen."
    ]
    held.refresh_from_db()
    assert held.valid_to == date(2026, 11, 24)
    assert held.history.latest().history_user == editor
    rows = Appointment.objects.filter(unit=held.unit, valid_from=date(2026, 11, 24))
    assert {(row.state, row.acting, row.holder) for row in rows} == {
        ("vacant", False, ""),
        ("held", True, "Vik Arie"),
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("last_day", "", "Detta fält måste fyllas i."),
        ("last_day", "i går", "Fyll i ett giltigt datum."),
        ("last_day", "9999-12-31", "Kontrollera årtalet."),
        ("last_day", "2062-12-31", "Kontrollera årtalet."),
        ("last_day", "1999-01-01", "Sista dagen kan inte ligga före den dag då uppdraget började."),
        ("stand_in", "999999", "Välj ett giltigt alternativ."),
        ("stand_in", "1 OR 1", "Välj ett giltigt alternativ."),
        ("reason", "19121212-1212", None),
        ("reason", "\x00", "Null-tecken är inte tillåtna."),
    ],
)
def test_odd_ending_is_told_and_stores_nothing(client, editor, held, field, value, message):
    response = client.post(url(held, "avsluta"), {**END, field: value})

    assert response.status_code == 200
    [told] = errors_of(response)[field]
    assert message is None or told.startswith(message)
    held.refresh_from_db()
    assert held.valid_to is None
    assert Appointment.objects.filter(unit=held.unit).count() == 1


def test_vacancy_is_filled(client, editor, held):
    client.post(url(held, "avsluta"), END)
    vacancy = Appointment.objects.get(unit=held.unit, state=State.VACANT)
    assert url(vacancy, "tillsatt") in client.get(url(vacancy, "change")).content.decode()
    bo = make_person(name="Bo Berg")

    response = client.post(
        url(vacancy, "tillsatt"),
        {
            "state": "held",
            "person": bo.pk,
            "valid_from": "2026-12-01",
            "email": "bo.berg@example.org",
        },
    )

    new = Appointment.objects.get(person=bo)
    assert (response.status_code, response.url) == (302, url(new, "change"))
    vacancy.refresh_from_db()
    assert vacancy.valid_to == new.valid_from == date(2026, 12, 1)
    assert said(response)[-2:] == [
        "bo.berg@example.org ser ut att vara en persons egen adress. Använd hellre funktionens "
        "brevlåda: den följer rollen när någon slutar, och läsaren når alltid rätt.",
        "Tillsatt: Provroll – Bo Berg, Norrgården, från och med 1 december 2026.",
    ]


def test_filling_without_a_person_or_too_early_is_told(client, editor, held):
    client.post(url(held, "avsluta"), END)
    vacancy = Appointment.objects.get(unit=held.unit, state=State.VACANT)
    before = Appointment.objects.count()

    nobody = client.post(url(vacancy, "tillsatt"), {"state": "held", "valid_from": "2026-12-01"})
    assert errors_of(nobody) == {
        "__all__": ["Ange person när rollen har en innehavare, annars ingen."]
    }
    early = client.post(url(vacancy, "tillsatt"), {"state": "function", "valid_from": "2026-11-01"})
    [message] = errors_of(early)["__all__"]
    assert message.startswith("Provroll kan bara ha en innehavare åt gången på Norrgården.")
    assert Appointment.objects.count() == before


def test_day_that_does_not_exist_is_told_at_the_phone_hours(client, editor, held):
    data = {**appointment_form(client, held), "phone_hours": "Stängt 31/2"}

    refused = client.post(url(held, "change"), data)
    assert "”31/2” är inget datum" in words(main_of(refused))
    Appointment.objects.filter(pk=held.pk).update(phone_hours="Stängt 31/2")
    older = {**appointment_form(client, held), "email": "ny@example.org"}
    assert client.post(url(held, "change"), older).status_code == 302


def test_what_cannot_be_ended_or_filled_leads_back(client, editor, held):
    filled = client.get(url(held, "tillsatt"))
    assert (filled.status_code, said(filled)) == (
        302,
        ["Rollen är inte vakant här: avsluta först det som gäller."],
    )
    held.valid_to = date(2026, 1, 1)
    held.save()
    ended = client.get(url(held, "avsluta"))
    assert ended.status_code == 302
    assert said(ended)[-1] == "Det finns inget pågående uppdrag att avsluta här."


@pytest.mark.parametrize("group", ["redaktör", "granskare", "enhetschef", "kursansvarig"])
def test_only_who_may_change_appointments_ends_them(client, held, group):
    user = get_user_model().objects.create_user("r@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)

    statuses = [
        getattr(client, method)(url(held, page), END).status_code
        for method in ("get", "post")
        for page in ("avsluta", "tillsatt")
    ]

    assert statuses == [403] * 4
    held.refresh_from_db()
    assert held.valid_to is None


def appointment_form(client, row):
    response = client.get(url(row, "change"))
    form = response.context["adminform"].form
    data = {name: form.initial.get(name) for name in form.fields}
    data = {name: value for name, value in data.items() if value not in {None, False}}
    return {**data, "_opened": response.context["opened_as"]}


def test_seat_that_another_took_at_the_same_time_is_told_in_the_form(
    client, editor, held, monkeypatch
):
    """The form is valid, the database refuses; the form asked again sees the one in the way."""
    other = make_appointment(
        unit=held.unit, role=held.role, valid_to=date(2025, 1, 1), person=make_person()
    )
    data = {**appointment_form(client, other), "valid_to": "2025-01-31"}
    real, calls = AppointmentAdmin.save_model, []

    def refused_once(self, request, obj, form, change):
        calls.append(obj.pk)
        raise IntegrityError(seats.CONSTRAINT)

    checked = Appointment.clean

    def blind_the_first_time(self):
        if calls:
            checked(self)

    monkeypatch.setattr(Appointment, "clean", blind_the_first_time)
    monkeypatch.setattr(AppointmentAdmin, "save_model", refused_once)
    response = client.post(url(other, "change"), data)
    monkeypatch.setattr(AppointmentAdmin, "save_model", real)

    assert response.status_code == 200
    [message] = response.context["adminform"].form.errors["__all__"]
    assert message.startswith("Provroll kan bara ha en innehavare åt gången på Norrgården.")
    assert calls == [other.pk]


def test_overlap_in_the_form_names_the_row_in_the_way(client, editor, held):
    data = {"unit": held.unit_id, "role": held.role_id, "state": "function"}

    response = client.post(reverse("admin:organisation_appointment_add"), data)

    assert response.status_code == 200
    assert response.context["adminform"].form.errors == {
        "__all__": [
            "Provroll kan bara ha en innehavare åt gången på Norrgården. Redan registrerat: Anna "
            "Annan, från och med 1 januari 2025. Avsluta det uppdraget först eller välj en annan "
            "period."
        ]
    }


PERSON = {"name": "Anna Annan", "title": "", "hsa_id": "SE-NY-1", "email": ""}


def test_person_shows_all_her_appointments(client, editor, held):
    soder = make_appointment(unit=make_unit(name="Södergården"), role=held.role, person=held.person)

    page = client.get(reverse("admin:organisation_person_change", args=[held.person_id]))
    listed = client.get(reverse("admin:organisation_person_changelist"), {"q": "Anna Annan"})

    lines = found(r'<p>(<a href="/admin/organisation/appointment/.*?)</p>', page.content.decode())
    assert lines == [
        "Provroll – Norrgården , från och med 1 januari 2025",
        "Provroll – Södergården , tills vidare",
    ] or lines == [
        "Provroll – Södergården , tills vidare",
        "Provroll – Norrgården , från och med 1 januari 2025",
    ]
    assert url(soder, "change") in page.content.decode()
    cell = words(listed.content.decode().partition('class="field-holds">')[2].partition("</td>")[0])
    assert set(cell.split(", ")) == {"Provroll – Norrgården", "Provroll – Södergården"}


def test_same_hsa_id_twice_is_refused(client, editor, held):
    url = reverse("admin:organisation_person_add")
    response = client.post(url, {**PERSON, "hsa_id": held.person.hsa_id.lower()})

    assert response.context["adminform"].form.errors == {
        "hsa_id": [
            "Personen finns redan. En person med flera uppdrag är en enda rad: sök på HSA-id och "
            "ge den personen uppdraget."
        ]
    }
    assert Person.objects.filter(name="Anna Annan").count() == 1


def test_same_name_and_title_is_warned_about(client, editor, held):
    response = client.post(reverse("admin:organisation_person_add"), PERSON)
    other = client.post(
        reverse("admin:organisation_person_add"), {**PERSON, "hsa_id": "SE-NY-2", "title": "Läkare"}
    )

    assert words(said(response)[0]) == (
        f"Det finns redan någon med samma namn och titel: Anna Annan ({held.person.hsa_id}) . Är "
        "det samma person ska hon ha en enda rad: flytta uppdragen dit och ta bort den andra."
    )
    assert not any("samma namn" in text for text in said(other)[len(said(response)) :])


@pytest.mark.parametrize(
    ("address", "name", "personal"),
    [
        ("anna.annan@example.org", "", True),
        ("anna.m.annan2@example.org", "", True),
        ("annan@example.org", "Anna Annan", True),
        ("aoberg@example.org", "Anna Annan", False),
        ("asa-ost@example.org", "Åsa Öst", True),
        ("annaannan@example.org", "Anna Annan", True),
        ("reko.provstad-norr@example.org", "Hanna Demosson", False),
        ("vc.testinge@example.org", "", False),
        ("rehab.norr@example.org", "", False),
        ("norr.mottagning@example.org", "", False),
        ("vardcentralen@example.org", "Anna Annan", False),
        ("", "Anna Annan", False),
        ("inget snabel-a", "", False),
    ],
)
def test_address_that_seems_to_be_somebodys_own(address, name, personal):
    assert looks_personal(address, name) is personal
