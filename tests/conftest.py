"""The suite's ground: a database with the starting content, on a fixed day.

Every test starts from the demo region as it stands right after the first load, and what
it changes is rolled back. Browser tests run against a real server of their own instead
(tests/browser/conftest.py).
"""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

PACK = Path(__file__).parent.parent / "content" / "exempelland"
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
# An hour before, so that the last page of a slow load is public when a test begins.
LOADED = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Marks what asks for the database; the rest is kept from it by pytest-django, gets the
    same answer on whichever one is there, and is run on one of them (tests/run.sh)."""
    for item in items:
        if item.get_closest_marker("django_db") or "db" in item.fixturenames:
            item.add_marker("database")


@pytest.fixture(autouse=True)
def _fixed_day(request):
    """Monday 23 November 2026, nine in the morning in Sweden; a clock that ticks."""
    if request.node.get_closest_marker("browser"):
        yield None
        return
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    from portal.audit.triggers import drop
    from portal.packs.loader import load_pack
    from portal.search.index import rebuild

    with django_db_blocker.unblock(), time_machine.travel(LOADED, tick=True):
        load_pack(PACK, on=TODAY)
        rebuild()
        # A test that stores for good is cleaned up by emptying all tables.
        drop()


@pytest.fixture
def clock(_fixed_day):
    """Moves the test's clock: clock.move_to(datetime)."""
    return _fixed_day


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """with commit(): … does what follows a commit, which a test's own transaction never has."""

    def committing():
        # A commit would have emptied it.
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return committing
