"""From here a role with a single seat has one row at a time at a unit; see organisation.seats.

On SQLite the triggers are made when all migrations have run.
"""

from django.db import migrations

from organisation import seats

TAKEN_TWICE = """
SELECT one.id, other.id FROM organisation_appointment one
JOIN organisation_appointment other ON one.id < other.id
    AND one.unit_id = other.unit_id AND one.role_id = other.role_id
    AND (one.valid_from IS NULL OR other.valid_to IS NULL OR one.valid_from < other.valid_to)
    AND (other.valid_from IS NULL OR one.valid_to IS NULL OR other.valid_from < one.valid_to)
JOIN organisation_role role ON role.id = one.role_id
WHERE role.single_seat AND NOT one.acting AND NOT other.acting
ORDER BY one.id, other.id
"""


def refuse_doubled(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TAKEN_TWICE)
        pairs = cursor.fetchall()
    if pairs:
        listed = ", ".join(f"{one} och {other}" for one, other in pairs[:20])
        raise RuntimeError(
            f"Uppdrag i roller med en innehavare i taget gäller samtidigt ({len(pairs)} par, "
            f"radnummer {listed}). Avsluta ett av dem i varje par och kör migrate igen."
        )


def run(sql):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return on_postgresql


class Migration(migrations.Migration):
    dependencies = [("organisation", "0005_names_out_of_time")]

    operations = [
        migrations.RunPython(refuse_doubled, migrations.RunPython.noop),
        migrations.RunPython(run(seats.POSTGRESQL_HOLD), run(seats.POSTGRESQL_LET_GO)),
    ]
