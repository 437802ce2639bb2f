"""Who did what: what is noted, once, by whom, and what is not."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.models import ImportedEvent
from guidance.models import Feedback, Page, PageVersion
from organisation.intake import import_units
from organisation.models import Appointment, FileImport, Person, Profession, Unit
from portal.audit import notes
from portal.audit.chain import verify
from portal.audit.models import Entry, Values
from portal.audit.watching import watched_models
from portal.packs.loader import load_pack
from tests.audit.helpers import told, written
from tests.conftest import PACK, TODAY
from tests.factories import (
    make_appointment,
    make_feedback,
    make_imported_event,
    make_person,
    make_unit,
)

pytestmark = pytest.mark.django_db
PASSWORD = "Vinterdäck-och-kaffe-7"


@pytest.fixture(autouse=True)
def _nothing_waits():
    connection.run_on_commit.clear()


def values(entry):
    return json.loads(entry.values_beside.content)


def test_save_tells_fields_before_and_after_and_by_whom(admin_client, admin_user):
    row = Profession.objects.create(code="kurator-x", name="Kurator")
    written()
    address = reverse("admin:organisation_profession_change", args=[row.pk])
    form = admin_client.get(address).context["adminform"].form
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    data |= {k: v for k, v in hidden(admin_client.get(address)).items() if k not in data}
    admin_client.post(address, {**data, "name": "Socionom"}, headers={"X-Request-ID": "prov"})

    (entry,) = [each for each in written() if each.model == "organisation.profession"]
    assert told(entry) == ("change", "organisation.profession", str(row.pk), ["name"])
    assert entry.actor == admin_user
    assert entry.source == "admin:organisation_profession_change"
    assert values(entry) == {
        "name": "Socionom", "reason": "", "changes": {"name": ["Kurator", "Socionom"]}
    }  # fmt: skip


def hidden(response):
    import re

    page = response.content.decode()
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found


def test_row_saved_twice_in_a_transaction_is_one_entry():
    unit = make_unit(name="Ett")
    written()
    unit.name = "Två"
    unit.save()
    unit.name = "Tre"
    unit.phone = "010-1"
    unit.save()

    (entry,) = written()
    assert told(entry) == ("change", "organisation.unit", str(unit.pk), ["name", "phone"])
    assert values(entry)["changes"] == {"name": ["Ett", "Tre"], "phone": ["", "010-1"]}


def test_row_that_came_and_went_leaves_nothing_and_one_that_went_its_values():
    unit = make_unit(name="Borta")
    written()
    Profession.objects.create(code="ny-x", name="Ny").delete()
    unit.delete()

    entries = [each for each in written() if each.model != "organisation.historicalunit"]
    assert [(e.action, e.model) for e in entries] == [("delete", "organisation.unit")]
    assert values(entries[0])["changes"]["name"] == ["Borta", None]


def test_save_that_changes_nothing_is_not_noted():
    unit = make_unit()
    written()
    unit.save()

    assert written() == []


def test_savepoint_that_is_rolled_back_takes_its_notes_with_it():
    make_unit(name="Står kvar")
    with transaction.atomic():
        make_unit(name="Försvann")
        transaction.set_rollback(True)

    assert [values(each)["name"] for each in written() if each.model == "organisation.unit"] == [
        "Står kvar"
    ]


def test_groups_and_rights_are_told_in_numbers():
    user = get_user_model().objects.create_user("ny@example.org", PASSWORD)
    group = Group.objects.get(name="redaktör")
    written()
    user.groups.set([group])
    user.is_staff = True
    user.save()
    permission = Permission.objects.get(codename="add_unit")
    group.permissions.add(permission)

    first, second = written()
    assert told(first) == ("rights", "accounts.user", str(user.pk), ["groups", "is_staff"])
    assert first.facts == {
        "groups": {"added": [group.pk], "removed": []}, "is_staff": [False, True]
    }  # fmt: skip
    assert told(second) == ("rights", "auth.group", str(group.pk), ["permissions"])
    assert second.facts == {"permissions": {"added": [permission.pk], "removed": []}}


def test_group_that_is_given_from_the_groups_side_is_the_accounts_change():
    user = get_user_model().objects.create_user("ny@example.org", PASSWORD)
    group = Group.objects.get(name="redaktör")
    written()
    group.user_set.add(user)

    (entry,) = written()
    assert told(entry) == ("rights", "accounts.user", str(user.pk), ["groups"])


def test_password_is_told_without_its_hash():
    user = get_user_model().objects.create_user("ny@example.org", PASSWORD)
    written()
    user.set_password("Sommardäck-och-saft-8")
    user.save()

    (entry,) = written()
    assert entry.fields == ["password"]
    assert "password" not in values(entry)["changes"]
    assert not Values.objects.filter(content__contains="md5$").exists()


def test_sign_in_out_and_failed_ones(client):
    user = get_user_model().objects.create_user("anna@example.org", PASSWORD)
    written()
    address = reverse("account_login")
    client.post(address, {"login": "anna@example.org", "password": "fel-lösenord-123"})
    client.post(address, {"login": "okand@example.org", "password": "fel-lösenord-123"})
    client.post(address, {"login": "anna@example.org", "password": PASSWORD})
    client.post(reverse("account_logout"))

    entries = [each for each in written() if each.action.startswith("sign")]
    assert [(e.action, e.object_id, e.actor_id) for e in entries] == [
        ("sign_in_failed", str(user.pk), None),
        ("sign_in_failed", "", None),
        ("sign_in", str(user.pk), user.pk),
        ("sign_out", str(user.pk), user.pk),
    ]
    assert entries[2].facts == {"way": ["password"]}
    assert {e.values_hash for e in entries} == {""}
    assert not Entry.objects.filter(facts__icontains="okand").exists()


def test_reader_is_not_looked_into_and_an_editor_of_the_same_row_is(client, admin_client):
    page = Page.objects.get(slug="intyg")
    form = {"svar": "ja"}
    client.post(f"/aterkoppling/{page.slug}/", form)
    assert [each for each in written() if each.model == "guidance.feedback"] == []

    row = make_feedback(comment="Bra sida")
    written()
    row.note = "Svarat"
    row.save()
    (entry,) = written()
    assert (entry.action, entry.model) == ("change", "guidance.feedback")
    assert entry.values_hash == ""
    assert Feedback.objects.filter(pk=row.pk).exists()


def test_what_is_published_and_withdrawn_has_its_own_word():
    version = PageVersion.objects.live().first()
    version.state = "draft"
    version.save()
    written()
    version.state = "approved"
    version.save()
    first = written()
    version.state, version.withdrawn_at = "withdrawn", timezone.now()
    version.save()
    second = written()

    assert [(e.action, e.facts["state"]) for e in (*first, *second)] == [
        ("publish", ["draft", "approved"]),
        ("withdraw", ["approved", "withdrawn"]),
    ]


def test_decision_about_many_events_at_once_is_told_for_each(admin_client):
    rows = [make_imported_event(state="new"), make_imported_event(state="new")]
    written()
    admin_client.post(
        reverse("admin:education_importedevent_changelist"),
        {"action": "approve", "_selected_action": [row.pk for row in rows]},
    )

    entries = [e for e in written() if e.model == "education.importedevent"]
    assert ImportedEvent.objects.filter(state="approved", pk__in=[r.pk for r in rows]).count() == 2
    assert sorted(int(e.object_id) for e in entries) == sorted(row.pk for row in rows)
    assert {json.dumps(e.facts) for e in entries} == {'{"state": ["new", "approved"]}'}


def test_deleting_many_at_once_is_told_for_each(admin_client):
    rows = [Profession.objects.create(code=f"p{n}-x", name=f"P{n}") for n in range(3)]
    written()
    admin_client.post(
        reverse("admin:organisation_profession_changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [row.pk for row in rows],
            "post": "yes",
        },
    )
    gone = [e for e in written() if e.action == "delete"]

    if Profession.objects.filter(pk__in=[row.pk for row in rows]).exists():
        pytest.fail("the question before a deletion asks for something more")
    assert sorted(e.object_id for e in gone) == sorted(str(row.pk) for row in rows)


UNITS = """HSA-id;Namn;Enhetstyp
SE2321000016-AA01;Ekens vårdcentral;Vårdcentral
SE2321000016-AA02;Björkens vårdcentral;Vårdcentral
"""


def test_import_tells_each_unit_and_the_file(admin_user):
    import_units("enheter.csv", UNITS.encode(), by=admin_user)
    entries = written()

    units = [e for e in entries if e.model == "organisation.unit"]
    assert [(e.action, values(e)["changes"]["name"][1]) for e in units] == [
        ("create", "Ekens vårdcentral"),
        ("create", "Björkens vårdcentral"),
    ]
    assert values(units[0])["reason"] == "Läst ur enheter.csv"
    files = [e for e in entries if e.model == "organisation.fileimport"]
    assert [e.action for e in files] == ["import"]
    assert files[0].object_id == str(FileImport.objects.latest("pk").pk)

    import_units("enheter.csv", UNITS.replace("Ekens", "Almens").encode(), by=admin_user)
    changed = [e for e in written() if e.model == "organisation.unit"]
    assert [(e.action, values(e)["changes"]) for e in changed] == [
        ("change", {"name": ["Ekens vårdcentral", "Almens vårdcentral"]})
    ]


def test_load_of_a_pack_is_one_entry_and_none_when_it_changes_nothing():
    loaded = Entry.objects.get(model="packs.pack")
    assert (loaded.action, loaded.object_id) == ("import", "")
    assert loaded.facts["new"] > 500
    load_pack(PACK, on=TODAY)

    assert written() == []


def test_exports_of_a_person_are_told(capsys):
    person = make_person(name="Ylva Ek", hsa_id="SE2321000016-1A2B")
    make_appointment(person=person)
    written()
    call_command("export_person", person.hsa_id)

    (entry,) = written()
    assert told(entry) == ("export", "organisation.person", str(person.pk), [])


def test_reading_costs_nothing_and_a_save_one_question(django_assert_num_queries):
    unit = make_unit()
    written()
    with django_assert_num_queries(1):
        list(Unit.objects.all())
    with CaptureQueriesContext(connection) as queries:
        unit.name = "Ny"
        unit.save()
    about_audit = [q["sql"] for q in queries if "audit_" in q["sql"]]
    asked = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]

    assert about_audit == []
    assert len([sql for sql in asked if '"organisation_unit"."name"' in sql]) == 1


def test_sixty_notes_are_written_in_as_many_queries_as_one():
    def cost(number):
        for each in range(number):
            notes.note("change", "organisation.unit", each, changes={"name": ("a", "b")})
        with CaptureQueriesContext(connection) as queries:
            written()
        return len(queries)

    assert cost(1) == cost(60)


def test_what_people_edit_is_watched_and_the_sites_own_rows_are_not():
    labels = {model._meta.label_lower for model in watched_models()}

    assert {
        "accounts.user", "accounts.invitation", "accounts.claimrule", "auth.group",
        "organisation.unitmanager", "organisation.appointment", "guidance.pageversion",
        "followup.measurement", "mfa.authenticator", "web.sitesettings",
    } <= labels  # fmt: skip
    assert not labels & {
        "search.searchentry", "guidance.pageview", "audit.entry", "sessions.session",
        "organisation.historicalunit", "outbox.outgoingmail",
    }  # fmt: skip


def test_chain_is_whole_after_all_this():
    appointment = make_appointment()
    appointment.note = "Anmärkning"
    appointment.save()
    written()

    verdict = verify()
    assert (verdict.faults, verdict.waiting) == ([], 0)
    assert verdict.links == Entry.objects.count() > 1
    assert Person.objects.filter(pk=appointment.person_id).exists()
    assert Appointment.objects.filter(pk=appointment.pk).exists()
