"""Rows of the log are added and never changed or removed: the database itself refuses.

Values may be erased, never changed. As in organisation.seats, SQLite's triggers are dropped
before a migration that may rebuild their tables, and made again after it; PostgreSQL's are made
at the same time, so that there is one way. Who owns the tables can drop triggers: against that
stands the chain with its signed checkpoints.
"""

from django.db import connections

REFUSAL = "granskningsloggen ändras inte"
# {table: what is refused}
GUARDED = {
    "audit_entry": ("UPDATE", "DELETE"),
    "audit_link": ("UPDATE", "DELETE"),
    "audit_checkpoint": ("UPDATE", "DELETE"),
    "audit_values": ("UPDATE",),
}


def hold(using, **kwargs):
    connection = connections[using]
    if not set(GUARDED) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def let_go(using, plan=(), **kwargs):
    """SQLite only: PostgreSQL changes tables without rebuilding them."""
    if connections[using].vendor == "sqlite" and plan:
        drop(using)


def drop(using="default"):
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in tables & set(GUARDED):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            for verb in (*GUARDED[table], "TRUNCATE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, verb)}{on}")


def _name(table, verb):
    return f"{table}_no_{verb.lower()}"


def _statements(vendor):
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    for table, verbs in GUARDED.items():
        for verb in verbs:
            name = _name(table, verb)
            if vendor == "postgresql":
                yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
                yield (
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
                )
            else:
                yield (
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        if vendor == "postgresql":
            name = _name(table, "TRUNCATE")
            yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
            yield (
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
