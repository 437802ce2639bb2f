"""A role with a single seat has one row at a time at a unit, held by the database itself.

PostgreSQL has an exclusion constraint. Whether the seat is single stands on the role, so a
trigger copies it to a column of the table's own (which Django never sees) while the role's
row is locked for sharing; when the role changes, its appointments are told and the constraint
looks at them again. Two transactions at once therefore never both pass.

SQLite has triggers that look the role up; it has one writer at a time. Django rebuilds a table
there to change it, which drops triggers and stops at those that point at a table being
rebuilt: they are dropped before a migration and made again after it (organisation.apps).
"""

from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction

CONSTRAINT = "organisation_appointment_one_in_the_seat"
MOST_NAMED = 10

# -- SQLite ---------------------------------------------------------------------------------

_FAR = "'9999-12-31'"
_OVERLAP = f"""
    one.acting = 0 AND one.unit_id = other.unit_id AND one.role_id = other.role_id
    AND COALESCE(one.valid_from, '') < COALESCE(other.valid_to, {_FAR})
    AND COALESCE(other.valid_from, '') < COALESCE(one.valid_to, {_FAR})
"""
_TAKEN = f"""
WHEN NEW.acting = 0
    AND EXISTS (SELECT 1 FROM organisation_role WHERE id = NEW.role_id AND single_seat)
    AND EXISTS (
        SELECT 1 FROM organisation_appointment one
        WHERE one.id <> NEW.id AND {_OVERLAP.replace("other.", "NEW.")}
    )
BEGIN SELECT RAISE(ABORT, '{CONSTRAINT}'); END
"""  # noqa: S608 (constants of this module; the same below)
SQLITE_TRIGGERS = {
    # After an insert, since a new row has its number only then.
    "organisation_seat_insert": f"AFTER INSERT ON organisation_appointment {_TAKEN}",
    "organisation_seat_update": f"AFTER UPDATE ON organisation_appointment {_TAKEN}",
    "organisation_seat_role": f"""
AFTER UPDATE OF single_seat ON organisation_role
WHEN NEW.single_seat AND EXISTS (
    SELECT 1 FROM organisation_appointment one JOIN organisation_appointment other
        ON one.id < other.id AND other.acting = 0 AND {_OVERLAP}
    WHERE one.role_id = NEW.id
)
BEGIN SELECT RAISE(ABORT, '{CONSTRAINT}'); END
""",  # noqa: S608
}


def hold(using, **kwargs):
    """Makes SQLite's triggers, after a migration."""
    connection = connections[using]
    if connection.vendor == "sqlite" and _has_tables(connection):
        with connection.cursor() as cursor:
            for name, rest in SQLITE_TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {rest}")


def let_go(using, plan=(), **kwargs):
    """Drops SQLite's triggers, before a migration that may rebuild their tables."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in SQLITE_TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _has_tables(connection):
    wanted = {"organisation_appointment", "organisation_role"}
    return wanted <= set(connection.introspection.table_names())


# -- PostgreSQL -----------------------------------------------------------------------------

# Ranges of one number each, so that no extension is needed to compare numbers in a gist index.
POSTGRESQL_HOLD = f"""
ALTER TABLE organisation_appointment ADD COLUMN seat_is_single boolean NOT NULL DEFAULT false;
UPDATE organisation_appointment SET seat_is_single = true
    WHERE role_id IN (SELECT id FROM organisation_role WHERE single_seat);
ALTER TABLE organisation_appointment ADD CONSTRAINT {CONSTRAINT} EXCLUDE USING gist (
    int8range(unit_id, unit_id, '[]') WITH &&,
    int8range(role_id, role_id, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
) WHERE (seat_is_single AND NOT acting);
CREATE FUNCTION organisation_seat_of_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT single_seat INTO NEW.seat_is_single FROM organisation_role
        WHERE id = NEW.role_id FOR SHARE;
    NEW.seat_is_single := COALESCE(NEW.seat_is_single, false);
    RETURN NEW;
END $$;
CREATE TRIGGER organisation_seat_of_role BEFORE INSERT OR UPDATE ON organisation_appointment
    FOR EACH ROW EXECUTE FUNCTION organisation_seat_of_role();
CREATE FUNCTION organisation_role_tells_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organisation_appointment SET seat_is_single = NEW.single_seat WHERE role_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER organisation_role_tells_seats AFTER UPDATE OF single_seat ON organisation_role
    FOR EACH ROW WHEN (OLD.single_seat IS DISTINCT FROM NEW.single_seat)
    EXECUTE FUNCTION organisation_role_tells_seats();
"""  # noqa: S608
POSTGRESQL_LET_GO = f"""
DROP TRIGGER organisation_role_tells_seats ON organisation_role;
DROP FUNCTION organisation_role_tells_seats();
DROP TRIGGER organisation_seat_of_role ON organisation_appointment;
DROP FUNCTION organisation_seat_of_role();
ALTER TABLE organisation_appointment DROP CONSTRAINT {CONSTRAINT};
ALTER TABLE organisation_appointment DROP COLUMN seat_is_single;
"""

# -- in words -------------------------------------------------------------------------------


def is_seat_fault(fault: IntegrityError) -> bool:
    """Whether the database refused a row because the seat is taken."""
    return CONSTRAINT in str(fault)


@contextmanager
def explained(appointment):
    """Stores within; what the database refuses because another was first is told in Swedish.

    Raises ValidationError in the words of the model's own check, naming the row in the way.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if not is_seat_fault(fault):
            raise
        appointment.clean()
        # The other one is gone again, between the refusal and the question.
        raise ValidationError("Någon annan sparade samtidigt. Försök igen.") from fault


def doubled(role_id: int) -> list:
    """Rows of a role that share a day with a later one at the same unit: [(row, other)]."""
    model = apps.get_model("organisation", "Appointment")
    rows = model.objects.filter(role=role_id, acting=False).select_related("unit", "person")
    rows = sorted(rows, key=lambda row: (row.unit_id, row.valid_from is not None, row.valid_from))
    found, longest = [], None
    for row in rows:
        same = longest is not None and longest.unit_id == row.unit_id
        if same and (
            longest.valid_to is None or row.valid_from is None or row.valid_from < longest.valid_to
        ):
            found.append((longest, row))
        if not same or (
            longest.valid_to is not None
            and (row.valid_to is None or row.valid_to > longest.valid_to)
        ):
            longest = row
    return found


def told(pairs) -> list[str]:
    """Why a role cannot get a single seat: a line for each pair that has it at once."""
    lines = ["Flera har rollen samtidigt. Avsluta eller flytta perioderna först:"]
    for one, other in pairs[:MOST_NAMED]:
        names = " och ".join(
            f"{row.holder or row.get_state_display()} ({row.period_in_words})"
            for row in (one, other)
        )
        lines.append(f"{one.unit}: {names}.")
    if (more := len(pairs) - MOST_NAMED) > 0:
        lines.append(f"och {more} till.")
    return lines
