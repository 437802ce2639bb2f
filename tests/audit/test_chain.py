"""The chain shows what was changed in it, the database refuses most of it, values can go."""

import json
import stat
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from organisation.forgetting import purge_names
from organisation.models import Appointment, Person
from portal.audit import keeping, triggers
from portal.audit.chain import verify
from portal.audit.models import Checkpoint, Entry, Link, Values
from portal.audit.notes import note
from tests.audit.helpers import written
from tests.factories import make_appointment, make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    connection.run_on_commit.clear()
    settings.AUDIT_KEY_FILE = tmp_path / "audit_key.pem"
    return settings.AUDIT_KEY_FILE


@pytest.fixture
def entries():
    """Three entries in the chain after what the suite's own load wrote."""
    for name in ("Ett", "Två", "Tre"):
        make_unit(name=name)
    return [each for each in written() if each.model == "organisation.unit"]


def run(command, *args, **options):
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def test_whole_chain_is_whole(entries):
    told = run("verify_audit")

    assert f"{Link.objects.count()} länkar, 0 giltiga kontrollpunkter" in told
    assert "Granskningsloggen är hel." in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", "delete"),
        ("object_id", "1"),
        ("fields", ["phone"]),
        ("facts", {"kind": [None, 99]}),
        ("actor_id", 99),
        ("source", "annan"),
        ("at", timezone.now() + timezone.timedelta(days=1)),
        ("values_hash", "0" * 64),
    ],
)
def test_changed_entry_is_found(entries, field, value):
    Entry.objects.filter(pk=entries[1].pk).update(**{field: value})

    number = entries[1].link.number
    with pytest.raises(CommandError) as stopped:
        run("verify_audit")
    assert f"Länk {number} stämmer inte med post {entries[1].pk}." in str(stopped.value)


def test_changed_value_is_found(entries):
    values = Values.objects.get(pk=entries[0].pk)
    values.content = values.content.replace("Ett", "Ett annat")
    values.save()

    (fault,) = verify().faults
    number = entries[0].link.number
    assert fault == f"Värdena till post {entries[0].pk} är ändrade (länk {number})."


def test_values_that_are_gone_without_a_word_are_missed(entries):
    Values.objects.filter(pk=entries[0].pk).delete()

    (fault,) = verify().faults
    assert fault.startswith(f"Värdena till post {entries[0].pk} är borta utan att")


def test_link_taken_out_of_the_middle_is_missed(entries):
    number = entries[1].link.number
    entries[1].link.delete()

    assert verify().faults[0] == f"Länk {number} saknas; nästa som finns är {number + 1}."


def test_end_that_is_cut_off_shows_against_a_checkpoint(entries, tmp_path):
    kept = tmp_path / "kontrollpunkter.txt"
    run("seal_audit", append=kept)
    last = Link.objects.order_by("-number").values_list("number", flat=True).first()
    Checkpoint.objects.all().delete()
    Link.objects.filter(number=last).delete()
    assert verify().faults == []

    with pytest.raises(CommandError, match=f"före kontrollpunkten {last}"):
        run("verify_audit", checkpoints=kept)


def test_chain_made_anew_does_not_fit_the_checkpoint(entries):
    run("seal_audit")
    Entry.objects.filter(pk=entries[2].pk).update(action="delete")
    Link.objects.all().delete()
    from portal.audit.chain import seal

    seal()
    assert verify().faults == []

    number = entries[2].link.number
    with pytest.raises(CommandError, match=f"Länk {number} är en annan än vid kontrollpunkten"):
        run("verify_audit")


def test_checkpoint_of_another_key_or_changed_is_none(entries, settings, tmp_path):
    line = run("seal_audit")
    point = json.loads(line)
    Checkpoint.objects.all().delete()
    forged = tmp_path / "forfalskad.txt"
    forged.write_text(json.dumps({**point, "number": point["number"] - 1}))
    with pytest.raises(CommandError, match="har ingen giltig underskrift"):
        run("verify_audit", checkpoints=forged)

    forged.write_text(line)
    assert "1 giltiga kontrollpunkter" in run("verify_audit", checkpoints=forged)
    settings.AUDIT_KEY_FILE = tmp_path / "en_annan.pem"
    run("seal_audit")
    with pytest.raises(CommandError, match="har ingen giltig underskrift"):
        run("verify_audit", checkpoints=forged)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("inte json", "har rader som inte är kontrollpunkter"),
        ("[1]", "ingen giltig underskrift"),
        ('{"number": "x"}', "ingen giltig underskrift"),
        ('{"number": 1, "digest": "a", "at": "igår", "signature": "zz"}', "ingen giltig"),
    ],
)
def test_odd_file_of_checkpoints_is_told(entries, tmp_path, content, why):
    run("seal_audit")
    file = tmp_path / "rader.txt"
    file.write_text(content)

    with pytest.raises(CommandError, match=why):
        run("verify_audit", checkpoints=file)


def test_key_is_its_owners_only_and_the_public_one_verifies(entries, key_file, tmp_path):
    run("seal_audit")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    public = tmp_path / "publik.pem"
    public.write_text(run("seal_audit", public_key=True))
    key_file.unlink()

    assert "1 giltiga kontrollpunkter" in run("verify_audit", public_key=public)
    with pytest.raises(CommandError, match="går inte att läsa"):
        run("verify_audit")
    key_file.write_text("skräp")
    with pytest.raises(CommandError, match="ingen nyckel i PEM-format"):
        run("seal_audit")


def test_entry_that_waits_gets_its_link_with_the_next_seal(entries):
    Link.objects.filter(number__gte=entries[2].link.number).delete()
    assert verify().waiting == 1
    run("seal_audit")

    assert verify().waiting == 0


@pytest.fixture
def _guarded():
    triggers.hold("default")
    yield
    triggers.drop()


@pytest.mark.usefixtures("_guarded")
@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_checkpoint"])
@pytest.mark.parametrize("way", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_database_refuses_to_change_the_log(entries, table, way):
    run("seal_audit")
    sql = way.format(table)
    if table == "audit_link":
        sql = sql.replace("id = id", "number = number")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        connection.cursor().execute(sql)
    assert Entry.objects.filter(pk=entries[0].pk).exists()


@pytest.mark.usefixtures("_guarded")
def test_values_may_go_and_not_be_changed(entries):
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        Values.objects.update(content="{}")
    assert keeping.erase(Values.objects.filter(pk=entries[0].pk)) == 1
    written()

    verdict = verify()
    assert (verdict.faults, verdict.erased) == ([], 1)


@pytest.mark.usefixtures("_guarded")
def test_whole_tables_cannot_be_emptied_on_postgresql(entries):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    # Else PostgreSQL refuses by itself, since rows of this transaction wait for their checks.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        connection.cursor().execute("TRUNCATE audit_link")


def test_migrating_again_leaves_the_triggers_in_place():
    run("migrate", verbosity=0)
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        connection.cursor().execute("DELETE FROM audit_entry")
    triggers.drop()


def test_old_values_go_and_what_was_done_stays(entries, settings, clock):
    clock.move_to(timezone.now() + timezone.timedelta(days=settings.AUDIT_VALUE_DAYS + 1))
    number = Values.objects.count()
    make_unit(name="Nyss")
    (new,) = [each for each in written() if each.model == "organisation.unit"]
    assert run("purge_audit", dry_run=True).startswith(f"Värdena i {number} poster skulle raderas")
    assert Values.objects.filter(pk=entries[0].pk).exists()
    assert run("purge_audit").startswith(f"Värdena i {number} poster har raderats")
    written()

    assert [v.pk for v in Values.objects.filter(entry__model="organisation.unit")] == [new.pk]
    verdict = verify()
    assert (verdict.faults, verdict.erased) == ([], number)


def test_erasing_a_person_takes_her_out_of_the_log(entries):
    name, hsa_id = "Ylva Åkerfält", "SE2321000016-7XYZ"
    person = make_person(name=name, hsa_id=hsa_id, email="ylva.akerfalt@example.org")
    user = get_user_model().objects.create_user(
        "ylva.konto@example.org", "x", hsa_id=hsa_id, first_name="Ylva", last_name="Åkerfält"
    )
    appointment = make_appointment(
        person=person, valid_from="2020-01-01", valid_to="2021-01-01", phone="010-555 12 34"
    )
    note("change", "organisation.unit", 1, reason=f"{name} slutade")
    written()
    assert Values.objects.filter(content__contains=name).count() >= 3
    run("erase_person", hsa_id)
    written()

    for word in (name, hsa_id, "ylva.konto@", "ylva.akerfalt@", "010-555 12 34"):
        assert not Values.objects.filter(content__contains=word).exists(), word
    verdict = verify()
    assert verdict.faults == []
    assert Entry.objects.filter(model="accounts.user", object_id=str(user.pk)).count() >= 2
    assert Values.objects.filter(pk=entries[0].pk).exists()
    assert not Person.objects.filter(pk=person.pk).exists()
    assert Appointment.objects.get(pk=appointment.pk).person is None


def test_purging_names_takes_them_out_of_the_log():
    person = make_person(name="Örjan Öst")
    make_appointment(
        person=person, valid_from="2019-01-01", valid_to="2020-01-01", email="oo@example.org"
    )
    written()
    assert Values.objects.filter(content__contains="Örjan Öst").exists()
    purge_names()
    entries = written()

    assert not Values.objects.filter(content__contains="Örjan Öst").exists()
    assert not Values.objects.filter(content__contains="oo@example.org").exists()
    assert "erase" in {each.action for each in entries}
    assert verify().faults == []


def test_erasure_that_is_only_tried_takes_nothing(entries):
    person = make_person(name="Siv Sjö", hsa_id="SE2321000016-8XYZ")
    written()
    run("erase_person", person.hsa_id, dry_run=True)

    assert Values.objects.filter(content__contains="Siv Sjö").exists()
