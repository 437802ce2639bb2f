import shutil
import sqlite3

import pytest
from django.core.files.storage import storages
from django.db import connections

from .servers import clean_environment


@pytest.fixture(scope="session")
def whole_database(django_db_setup, django_db_blocker, tmp_path_factory):
    """The suite's database with the demo region, as a file.

    A test that asks for it is marked django_db, and so comes before the browser's: a worker
    whose browser runs has no way into the database.
    """
    with django_db_blocker.unblock():
        suite = connections["default"]
        if suite.vendor != "sqlite":
            pytest.skip("processer med egen SQLite-fil provas i den delen av sviten")
        path = tmp_path_factory.mktemp("whole") / "portal.sqlite3"
        suite.ensure_connection()
        copy = sqlite3.connect(path)
        suite.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")
        copy.close()
    return path


@pytest.fixture
def environment(whole_database, tmp_path):
    """A portal of its own in a folder of its own, for processes."""
    (tmp_path / "portal.sqlite3").write_bytes(whole_database.read_bytes())
    shutil.copytree(storages["documents"].location, tmp_path / "documents")
    return clean_environment(
        PORTAL_DATA_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="tests.faults.settings"
    )
