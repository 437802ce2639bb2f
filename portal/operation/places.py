"""Where a backup is unpacked, beside the database that readers meet, and how it takes its place.

SQLite: a file of its own; PostgreSQL: a schema of its own in the same database. The place is
whole and compared before anything of the database is touched, and then goes in as one transaction:
whoever is cut off half-way leaves the database as it was.
"""

import fcntl
import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from .archive import BackupRefused
from .rows import extra_connection, give_no_number_twice, in_place_of_default, name_of

SIDE = "restoring"
SCHEMA = "portal_restoring"
# Any number that nobody else asks PostgreSQL for.
LOCK = 5_217_344_001
BUSY = "En annan återläsning eller provning pågår. Vänta tills den är klar."


@contextmanager
def place_beside(alias="default"):
    """The alias of an empty database beside another; one at a time."""
    make = sqlite_file if connections[alias].vendor == "sqlite" else postgresql_schema
    with make(alias) as side:
        yield side


@contextmanager
def sqlite_file(alias):
    database = Path(name_of(alias))
    # A database in memory (tests) has no folder.
    folder = database.parent if database.is_absolute() else Path(tempfile.gettempdir())
    side = folder / f"{database.name}.{SIDE}" if database.is_absolute() else None
    with only_one(folder / f".{SIDE}.lock"):
        side = side or Path(tempfile.mkdtemp()) / SIDE
        remove_sqlite(side)
        options = {**connections[alias].settings_dict, "NAME": str(side), "TEST": {}}
        try:
            with extra_connection(SIDE, options):
                yield SIDE
        finally:
            remove_sqlite(side)


@contextmanager
def only_one(path):
    """Holds a file's lock, which the system lets go when a process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(BUSY) from None
        yield
    finally:
        os.close(descriptor)


def remove_sqlite(path):
    for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        Path(name).unlink(missing_ok=True)


@contextmanager
def postgresql_schema(alias):
    options = {**connections[alias].settings_dict}
    given = options["OPTIONS"].get("options", "")
    path = {"options": f"{given} -c search_path={SCHEMA}".strip()}
    options["OPTIONS"] = {**options["OPTIONS"], **path}
    same = connections[alias].settings_dict
    with (
        extra_connection(f"{SIDE}_lock", same) as keeper,
        connections[keeper].cursor() as cursor,
    ):
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise BackupRefused(BUSY)
        drop_schema(cursor)
        try:
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        except DatabaseError:
            raise BackupRefused(
                "Databasanvändaren får inte skapa ett schema att läsa in i. Ge rättigheten "
                "CREATE på databasen, eller läs in i en annan databas med --to."
            ) from None
        try:
            with extra_connection(SIDE, options):
                yield SIDE
        finally:
            drop_schema(cursor)


def drop_schema(cursor):
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


# -- taking the place -----------------------------------------------------------------------


def take_the_place(side, alias, given):
    """Puts what is beside into the database, all of it or nothing.

    given  the last number of each table, {"accounts.user": 17}
    """
    if connections[alias].vendor == "sqlite":
        copy_sqlite(side, alias)
    else:
        with transaction.atomic(using=alias):
            copy_postgresql(side, alias)
            own = apps.get_models(include_auto_created=True)
            own = [model for model in own if model._meta.managed and not model._meta.proxy]
            give_no_number_twice(own, alias, given)


def copy_sqlite(side, alias):
    """SQLite's own backup, the other way: one write transaction, so that readers with the file
    open see the old content until they see the new."""
    connections[side].ensure_connection()
    connections[alias].ensure_connection()
    source, target = connections[side].connection, connections[alias].connection
    target.execute("PRAGMA busy_timeout = 60000")
    try:
        source.backup(target, pages=-1)
    except sqlite3.OperationalError as fault:
        raise BackupRefused(
            f"Databasen kunde inte ersättas och är som den var ({fault}). Försök igen, helst när "
            "ingen skriver."
        ) from None
    connections[alias].close()


def copy_postgresql(side, alias):
    """All tables emptied and filled in one transaction: grants and whatever else the region has
    put on its tables stay. Triggers of our own rest meanwhile, since the rows have met them."""
    tables = columns_of(side)
    missing = set(tables) - set(columns_of(alias))
    if missing:
        raise BackupRefused("Databasen har inte alla tabeller. Kör manage.py migrate först.")
    quote = connections[alias].ops.quote_name
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        own = quote(cursor.fetchone()[0])
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        names = {table: f"{own}.{quote(table)}" for table in tables}
        cursor.execute(f"LOCK TABLE {', '.join(names.values())} IN ACCESS EXCLUSIVE MODE")
        for name in names.values():
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(names.values())}")
        for table, columns in tables.items():
            listed = ", ".join(quote(column) for column in columns)
            cursor.execute(
                f"INSERT INTO {names[table]} ({listed}) OVERRIDING SYSTEM VALUE "  # noqa: S608 (names from the catalogue, quoted)
                f"SELECT {listed} FROM {SCHEMA}.{quote(table)}"
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names.values():
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def columns_of(alias) -> dict[str, list[str]]:
    """Every table of the connection's schema with its columns, also such as Django never sees."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace "
            "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
            "ORDER BY c.relname, a.attnum"
        )
        tables = {}
        for table, column in cursor.fetchall():
            tables.setdefault(table, []).append(column)
    return tables


def make_ready(alias):
    """A database that is new gets its tables first; one that waits for migrations is refused."""
    connection = connections[alias]
    is_new = "django_migrations" not in connection.introspection.table_names()
    if is_new and connection.vendor == "postgresql":
        with in_place_of_default(alias):
            call_command("migrate", database=alias, verbosity=0)
            call_command("createcachetable", database=alias, verbosity=0)
    elif not is_new and waits_for_migrations(connection):
        raise BackupRefused("Databasen väntar på migreringar. Kör manage.py migrate först.")


def waits_for_migrations(connection):
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
