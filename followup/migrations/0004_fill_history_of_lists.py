"""What history did not follow before counts as it was when the row's history began.

Without this an older version would seem to have had no choices and no rows at all.
"""

from django.db import migrations

# The row with history, its list, and the two references of the list's own table.
CHOICES = [
    ("Indicator", "comparison_kinds", "indicator_id", "unitkind_id"),
    ("Indicator", "pages", "indicator_id", "page_id"),
]


def fill_choices(apps, schema_editor):
    for owner, name, own, other in CHOICES:
        model = apps.get_model("followup", owner)
        records = apps.get_model("followup", f"Historical{owner}").objects.exclude(history_type="-")
        kept = apps.get_model("followup", f"Historical{owner}_{name}")
        chosen = {}
        for row in model._meta.get_field(name).remote_field.through.objects.all():
            chosen.setdefault(getattr(row, own), []).append(row)
        for record in records.iterator():
            kept.objects.bulk_create(
                kept(
                    history=record,
                    id=row.pk,
                    **{own: record.id, other: getattr(row, other)},
                )
                for row in chosen.get(record.id, [])
            )


class Migration(migrations.Migration):
    dependencies = [("followup", "0003_history_of_lists")]

    operations = [
        migrations.RunPython(fill_choices, migrations.RunPython.noop),
    ]
