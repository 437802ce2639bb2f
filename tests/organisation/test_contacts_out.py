"""Contacts to take along: vCards and the directory as CSV. Only what is public today."""

import csv
from datetime import date, timedelta

import pytest
from django.urls import reverse

from organisation.models import Appointment, Role, UnitKind
from organisation.vcards import card
from portal.web.content_lines import folded
from tests.conftest import TODAY
from tests.factories import make_appointment, make_person, make_unit

pytestmark = pytest.mark.django_db


def care_unit(**fields):
    return make_unit(kind=UnitKind.objects.get(code="vardcentral"), **fields)


def coordinator():
    return Role.objects.get(code="rehabkoordinator")


def test_line_is_folded_at_75_octets_without_cutting_a_letter():
    line = "NOTE:" + "å" * 100
    parts = folded(line).split("\r\n")

    assert [len(part.encode()) for part in parts] == [75, 75, 57]
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line


def test_marks_of_the_format_are_escaped():
    assert card([("FN", "a,b;c\\d\r\ne"), ("TEL", ""), ("N", ("x;y", ""))]) == (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:a\\,b\\;c\\\\d\\ne\r\nN:x\\;y;\r\nEND:VCARD\r\n"
    )


def test_unit_as_a_card(client):
    unit = care_unit(hsa_id="T-1", name="Åsö, norra", town="Ed", address="Gatan 1", phone="08-1")
    response = client.get("/organisation/enheter/T-1.vcf")

    assert response.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="T-1.vcf"'
    assert response.cookies == {}
    assert response.content.decode() == (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Åsö\\, norra;;;;\r\nFN:Åsö\\, norra\r\n"
        "ORG:Åsö\\, norra\r\nTEL;TYPE=WORK,VOICE:08-1\r\nADR;TYPE=WORK:;;Gatan 1;Ed;;;\r\n"
        "URL:http://testserver/organisation/enheter/T-1/\r\n"
        "UID:http://testserver/organisation/enheter/T-1/\r\nEND:VCARD\r\n"
    )
    page = client.get(unit.get_absolute_url()).content.decode()
    assert 'href="/organisation/enheter/T-1.vcf"' in page


def test_card_of_a_role_has_its_holders_of_today_and_never_a_persons_own_address(client):
    unit = care_unit(hsa_id="T-1", name="Enheten", phone="08-1", email="enhet@example.org")
    person = make_person(name="Ada Maria Prov", email="ada@example.org")
    make_appointment(unit=unit, role=coordinator(), person=person, phone_hours="mån 8–9")
    past = make_person(name="Förra Namnet")
    make_appointment(unit=unit, role=coordinator(), person=past, valid_to=TODAY)
    later = make_person(name="Nästa Namn")
    make_appointment(
        unit=unit, role=coordinator(), person=later, valid_from=TODAY + timedelta(days=1)
    )
    text = client.get("/organisation/enheter/T-1/rehabkoordinator.vcf").content.decode()

    assert text.count("BEGIN:VCARD") == 1
    assert "\r\nN:Prov;Ada Maria;;;\r\nFN:Ada Maria Prov\r\nORG:Enheten\r\n" in text
    assert "\r\nTEL;TYPE=WORK,VOICE:08-1\r\nEMAIL;TYPE=INTERNET,PREF:enhet@example.org\r\n" in text
    assert "\r\nNOTE:Telefontid mån 8–9.\r\n" in text
    assert "ada@example.org" not in text


def test_what_has_no_card(client):
    care_unit(hsa_id="T-1")
    care_unit(hsa_id="T-2", valid_to=TODAY)
    care_unit(hsa_id="T-3", valid_from=TODAY + timedelta(days=1))
    vacant = care_unit(hsa_id="T-4")
    make_appointment(unit=vacant, role=coordinator(), state=Appointment.State.VACANT)
    base = "/organisation/enheter/"

    assert {
        path: client.get(base + path).status_code
        for path in [
            "T-1/rehabkoordinator.vcf", "T-1/finns-inte.vcf", "T-2.vcf", "T-3.vcf", "T-9.vcf",
            "T-4/rehabkoordinator.vcf", "t-1.vcf",
        ]
    } == {
        "T-1/rehabkoordinator.vcf": 404, "T-1/finns-inte.vcf": 404, "T-2.vcf": 410,
        "T-3.vcf": 404, "T-9.vcf": 404, "T-4/rehabkoordinator.vcf": 404, "t-1.vcf": 301,
    }  # fmt: skip


def lines(response):
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text[1:].splitlines(), delimiter=";"))


def test_contacts_follow_the_directorys_filters(client):
    with_row = care_unit(name="=Ärenprov ett", phone="+46 8 1", town="Ed")
    care_unit(name="Ärenprov två", town="Ed")
    care_unit(name="Ärenprov tre", town="Bro")
    care_unit(name="Ärenprov slut", town="Ed", valid_to=TODAY)
    make_appointment(unit=with_row, role=coordinator(), person=make_person(name="Ada Prov"))
    address = reverse("organisation:contacts_csv")
    rows = lines(client.get(address, {"q": "ärenprov ed"}))

    assert [(row["Enhet"], row["Läge"], row["Namn"], row["Telefon"]) for row in rows] == [
        ("'=Ärenprov ett", "har innehavare", "Ada Prov", "'+46 8 1"),
        ("Ärenprov två", "inte registrerad", "", ""),
    ]
    page = client.get("/organisation/enheter/?q=ärenprov&page=1").content.decode()
    assert 'href="/organisation/kontakter.csv?q=%C3%A4renprov"' in page


def test_contacts_cost_the_same_for_many(client, django_assert_num_queries):
    for number in range(4):
        unit = care_unit(name=f"Ärenprov {number}")
        make_appointment(unit=unit, role=coordinator(), valid_from=date(2026, 1, number + 1))
    address = reverse("organisation:contacts_csv")
    with django_assert_num_queries(3):
        client.get(address, {"q": "ärenprov 1"})
    with django_assert_num_queries(3):
        assert len(lines(client.get(address, {"q": "ärenprov"}))) == 4
