"""Django's migrate, one at a time: when two machines are upgraded at once, the second waits and
then finds nothing left to do."""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from django.core.management.commands import migrate
from django.db import connections

# Any number that nobody else asks PostgreSQL for.
LOCK = 5_217_344_002


class Command(migrate.Command):
    def handle(self, *args, **options):
        with turn_of(options["database"]):
            return super().handle(*args, **options)


@contextmanager
def turn_of(alias):
    """Waits until nobody else migrates the database. A process that dies lets go."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock(%s, hashtext(current_schema()))", [LOCK % 2**31]
            )
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_all()")
        return
    database = Path(str(connection.settings_dict["NAME"]))
    if not database.is_absolute() or not database.parent.is_dir():
        yield
        return
    descriptor = os.open(
        database.with_name(f".{database.name}.migrating"), os.O_RDWR | os.O_CREAT, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
