"""Names leave the database when their time is over, and nothing else does."""

from datetime import date

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from organisation.models import Appointment, Forum, Person
from portal.outbox.models import OutgoingMail
from portal.search.index import index
from tests.factories import make_appointment, make_person, make_role, make_unit
from tests.pages import main_of, words

State = Appointment.State
# 730 days before Monday 23 November 2026.
LONG_AGO = date(2024, 11, 23)
HSA_ID = "SE0000000000-PX77"


def everywhere():
    """All that the database holds, as one text."""
    with connection.cursor() as cursor:
        parts = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            parts.append(repr(cursor.fetchall()))
    return "\n".join(parts)


@pytest.fixture
def admin(db):
    return get_user_model().objects.create_user("admin@example.org", "x")


@pytest.fixture
def ulla(db, admin, clock):
    """Ulla, with an appointment and all the traces that it leaves in time."""
    clock.move_to("2022-02-01T09:00:00+01:00")
    person = make_person(
        name="Ulla Ålderman",
        hsa_id=HSA_ID,
        title="Avdelningschefska",
        email="ulla.alderman@example.org",
    )
    row = make_appointment(
        person=person,
        unit=make_unit(name="Norrgården"),
        role=make_role(title="Provroll"),
        valid_from=date(2022, 2, 1),
        email="ulla.alderman@example.org",
        phone="070-174 06 77",
        note="Ulla svarar på förmiddagar",
    )
    row._change_reason = "Ulla Ålderman börjar"
    row.save()
    person.name = "Ulla Ungman"
    person.save()
    person.name = "Ulla Ålderman"
    person.save()
    index("contact", [row.pk])
    for thing in (row, person):
        changed = {"fields": ["Person"], "name": "x", "object": "Ulla Ålderman"}
        LogEntry.objects.log_actions(admin.pk, [thing], CHANGE, [{"changed": changed}])
    clock.move_to("2026-11-23T09:00:00+01:00")
    return row


def end(row, day):
    Appointment.objects.filter(pk=row.pk).update(valid_to=day)
    row.history.update(valid_to=day)


TRACES = [
    "Ålderman",
    "alderman",
    "lderman",
    "Ungman",
    "070-174 06 77",
    "Avdelningschefsk",
]


def test_name_is_nowhere_in_the_database_after_the_purge(ulla, capsys):
    end(ulla, LONG_AGO)
    before = everywhere()
    assert [trace for trace in TRACES if trace not in before] == []

    call_command("purge_names")

    after = everywhere()
    assert [trace for trace in [*TRACES, HSA_ID] if trace in after] == []
    assert capsys.readouterr().out == (
        "Namn i 1 uppdrag och 1 personer har gallrats (730 dagar efter sista dagen).\n"
    )


def test_roles_history_stays_without_the_name(client, ulla, settings):
    end(ulla, LONG_AGO)
    call_command("purge_names")

    row = Appointment.objects.get(pk=ulla.pk)
    assert (row.state, row.valid_from, row.valid_to) == ("held", date(2022, 2, 1), LONG_AGO)
    assert (row.person, row.name_purged_on) == (None, date(2026, 11, 23))
    row.full_clean()
    assert row.history.count() == 2
    page = client.get(ulla.unit.get_absolute_url(), {"datum": "2023-05-01"})
    assert "Namnet är gallrat Till och med 22 november 2024" in words(main_of(page))


@pytest.mark.parametrize("ends", [None, date(2024, 11, 24), date(2027, 1, 1)])
def test_name_stays_until_its_time_is_over(ulla, ends):
    end(ulla, ends)

    call_command("purge_names")

    assert Appointment.objects.get(pk=ulla.pk).person.name == "Ulla Ålderman"


def test_retention_is_a_setting(ulla, settings):
    end(ulla, date(2026, 11, 13))
    settings.NAME_DAYS = 11
    call_command("purge_names")
    assert Appointment.objects.get(pk=ulla.pk).person is not None

    settings.NAME_DAYS = 10
    call_command("purge_names")
    assert Appointment.objects.get(pk=ulla.pk).person is None


def test_dry_run_changes_nothing(ulla, capsys):
    end(ulla, LONG_AGO)
    before = everywhere()

    call_command("purge_names", "--dry-run")

    assert everywhere() == before
    assert capsys.readouterr().out == (
        "Namn i 1 uppdrag och 1 personer skulle gallras (730 dagar efter sista dagen).\n"
    )


def test_person_with_another_appointment_stays(ulla):
    end(ulla, LONG_AGO)
    other = make_appointment(person=ulla.person)

    call_command("purge_names")

    assert Appointment.objects.get(pk=ulla.pk).person is None
    assert Appointment.objects.get(pk=other.pk).person.name == "Ulla Ålderman"


def test_person_who_has_just_been_added_stays(db):
    person = make_person()

    call_command("purge_names")

    assert Person.objects.filter(pk=person.pk).exists()


def test_person_that_an_appointment_went_from_goes_in_time(ulla, clock):
    """Ulla's row was given to somebody else: her name is in its history only."""
    ulla.person = make_person(name="Bo Berg")
    ulla.save()
    call_command("purge_names")
    assert Person.objects.filter(hsa_id=HSA_ID).exists()

    clock.move_to("2028-11-21T09:00:00+01:00")
    call_command("purge_names")
    assert Person.objects.filter(hsa_id=HSA_ID).exists()
    clock.move_to("2028-11-22T09:00:00+01:00")
    call_command("purge_names")
    assert not Person.objects.filter(hsa_id=HSA_ID).exists()
    assert not ulla.history.filter(person__isnull=False).exclude(person=ulla.person_id).exists()
    assert Appointment.objects.get(pk=ulla.pk).person.name == "Bo Berg"


def test_pack_that_is_loaded_again_does_not_bring_the_name_back(db, settings):
    from portal.packs.loader import load_pack
    from tests.conftest import PACK

    row = Appointment.objects.select_related("person").get(
        role__code="rehabkoordinator", person__name="Hanna Demosson"
    )
    Appointment.objects.filter(pk=row.pk).update(valid_to=date(2024, 10, 2))
    call_command("purge_names")
    assert not Person.objects.filter(name="Hanna Demosson").exists()

    load_pack(PACK)
    assert not Person.objects.filter(name="Hanna Demosson").exists()


def test_purge_costs_the_same_for_each_of_many(ulla, django_assert_max_num_queries):
    role = make_role()
    for _ in range(30):
        make_appointment(role=role, valid_to=LONG_AGO)
    with django_assert_max_num_queries(60 + 31 * 6):
        call_command("purge_names")


# -- one person, asked for by name ----------------------------------------------------------


@pytest.fixture
def account(ulla):
    user = get_user_model().objects.create_user(
        "ulla.alderman@example.org", "x", first_name="Ulla", last_name="Ålderman", hsa_id=HSA_ID
    )
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Ändrade sig")
    OutgoingMail.objects.create(
        key="prov", to="ulla.alderman@example.org", subject="Påminnelse", body="Hej Ulla"
    )
    return user


def test_export_has_everything_in_swedish(account, ulla, capsys):
    call_command("export_person", f" {HSA_ID.lower()} ")

    text = capsys.readouterr().out
    assert text.startswith(f"Uppgifter om {HSA_ID}\n")
    for part in (
        "Konto (1)\n  - E-postadress: ulla.alderman@example.org; Namn: Ulla Ålderman",
        "Brev (1)\n  - Till: ulla.alderman@example.org; Ämne: Påminnelse;",
        f"Person (1)\n  - HSA-id: {HSA_ID}; Namn: Ulla Ålderman; Yrkestitel: Avdelningschefska",
        "Uppdrag (1)\n  - Gäller från och med: 1 februari 2022; Enhet: Norrgården; Roll: Provroll",
        "Personens historik (3)",
        "Namn: Ulla Ungman",
        "Uppdragens historik (2)",
        "Skäl: Ulla Ålderman börjar",
        "Administrationens logg om person och uppdrag (2)",
        "Spår av vad kontot har gjort (",
    ):
        assert part in text, part


def test_export_as_json(account, capsys):
    import json

    call_command("export_person", HSA_ID, "--json")

    data = json.loads(capsys.readouterr().out)
    assert data["hsa_id"] == HSA_ID
    assert data["uppgifter"]["Uppdrag"][0]["Person"] == "Ulla Ålderman"
    assert data["uppgifter"]["Konto"][0]["HSA-id"] == HSA_ID


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
@pytest.mark.parametrize(
    ("hsa_id", "shown"),
    [("SE-FINNS-EJ", "SE-FINNS-EJ"), ("vård", "VÅRD"), (" ", "ett tomt HSA-id")],
)
def test_unknown_person_is_told(db, command, hsa_id, shown):
    with pytest.raises(CommandError) as refused:
        call_command(command, hsa_id)
    assert str(refused.value) == f"Ingen uppgift om {shown} finns i portalen."


def test_erased_person_is_nowhere_in_the_database(account, ulla, capsys):
    end(ulla, date(2026, 11, 1))

    call_command("erase_person", HSA_ID)

    after = everywhere()
    assert [trace for trace in [*TRACES, HSA_ID] if trace in after] == []
    assert capsys.readouterr().out == (
        "Har raderats:\n"
        "  - Kontots namn, e-postadress, HSA-id, behörigheter och inloggningar.\n"
        "  - Namn och adresser i administrationens logg: 3 rader.\n"
        "  - Brev: 1.\n"
        "  - Namn och kontaktuppgifter i uppdraget Provroll, Norrgården (från och med 1 februari "
        "2022 till och med 31 oktober 2026).\n"
        "  - Personraden och allt i dess historik.\n"
        "Står kvar:\n"
        f"  - Kontot som nummer {account.pk}, avstängt: historiken behöver kunna säga att samma "
        "konto har gjort flera ändringar.\n"
        "  - Att någon hade uppdraget Provroll, Norrgården (från och med 1 februari 2022 till och "
        "med 31 oktober 2026): rollens historia behövs för att visa att funktionen fanns. Den "
        "säger inte vem.\n"
    )
    account.refresh_from_db()
    assert (account.is_active, account.has_usable_password()) == (False, False)
    assert Appointment.objects.get(pk=ulla.pk).name_purged_on == date(2026, 11, 23)


def test_erasing_says_that_a_lasting_appointment_stays_and_why(ulla, capsys):
    call_command("erase_person", HSA_ID)

    said = capsys.readouterr().out
    assert (
        "  - Namn och kontaktuppgifter i uppdraget Provroll, Norrgården (från och med 1 februari "
        "2022): det pågår eller är bestämt. Avsluta uppdraget först och kör kommandot igen.\n"
        "  - Personraden med sin historik: uppdragen ovan behöver den.\n"
    ) in said
    assert Appointment.objects.get(pk=ulla.pk).person.name == "Ulla Ålderman"


def test_erasing_tells_where_the_name_still_stands(ulla, capsys):
    unit = make_unit(address="Fråga Ulla Ålderman")
    forum = Forum.objects.create(
        code="prov", name="Prov", level="regional", members=["Ulla Ålderman, ordförande"]
    )
    end(ulla, date(2026, 11, 1))

    call_command("erase_person", HSA_ID)

    said = capsys.readouterr().out.partition("Namn eller adress står också här.")[2]
    assert f"  - enhet, rad {unit.pk}\n" in said
    assert f"  - forum, rad {forum.pk}\n" in said


def test_dry_run_of_erasing_changes_nothing(account, ulla, capsys):
    end(ulla, date(2026, 11, 1))
    before = everywhere()

    call_command("erase_person", HSA_ID, "--dry-run")

    assert everywhere() == before
    assert capsys.readouterr().out.startswith("Skulle raderas:\n")
