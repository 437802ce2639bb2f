import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.utils import ConnectionHandler


@pytest.fixture
def editor(client):
    """A signed-in superuser's client."""
    client.user = get_user_model().objects.create_superuser("chef@example.org", "x")
    client.force_login(client.user)
    return client


@pytest.fixture
def broken_database(db, tmp_path):
    """A connection to a database that cannot be opened, in place of the suite's."""
    whole = connections["default"]
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "borta" / "portal.sqlite3",
    }
    connections["default"] = ConnectionHandler({"default": database})["default"]
    yield
    connections["default"] = whole
