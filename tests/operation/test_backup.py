"""Backup, restore and rehearsal as commands, on a portal with a database of its own."""

import io
import json
import sqlite3
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.operation.models import BackupRun
from tests.faults.conftest import environment, whole_database  # noqa: F401  (fixtures)
from tests.faults.servers import manage, start, wait_for

pytestmark = pytest.mark.django_db


def tables_of(path):
    """{label: (rows, checksum)}, but for what the commands note about themselves."""
    told = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    tables = {each["label"]: (each["rows"], each["sha256"]) for each in told["tables"]}
    # A run is told of by itself, and in the audit log.
    for label in ("operation.backuprun", "audit.entry", "audit.values", "audit.link"):
        tables.pop(label)
    return tables


def stored_files(folder):
    """Names of the documents' files that the database knows."""
    rows = sqlite3.connect(folder / "portal.sqlite3")
    names = {name for (name,) in rows.execute("SELECT file FROM guidance_documentversion") if name}
    rows.close()
    return names


def test_restore_that_nobody_can_be_asked_about_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "kopia.zip").touch()
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(CommandError) as refused:
        call_command("restore", str(tmp_path / "kopia.zip"))
    assert str(refused.value) == "Avbrutet. Inget har ändrats. Med --yes ställs ingen fråga."
    assert refused.value.returncode == 2


def test_restore_brings_all_of_it_back_and_a_rehearsal_touches_nothing(environment, tmp_path):  # noqa: F811
    database, folder = tmp_path / "portal.sqlite3", tmp_path / "documents"
    names = stored_files(tmp_path)
    with sqlite3.connect(database) as rows:
        units = rows.execute("SELECT count(*) FROM organisation_unit").fetchone()[0]
        # A number that was given to an account that is gone is never given again.
        rows.execute("UPDATE sqlite_sequence SET seq = 9000 WHERE name = 'accounts_user'")
        rows.execute("INSERT OR IGNORE INTO sqlite_sequence VALUES ('accounts_user', 9000)")
    rows.close()
    contents = {name: (folder / name).read_bytes() for name in names}
    assert len(contents) == 2
    made = manage(environment, "backup", str(tmp_path / "first.zip"))
    rehearsed = manage(environment, "rehearse_restore", str(tmp_path / "first.zip"))
    assert "first.zip går att läsa tillbaka" in rehearsed.stdout
    assert "och 2 dokumentfiler" in made.stdout
    assert not (tmp_path / "portal.sqlite3.restoring").exists()

    with sqlite3.connect(database) as rows:
        rows.execute("UPDATE organisation_unit SET name = 'Fel'")
        rows.execute("INSERT INTO django_session VALUES ('a', 'b', '2030-01-01')")
    rows.close()
    damaged, lost = (folder / name for name in names)
    damaged.write_bytes(b"%PDF-")
    lost.unlink()
    restored = manage(environment, "restore", "--yes", str(tmp_path / "first.zip"))
    again = manage(environment, "backup", str(tmp_path / "second.zip"))

    assert "återlästa" in restored.stdout
    assert "och 2 dokumentfiler" in again.stdout
    assert tables_of(tmp_path / "first.zip") == tables_of(tmp_path / "second.zip")
    assert tables_of(tmp_path / "first.zip")["organisation.unit"][0] == units
    assert {name: (folder / name).read_bytes() for name in names} == contents
    rows = sqlite3.connect(database)
    assert rows.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
    last = rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'accounts_user'")
    assert last.fetchone() == (9000,)
    kinds = rows.execute("SELECT kind, error FROM operation_backuprun ORDER BY id").fetchall()
    assert kinds == [("restore", ""), ("backup", "")]
    triggers = rows.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
    assert triggers.fetchone()[0] >= 3
    rows.close()


def test_backup_sees_one_moment_while_others_write(environment, tmp_path):  # noqa: F811
    """A writer waits for nobody, and what it writes meanwhile is not in the backup by halves."""
    database = tmp_path / "portal.sqlite3"
    with sqlite3.connect(database) as rows:
        units = rows.execute("SELECT count(*) FROM organisation_unit").fetchone()[0]
    rows.close()
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE organisation_unit SET name = 'Mitt i'")

    # The command notes what it has done, which alone waits for the writer.
    running = start(environment, "backup", str(tmp_path / "a.zip"))
    wait_for((tmp_path / "a.zip").exists, "the backup")
    writer.execute("ROLLBACK")
    writer.close()
    assert running.wait(60) == 0
    running.stdout.close()

    assert tables_of(tmp_path / "a.zip")["organisation.unit"][0] == units
    assert (
        "Mitt i"
        not in zipfile.ZipFile(tmp_path / "a.zip").read("tables/organisation.unit.jsonl").decode()
    )


def test_missing_document_is_told_by_code(environment, tmp_path):  # noqa: F811
    lost = sorted(stored_files(tmp_path))[0]
    (tmp_path / "documents" / lost).unlink()
    made = manage(environment, "backup", str(tmp_path), check=False)

    assert made.returncode == 3
    assert f"saknas: {lost}" in made.stdout
    assert len([*tmp_path.glob("portal-*.zip")]) == 1


def test_refused_file_is_told_in_swedish_with_a_code(tmp_path):
    foreign = tmp_path / "brev.zip"
    foreign.write_text("hej")
    for command, options in (("restore", {"yes": True}), ("rehearse_restore", {})):
        with pytest.raises(CommandError, match="ingen säkerhetskopia från portalen") as stop:
            call_command(command, str(foreign), **options)
        assert stop.value.returncode == 1
    with pytest.raises(CommandError, match=r"saknas\.zip finns inte") as stop:
        call_command("restore", str(tmp_path / "saknas.zip"), yes=True)
    assert stop.value.returncode == 2
    with pytest.raises(CommandError, match="anges tillsammans") as stop:
        call_command("restore", str(foreign), yes=True, to="sqlite:////tmp/x")
    assert stop.value.returncode == 2

    run = BackupRun.objects.get()
    assert (run.kind, run.file_name) == ("rehearsal", "brev.zip")
    assert run.error.startswith("Filen är ingen säkerhetskopia")


def test_rehearsal_of_an_empty_folder_is_a_failure(tmp_path):
    with pytest.raises(CommandError, match="Mappen har ingen säkerhetskopia"):
        call_command("rehearse_restore", str(tmp_path))


@pytest.mark.parametrize("arguments", [["x", "--keep", "0"], ["x", "--keep", "3"], ["y/x"]])
def test_wrong_use_of_backup(tmp_path, arguments):
    with pytest.raises(CommandError) as stop:
        call_command("backup", str(tmp_path / arguments[0]), *arguments[1:])
    assert stop.value.returncode == 2


# -- health ---------------------------------------------------------------------------------


def answer(client):
    response = client.get("/halsa/drift/")
    return response.status_code, response.json()


def test_health_turns_red_when_no_backup_has_been_proved_for_long(client, settings):
    red = 503, {"status": "ingen säkerhetskopia har provats på för länge"}
    green = 200, {"status": "ok"}
    assert answer(client) == green
    settings.REHEARSAL_DAYS = 7
    assert answer(client) == red

    now = timezone.now()
    done = {"kind": "rehearsal", "file_name": "a.zip", "started_at": now}
    BackupRun.objects.create(**done, finished_at=now, error="Filen är skadad")
    BackupRun.objects.create(**{**done, "kind": "backup"}, finished_at=now)
    BackupRun.objects.create(**done, finished_at=now - timedelta(days=7, minutes=1))
    assert answer(client) == red
    assert client.get("/halsa/redo/").status_code == 200
    BackupRun.objects.create(**done, finished_at=now - timedelta(days=6, hours=23))
    assert answer(client) == green
