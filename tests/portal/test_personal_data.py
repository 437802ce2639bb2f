"""What is told about personal data: nothing is left out, and the page shows it."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist

from portal.web.personal_data import BASIS, Access, told
from tests.pages import found, main_of

PAGE = "/om-webbplatsen/personuppgifter/"
# Fields of people's own tables that say nothing about the person.
NOT_PERSONAL = {
    "organisation.Person.id",
    "organisation.Appointment.id",
    "organisation.Appointment.valid_from",  # told with role and unit, as the period
    "organisation.Appointment.valid_to",
    "organisation.Appointment.shared_with",
    "organisation.Appointment.confirmed_on",
    "organisation.Appointment.name_purged_on",
    "accounts.User.id",
}


def lines():
    return [line for _, group in told() for line in group]


def test_every_field_about_a_person_has_a_purpose():
    told_fields = {name for line in lines() for name in line.fields}
    wanted = {
        str(field)
        for label in ("organisation.Person", "organisation.Appointment", settings.AUTH_USER_MODEL)
        for field in apps.get_model(label)._meta.concrete_fields
    }

    assert wanted - told_fields == NOT_PERSONAL


def test_told_fields_exist():
    for name in (name for line in lines() for name in line.fields):
        label, model, *field = name.split(".")
        try:
            found_model = apps.get_model(label, model)
            if field:
                found_model._meta.get_field(field[0])
        except (LookupError, FieldDoesNotExist):
            pytest.fail(name)


def test_each_line_says_what_why_how_long_and_who_sees_it():
    for line in lines():
        assert line.what
        assert line.purpose.endswith("."), line.what
        assert line.kept, line.what
        assert line.access in Access
        assert line.basis == BASIS


def test_each_room_that_holds_something_tells_it():
    assert [heading for heading, _ in told()] == [
        "Den som loggar in",
        "Den som kom med ett innehållspaket",
        "Den som får brev från portalen",
        "Den som arbetar i portalen, och den som uppgifterna handlar om",
        "Den som har ett uppdrag",
        "Den som håller en enhets uppgifter rätt",
        "Den som skriver och granskar texter",
        "Den som läser och svarar på ”Hjälpte sidan dig?”",
        "Den som följer en utbildning",
        "Den som beställer utbildning",
        "Den som arbetar med indikatorer",
        "Den som kommenterar enhetens siffror",
    ]


def test_page_shows_the_table(client, db):
    main = main_of(client.get(PAGE))

    tables = main.partition("uppgifter-1")[2].partition('id="kakor"')[0]
    rows = found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", tables)
    assert [row for row in rows if row.startswith("Namn ")] == [
        "Namn Kollegor och andra aktörer ska veta vem som svarar för en roll, i dag och den dag "
        "som ett ärende gäller. Visas för alla 730 dagar efter att uppdraget har slutat Bestäms "
        "av regionen"
    ]
    assert len(rows) == len(lines())
