"""A database's rows out and in, the same in SQLite and PostgreSQL.

Rows are read and written as the models were when the migrations had come as far as the database
has (or a backup had), so that a backup from before an upgrade goes in after it.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.migrations.loader import MigrationLoader

from portal.web.batches import batched

from .archive import BackupRefused

# Who is signed in where: worthless later, and a sign-out must not be undone.
LEFT_OUT = {"sessions.session", "usersessions.usersession"}
AT_A_TIME = 500


@contextmanager
def one_moment(alias="default"):
    """The alias of a connection that sees the database as it is now, while others write on."""
    moment = f"{alias}_moment"
    options = {**settings.DATABASES[alias]} if alias in settings.DATABASES else {}
    options = {**connections[alias].settings_dict, **options, "NAME": name_of(alias)}
    if connections[alias].vendor == "sqlite":
        # The usual IMMEDIATE would make everybody who writes wait.
        options["OPTIONS"] = {**options["OPTIONS"], "transaction_mode": "DEFERRED"}
    else:
        from psycopg import IsolationLevel

        isolation = {"isolation_level": IsolationLevel.REPEATABLE_READ}
        options["OPTIONS"] = {**options["OPTIONS"], **isolation}
    with extra_connection(moment, options), transaction.atomic(using=moment):
        yield moment


def name_of(alias):
    return connections[alias].settings_dict["NAME"]


@contextmanager
def extra_connection(alias, options):
    """A connection that settings do not know, closed and forgotten afterwards."""
    connections.databases[alias] = {**options, "CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]


@contextmanager
def in_place_of_default(alias):
    """Whoever asks for the usual database meets this one instead, as older migrations do that
    fill tables without saying where."""
    usual = connections["default"]
    connections["default"] = connections[alias]
    try:
        yield
    finally:
        connections["default"] = usual


# -- which models ---------------------------------------------------------------------------


def applied_migrations(alias) -> list[tuple[str, str]]:
    return sorted(MigrationLoader(connections[alias]).applied_migrations)


def last_of_each_app(loader, migrations) -> list[tuple[str, str]]:
    """Those that no other of the same app builds on: where `migrate` shall go."""
    chosen = set(migrations)
    return [
        node
        for node in migrations
        if not any(
            child.key in chosen and child.key[0] == node[0]
            for child in loader.graph.node_map[node].children
        )
    ]


def known_loader(alias, migrations):
    """A loader that knows all of the migrations; refuses those of a later version."""
    loader = MigrationLoader(connections[alias])
    if unknown := [node for node in migrations if node not in loader.graph.nodes]:
        app, name = unknown[0]
        raise BackupRefused(
            f"Säkerhetskopian kommer från en nyare version av portalen än den här (migreringen "
            f"{app}.{name} är okänd). Installera samma version eller en senare, och försök igen."
        )
    return loader


def models_after(loader, migrations):
    """The models as they were after these migrations: those that others point to come first."""
    state = loader.project_state([*migrations], at_end=True)
    found = [
        model
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    return in_order(sorted(found, key=lambda model: model._meta.label_lower))


def in_order(found):
    done, ordered = set(), []

    def visit(model):
        if model not in done:
            done.add(model)
            for field in model._meta.local_concrete_fields:
                if field.is_relation and field.remote_field.model in found:
                    visit(field.remote_field.model)
            ordered.append(model)

    for model in found:
        visit(model)
    return ordered


def fields_of(model):
    return [field for field in model._meta.local_concrete_fields if not field.generated]


# -- out ------------------------------------------------------------------------------------


def written(value):
    """What JSON has no words for; `read` of the field's type takes it back."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to a backup")


def lines_of(model, alias) -> Iterator[bytes]:
    """A table's rows in the order of their keys, each as a line of JSON."""
    names = [field.attname for field in fields_of(model)]
    rows = model._base_manager.using(alias).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=AT_A_TIME):
        text = json.dumps(row, default=written, ensure_ascii=False, separators=(",", ":"))
        yield text.encode("utf-8", "surrogatepass") + b"\n"


def measured(model, alias) -> dict:
    """The same counts as archive.write_lines gives, without writing."""
    digest, rows, size = hashlib.sha256(), 0, 0
    for line in lines_of(model, alias):
        digest.update(line)
        rows += 1
        size += len(line)
    return {"rows": rows, "bytes": size, "sha256": digest.hexdigest()}


def document_names(model, alias) -> set[str]:
    """The files that a table's rows name."""
    names = set()
    for field in fields_of(model):
        if isinstance(field, models.FileField):
            found = model._base_manager.using(alias).exclude(**{field.attname: ""})
            names |= set(found.values_list(field.attname, flat=True))
    return names - {None}


# -- numbers that have been given -----------------------------------------------------------


def numbered(model):
    """The column that counts by itself, if a table has one."""
    key = model._meta.pk
    return key.column if isinstance(key, models.AutoField) else None


def last_ids(found, alias) -> dict[str, int]:
    """{"accounts.user": 17}: the last number that each table has given, also to rows that are
    gone. History knows erased accounts by their number, so it must never be given again."""
    connection, given = connections[alias], {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            by_table = dict(cursor.fetchall())
            given = {m._meta.label_lower: by_table.get(m._meta.db_table, 0) for m in found}
        else:
            for model in found:
                if column := numbered(model):
                    cursor.execute(
                        "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                        [f'"{model._meta.db_table}"', column],
                    )
                    given[model._meta.label_lower] = cursor.fetchone()[0] or 0
    return {label: last for label, last in given.items() if last}


def give_no_number_twice(found, alias, given):
    connection = connections[alias]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)
        for model in found:
            last = given.get(model._meta.label_lower, 0)
            if not last or not numbered(model):
                continue
            table = model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
                row = cursor.fetchone()
                if row is None:
                    cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, last])
                elif row[0] < last:
                    cursor.execute(
                        "UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table]
                    )
            else:
                cursor.execute(
                    "SELECT setval(sequence, greatest(%s, coalesce("
                    "pg_sequence_last_value(sequence), 1))) "
                    "FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence) AS own",
                    [last, f'"{table}"', numbered(model)],
                )


# -- in -------------------------------------------------------------------------------------


def value_for(field, value):
    """A value of JSON as the field's own: "2026-11-23" → a date."""
    if value is None or isinstance(field, models.JSONField):
        return value
    if field.is_relation:
        return value_for(field.target_field, value)
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value, validate=True)
    if isinstance(field, models.DurationField):
        return timedelta(microseconds=value)
    return field.to_python(value)


def empty(found, alias):
    """Takes away the rows that migrations have made."""
    with connections[alias].cursor() as cursor:
        for model in reversed(found):
            cursor.execute(f"DELETE FROM {connections[alias].ops.quote_name(model._meta.db_table)}")  # noqa: S608 (a table's own name)


def load(model, alias, names: list[str], rows: Iterable[list]):
    """Writes rows as they are: nothing is counted up, dated or validated anew."""
    connection = connections[alias]
    quote = connection.ops.quote_name
    fields = {field.attname: field for field in fields_of(model)}
    if sorted(fields) != sorted(names):
        raise BackupRefused(f"Filen är skadad: {model._meta.label_lower} har fel kolumner.")
    chosen = [fields[name] for name in names]
    columns = ", ".join(quote(field.column) for field in chosen)
    places = ", ".join(["%s"] * len(chosen))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 (names of the model's own)
    with connection.cursor() as cursor:
        for some in batched(rows, AT_A_TIME):
            cursor.executemany(statement, [prepared(row, chosen, connection) for row in some])


def prepared(row, fields, connection):
    try:
        return [
            field.get_db_prep_save(value_for(field, value), connection)
            for field, value in zip(fields, row, strict=True)
        ]
    except (ValueError, TypeError, OverflowError, ValidationError):
        label = fields[0].model._meta.label_lower
        raise BackupRefused(f"Filen är skadad: {label} har en rad med fel slags värden.") from None
