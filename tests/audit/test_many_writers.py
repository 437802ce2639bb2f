"""Several processes write at once, one is killed: one chain, and nothing without its entry."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import make_unit

ROOT = Path(__file__).parent.parent.parent
WRITER = """
import sys
from organisation.models import Unit
unit = Unit.objects.order_by("pk")[int(sys.argv[-1]) if sys.argv[-1].isdigit() else 0]
print("begun", flush=True)
for number in range({times}):
    unit.name = f"Namn {{number}}"
    unit.save()
"""
COUNT = """
from organisation.models import Unit
from portal.audit.models import Entry, Link
print(Unit.history.filter(name__startswith="Namn ").count(),
      Entry.objects.filter(model="organisation.unit", fields=["name"]).count(),
      Link.objects.filter(entry__model="organisation.unit", entry__fields=["name"]).count())
"""


@pytest.fixture
def environment(db, tmp_path):
    """A copy of the suite's database in a file, for processes of their own."""
    if connection.vendor != "sqlite":
        pytest.skip("the suite's PostgreSQL database cannot be copied while it is in use")
    file = tmp_path / "portal.sqlite3"
    make_unit()
    connection.ensure_connection()
    with sqlite3.connect(file) as copy:
        connection.connection.backup(copy)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_SECRET_KEY": "only-for-the-test-of-writers",
        "PORTAL_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{file}",
    }


def started(environment, code):
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(environment, *command):
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def test_four_at_once_and_one_killed_keep_one_chain(environment):
    writers = [started(environment, WRITER.format(times=40)) for _ in range(3)]
    killed = started(environment, WRITER.format(times=100_000))
    assert killed.stdout.readline() == "begun\n"
    for each in writers:
        each.communicate(timeout=200)
        assert each.returncode == 0
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    answer(environment, "seal_audit")

    stored, noted, linked = map(int, answer(environment, "shell", "-v", "0", "-c", COUNT).split())
    # A save outside a transaction is stored a moment before its entry.
    assert stored >= 120
    assert stored - noted in {0, 1}
    assert noted == linked
    assert "Granskningsloggen är hel." in answer(environment, "verify_audit")
