"""Processes killed (SIGKILL) at random moments, and what they leave behind.

    python -m tests.faults.kills 50 DATABASE DOCUMENTS      fifty of them, told line by line

After these may stand which kinds. DATABASE is a portal's SQLite file with the demo region,
and is only read.

Each kill starts from the same database. Afterwards it must be whole, and be either as it was before
or as it would have been: nothing by halves.
"""

import hashlib
import http.client
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
from pathlib import Path

import django
from django.core.management import call_command

from portal.operation.archive import open_archive, read_documents, read_lines

from .servers import PATIENCE, ask, clean_environment, portal, wait_for

# How many of fifty. A restore makes all tables anew and takes longest.
SHARES = {"import": 16, "publish": 16, "backup": 12, "worker": 2, "restore": 4}
UNITS = 150
# An answer that is stored leads on, to the question for words.
TAKEN = 302
# What commands note about themselves, who is signed in, and what is forgotten anyway.
PASSING = {"operation_backuprun", "django_session", "portal_cache", "sqlite_sequence"}
RUNS = "(SELECT id FROM audit_entry WHERE model = 'operation.backuprun')"
# What is compared of a table, where it is not all of it: the log tells of a backup's own run,
# and a migration's row tells when it was made.
COMPARED = {
    "audit_entry": f"SELECT * FROM audit_entry WHERE id NOT IN {RUNS} ORDER BY 1",  # noqa: S608
    "audit_values": f"SELECT * FROM audit_values WHERE entry_id NOT IN {RUNS} ORDER BY 1",  # noqa: S608
    "audit_link": f"SELECT * FROM audit_link WHERE entry_id NOT IN {RUNS} ORDER BY 1",  # noqa: S608
    "django_migrations": "SELECT app, name FROM django_migrations ORDER BY 1, 2",
}
IMPORT = """
from django.core.management import call_command
print("Läser", flush=True)
call_command("import_units", {path!r})
"""
PUBLISH = """
from guidance import actions
from guidance.models import Page
from portal.accounts.models import User
from portal.search.index import index
from tests.factories import make_page, make_version
from organisation.models import Role
by = User.objects.create_superuser("prov@example.org", "x")
page = make_page(slug="prov-kill", nav_title="Prov", kind="editorial", owner=Role.objects.first(),
                 parent=Page.objects.get(slug="om-forsakringsmedicin"))
print("Skriver", flush=True)
for number in range(1, 4):
    version = make_version(page=page, number=number, state="draft", publish_at=None,
        title=f"Utgåva {number}", lead="En ingress.", author=by,
        body='<h2 id="nar">När det gäller</h2><p>Texten.</p>')
    actions.approve_and_publish(version, by=by, revision=page.revision)
    page.refresh_from_db()
"""


def content_of(database) -> dict[str, tuple[int, str]]:
    """{table: (rows, checksum)} of a SQLite file, which must be whole."""
    connection = sqlite3.connect(database)
    connection.create_collation("sv-x-icu", lambda a, b: (a > b) - (a < b))
    try:
        checked = connection.execute("PRAGMA quick_check").fetchall()
        assert checked == [("ok",)], checked[:5]
        loose = connection.execute("PRAGMA foreign_key_check").fetchall()
        assert loose == [], loose[:5]
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        content = {}
        for (name,) in names:
            if name in PASSING or name.startswith("sqlite_"):
                continue
            digest, count = hashlib.sha256(), 0
            rows = COMPARED.get(name, f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608
            for row in connection.execute(rows):
                digest.update(repr(row).encode())
                count += 1
            content[name] = count, digest.hexdigest()
        return content
    finally:
        connection.close()


def rows_of(database, statement):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


class Forked:
    """A process of its own that runs a command or a script of ours. Forked from this one, where
    Django is loaded and no database is open: a start costs nothing, and fifty are soon done."""

    def __init__(self, work):
        sys.stdout.flush()
        reading, writing = os.pipe()
        self.pid, self.code = os.fork(), None
        if not self.pid:
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            code = 1
            try:
                work()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        os.close(writing)
        self.stdout = os.fdopen(reading, encoding="utf-8")

    def poll(self):
        if self.code is None and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.code = 0
        return self.code

    def kill(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code


def start(command):
    name, *arguments = command
    if name == "script":
        return Forked(lambda: exec(arguments[0], {}))  # noqa: S102 (the scripts above)
    return Forked(lambda: call_command(name, *arguments))


class Ground:
    """A folder with a portal, set back to the same state before each kill."""

    def __init__(self, whole_database, documents, folder, seed):
        self.folder = Path(folder)
        self.whole = self.folder / "whole.sqlite3"
        shutil.copy(whole_database, self.whole)
        self.documents = documents
        self.data = self.folder / "data"
        self.database = self.data / "portal.sqlite3"
        self.environment = clean_environment(
            PORTAL_DATA_DIR=str(self.data), DJANGO_SETTINGS_MODULE="tests.faults.settings"
        )
        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        os.environ.update(self.environment)
        django.setup()
        self.random = random.Random(seed)
        self.durations = {}
        self.units = self.folder / "units.csv"
        lines = [f"K-{n};Provenhet {n};vardcentral;Ort {n % 40}" for n in range(UNITS)]
        self.units.write_text("\n".join(["HSA-id;Namn;Enhetstyp;Ort", *lines]))
        self.reset()
        self.before = content_of(self.database)
        self.backup = self.folder / "other.zip"
        assert start(["backup", str(self.backup)]).wait() == 0

    def reset(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        shutil.copy(self.whole, self.database)
        shutil.copytree(self.documents, self.data / "documents")

    def kill(self, *command, from_line):
        """Runs a command until a random moment after it has said a line. Returns the seconds
        from that line, or None when it was done before."""
        if from_line not in self.durations:
            self.durations[from_line] = self.watch(command, from_line)
            self.reset_for(command)
        process = start(command)
        for line in process.stdout:
            if line.startswith(from_line):
                break
        moment = self.random.uniform(0, 1.1 * self.durations[from_line])
        time.sleep(moment)
        done = process.poll() is not None
        process.kill()
        process.wait()
        process.stdout.close()
        return None if done else moment

    def watch(self, command, from_line):
        """How long a command takes, undisturbed, from a line that it says."""
        process, began, said = start(command), time.monotonic(), []
        for line in process.stdout:
            said.append(line)
            if line.startswith(from_line):
                began = time.monotonic()
        assert process.wait() == 0, "".join(said)
        process.stdout.close()
        return time.monotonic() - began

    def differences(self, content, changed):
        """Tables that are neither as before nor as they would have been, for who looks for why."""
        return {
            name: (content.get(name), changed.get(name), self.before.get(name))
            for name in {*content, *changed, *self.before}
            if not content.get(name) == changed.get(name) == self.before.get(name)
        }

    def reset_for(self, command):
        self.reset()
        if command[0] == "restore":
            self.change()

    def change(self):
        """Another content than the backup's, with none of its documents."""
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute("UPDATE organisation_unit SET name = name || ' (ändrad)'")
            connection.execute("DELETE FROM guidance_documentversion")
        connection.close()
        shutil.rmtree(self.data / "documents")

    def chain_is_whole(self):
        verified = start(["verify_audit"])
        said = verified.stdout.read()
        assert verified.wait() == 0, said
        verified.stdout.close()

    # -- one kill of each kind; what it left is returned in words ----------------------------

    def kill_import(self):
        self.reset()
        command = ["script", IMPORT.format(path=str(self.units))]
        moment = self.kill(*command, from_line="Läser")
        found, history, hits = rows_of(
            self.database,
            "SELECT (SELECT count(*) FROM organisation_unit WHERE hsa_id LIKE 'K-%'), "
            "(SELECT count(*) FROM organisation_historicalunit WHERE hsa_id LIKE 'K-%'), "
            "(SELECT count(*) FROM search_searchentry WHERE title LIKE 'Provenhet %')",
        )[0]
        content = content_of(self.database)
        if found:
            assert (found, history, hits) == (UNITS, UNITS, UNITS)
        else:
            assert content == self.before
        return moment, "alla enheter" if found else "ingen enhet"

    def kill_publish(self):
        self.reset()
        moment = self.kill("script", PUBLISH, from_line="Skriver")
        content_of(self.database)
        versions = rows_of(
            self.database,
            "SELECT v.number, v.state, v.rendered <> '', (SELECT count(*) FROM "
            "guidance_pageversionevent e WHERE e.version_id = v.id AND e.action = 'published') "
            "FROM guidance_pageversion v JOIN guidance_page p ON p.id = v.page_id "
            "WHERE p.slug = 'prov-kill' ORDER BY v.number",
        )
        hits = rows_of(
            self.database, "SELECT title FROM search_searchentry WHERE title LIKE 'Utgåva %'"
        )
        published = [row for row in versions if row[1] == "approved"]
        # A draft is written before it is published, in a step of its own.
        assert all(row[1:] == ("draft", 0, 0) for row in versions[len(published) :])
        assert len(versions) - len(published) in (0, 1)
        assert all(row[2:] == (1, 1) for row in published)
        assert hits == ([(f"Utgåva {published[-1][0]}",)] if published else [])
        return moment, f"{len(published)} av 3 utgåvor, sökningen visar den sista"

    def kill_backup(self):
        self.reset()
        target = self.data / "made.zip"
        moment = self.kill("backup", str(target), from_line="Skriver databasens")
        if target.exists():
            read_whole(target, self.folder / "unpacked")
        assert content_of(self.database) == self.before
        return moment, "hel fil" if target.exists() else "ingen fil"

    def kill_restore(self):
        self.reset()
        self.change()
        changed = content_of(self.database)
        line = self.random.choice(["Gör tabeller", "Läser rader", "Jämför", "Byter ut"])
        moment = self.kill("restore", "--yes", str(self.backup), from_line=line)
        content = content_of(self.database)
        assert content in (changed, self.before), self.differences(content, changed)
        names = rows_of(self.database, "SELECT file FROM guidance_documentversion WHERE file <> ''")
        files = [self.data / "documents" / name for (name,) in names]
        assert [file.name for file in files if not file.is_file()] == []
        return moment, f"efter ”{line}”: " + ("det nya" if content == self.before else "det gamla")

    def kill_worker(self):
        """A gunicorn worker dies among readers who answer: what got its answer is stored."""
        self.reset()
        with portal({**self.environment, "PORTAL_BEHIND_PROXY": "1"}) as site:
            told = Crowd(site.url, 60)
            told.start(8)
            moment = self.random.uniform(0.05, 0.6)
            time.sleep(moment)
            children = subprocess.run(
                ["pgrep", "-P", str(site.pid)], capture_output=True, text=True, check=True
            ).stdout.split()
            subprocess.run(["kill", "-9", self.random.choice(children)], check=True)
            told.join()
            wait_for(lambda: ask(f"{site.url}/intyg/")[0] == 200, "a reader's page")
        content_of(self.database)
        stored = rows_of(self.database, "SELECT count(*) FROM guidance_feedback")[0][0]
        stored -= self.before["guidance_feedback"][0]
        assert told.taken <= stored <= told.sent, (told.taken, stored, told.sent)
        return moment, f"{told.taken} av {told.sent} svar bekräftade, {stored} sparade"


class Crowd:
    """Readers who answer ”Hjälpte sidan dig?” at the same time, each from an address of her own."""

    def __init__(self, site, number):
        self.site, self.left, self.taken, self.sent = site, number, 0, 0
        self.answers = []
        self.lock = threading.Lock()
        page = ask(f"{site}/aterkoppling/intyg/")[1]
        self.code = page.split('name="kod" value="')[1].split('"')[0]

    def start(self, threads):
        self.threads = [threading.Thread(target=self.answer) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join(PATIENCE * 5)

    def answer(self):
        fields = urllib.parse.urlencode({"svar": "ja", "kod": self.code}).encode()
        while True:
            with self.lock:
                if not self.left:
                    return
                self.left -= 1
                self.sent += 1
                number = self.sent
            sender = {"X-Forwarded-For": f"10.1.{number // 200}.{number % 200 + 1}"}
            status = post(f"{self.site}/aterkoppling/intyg/", fields, sender)
            with self.lock:
                self.answers.append(status)
                self.taken += status == TAKEN


def post(url, content, headers):
    """The status of an answer, not of where it leads; 0 when there was none."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE * 3)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    try:
        connection.request("POST", parts.path, content, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def read_whole(path, folder):
    with open_archive(path) as (archive, manifest):
        for table in manifest["tables"]:
            for _ in read_lines(archive, table):
                pass
        read_documents(archive, manifest, folder)


def main(number):
    documents = Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(sys.argv[2]), documents, folder, seed=20261123)
        done = 0
        kinds = sys.argv[4:] or SHARES
        for kind, share in SHARES.items():
            if kind not in kinds:
                continue
            for _ in range(max(1, round(share * number / 50))):
                moment, left = getattr(ground, f"kill_{kind}")()
                ground.chain_is_whole()
                done += 1
                when = "hann bli klar" if moment is None else f"dödad efter {moment:.2f} s"
                print(f"{done:3} {kind:8} {when:22} {left}", flush=True)
        print(f"{done} gånger: ingenting halvt, alla databaser och loggkedjor hela.", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
