"""Faults to survive, with real processes. The longer runs are scripts beside this file, and what
they said lies in docs/operation/."""

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import path, reverse

from guidance.storage import ChecksumStorage
from portal import urls as portal_urls
from tests.factories import make_document
from tests.guidance.office_files import odt
from tests.portal.test_admin import form_values

from .kills import TAKEN, Crowd
from .servers import ROOT, ask, manage, portal, start, wait_for
from .writers import WRITES, counted, write_at_once

# Also where only other processes use it: the suite's database is made for those that ask for it.
pytestmark = pytest.mark.django_db

KILLS = int(os.environ.get("PORTAL_KILLS", "5"))
READERS = 64


def test_nothing_is_left_by_halves_when_processes_are_killed(whole_database, environment):
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.kills", str(KILLS), str(whole_database),
         storages["documents"].location],
        cwd=ROOT, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1].endswith("alla databaser och loggkedjor hela.")


def test_readers_meet_no_locked_database_while_units_are_read_in(environment, tmp_path):
    lines = [f"L-{n};Läst enhet {n};vardcentral" for n in range(300)]
    (tmp_path / "units.csv").write_text("\n".join(["HSA-id;Namn;Enhetstyp", *lines]))
    statuses, done = [], threading.Event()

    def read(site):
        while True:
            statuses.append(ask(f"{site}/organisation/enheter/")[0])
            if done.is_set():
                return

    with (tmp_path / "log").open("w+") as log, portal(environment, log=log) as site:
        readers = [threading.Thread(target=read, args=[site.url]) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        importing = start(environment, "import_units", str(tmp_path / "units.csv"))
        said = importing.communicate()[0]
        done.set()
        for reader in readers:
            reader.join()
        log.seek(0)
        logged = log.read()

    assert importing.returncode == 0, said
    assert len(statuses) >= READERS
    assert set(statuses) == {200}
    assert "database is locked" not in logged + said


def test_no_reader_waits_for_whoever_writes(environment, tmp_path):
    """What is counted of readers is written when their answers have left, by one thread at a
    time: an import holds nobody, however many search in vain."""
    pages = ["/", "/intyg/", "/sok/?q=intyg", "/api/v1/units", "/organisation/enheter/?q=falun",
             "/kompetens/kalender/", "/konto/logga-in/"]  # fmt: skip
    with portal(environment) as site:
        rows = sqlite3.connect(tmp_path / "portal.sqlite3", isolation_level=None)
        rows.execute("BEGIN IMMEDIATE")
        asked = [*pages, *(f"/sok/?q=zxqv{n}" for n in range(40)), *pages]
        statuses = [ask(f"{site.url}{page}", timeout=15)[0] for page in asked]
        rows.execute("ROLLBACK")
        assert statuses == [200] * len(asked)

        searched = "SELECT count(*) FROM search_missedquery"
        wait_for(lambda: ask(site.url) and rows.execute(searched).fetchone() == (40,), "the count")
        rows.close()


def test_six_hundred_answers_at_once_are_all_stored(environment, tmp_path):
    environment = {**environment, "PORTAL_BEHIND_PROXY": "1"}
    with portal(environment) as site:
        crowd = Crowd(site.url, WRITES)
        crowd.start(READERS)
        crowd.join()

    assert crowd.answers.count(TAKEN) == WRITES
    rows = sqlite3.connect(tmp_path / "portal.sqlite3")
    stored = rows.execute("SELECT count(*), count(DISTINCT receipt) FROM guidance_feedback")
    assert stored.fetchone() == (WRITES, WRITES)
    rows.close()


def test_six_hundred_writes_by_several_processes_each_have_a_place_in_the_log(environment):
    """On PostgreSQL: tests/faults/two_machines.py."""
    assert write_at_once(environment) == ""
    assert counted(environment) == [WRITES, WRITES, WRITES]
    verified = manage(environment, "verify_audit", check=False)
    assert verified.returncode == 0, verified.stdout
    assert " 0 som väntar på sin länk" in verified.stdout


def test_second_to_migrate_waits_for_the_first(environment, tmp_path):
    """On PostgreSQL: tests/faults/two_machines.py."""
    descriptor = os.open(tmp_path / ".portal.sqlite3.migrating", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    second = start(environment, "migrate", "--plan")

    def waits_in_line():
        return any(f"{second.pid} " in line for line in waiting_for_locks())

    wait_for(waits_in_line, "the second migrate")
    assert second.poll() is None
    os.close(descriptor)
    assert "No planned migration operations" in second.communicate()[0]
    assert second.returncode == 0


def waiting_for_locks():
    """Lines of /proc/locks about processes that wait: "1: -> FLOCK ADVISORY WRITE 4711 …"."""
    with open("/proc/locks") as file:
        return [line for line in file if "-> FLOCK" in line]


# -- a full disk ----------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("en liten disk kan bara monteras av root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_leaves_no_half_document(small_disk):
    storage = ChecksumStorage(location=small_disk, file_permissions_mode=0o640)
    large, small = ContentFile(b"x" * 2_000_000), ContentFile(b"y" * 1000)
    with pytest.raises(OSError, match="No space left") as stop:
        storage.save("a.pdf", large)

    assert stop.value.errno == errno.ENOSPC
    assert [each for each in small_disk.rglob("*") if each.is_file()] == []
    name = storage.save("b.pdf", small)
    assert (small_disk / name).read_bytes() == b"y" * 1000


def fill(folder):
    with suppress(OSError), (folder / "full").open("wb") as file:
        while True:
            file.write(b"x" * 65_536)
            file.flush()


def test_editor_is_told_that_the_disk_is_full_and_nothing_is_stored(
    small_disk, admin_client, monkeypatch
):
    monkeypatch.setattr(storages["documents"], "location", str(small_disk))
    fill(small_disk)
    document = make_document(title="Orörd")
    url = reverse("admin:guidance_document_change", args=[document.pk])
    values = {**form_values(admin_client.get(url)), "title": "Ändrad", "versions-TOTAL_FORMS": "1"}
    version = {"label": "Första", "valid_from": "2026-01-01", "language": "sv", "position": "0"}
    upload = {**version, "file": SimpleUploadedFile("blad.odt", odt())}
    admin_client.raise_request_exception = False

    answer = admin_client.post(
        url, {**values, **{f"versions-0-{name}": each for name, each in upload.items()}}
    )

    assert answer.status_code == 507
    assert "Det gick inte att spara: disken är full" in answer.text
    document.refresh_from_db()
    assert (document.title, document.versions.count()) == ("Orörd", 0)
    assert [each.name for each in small_disk.rglob("*") if each.is_file()] == ["full"]


def test_full_disk_leaves_the_backup_of_yesterday(environment, small_disk):
    target = small_disk / "portal.zip"
    target.write_bytes(b"x" * 700_000)
    second = start(environment, "backup", str(target))
    said = second.communicate()[0]

    assert second.returncode == 1
    assert "No space left on device. Inget har ändrats." in said
    assert target.read_bytes() == b"x" * 700_000
    assert [each.name for each in small_disk.iterdir()] == ["portal.zip"]


# -- what a reader is told ------------------------------------------------------------------


def fails(fault):
    def view(request):
        raise fault

    return view


urlpatterns = [
    path("borta/", fails(OperationalError("connection refused"))),
    path("full/", fails(OSError(errno.ENOSPC, "No space left on device"))),
    path("annat/", fails(OSError(errno.EACCES, "Permission denied"))),
    *portal_urls.urlpatterns,
]
handler500 = "portal.views.server_error"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/borta/", 503, "Portalen svarar inte just nu"),
        ("/full/", 507, "Det gick inte att spara: disken är full"),
        ("/annat/", 500, "Något gick fel hos oss"),
    ],
)
@pytest.mark.urls("tests.faults.test_faults")
def test_reader_is_told_what_it_is(address, status, words, monkeypatch):
    monkeypatch.setattr("django.conf.settings.MIDDLEWARE", [])
    response = Client(raise_request_exception=False).get(address)

    assert response.status_code == status
    assert words in response.text
    assert response.headers.get("Retry-After") == ("30" if status == 503 else None)
