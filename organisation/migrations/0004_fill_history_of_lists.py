"""What history did not follow before counts as it was when the row's history began.

Without this an older version would seem to have had no choices and no rows at all.
"""

from django.db import migrations

# The row with history, its list, and the two references of the list's own table.
CHOICES = [
    ("Role", "required_kinds", "role_id", "unitkind_id"),
]


def fill_choices(apps, schema_editor):
    for owner, name, own, other in CHOICES:
        model = apps.get_model("organisation", owner)
        records = apps.get_model("organisation", f"Historical{owner}").objects.exclude(history_type="-")
        kept = apps.get_model("organisation", f"Historical{owner}_{name}")
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


def fill_rows(apps, schema_editor):
    """A first record of each row, at the moment when its owner's history begins."""
    model = apps.get_model("organisation", "Responsibility")
    history = apps.get_model("organisation", "HistoricalResponsibility")
    owners = apps.get_model("organisation", "HistoricalRole").objects.order_by("-history_date")
    began = dict(owners.values_list("id", "history_date"))
    names = [field.attname for field in model._meta.concrete_fields]
    for row in model.objects.filter(role__in=began).iterator():
        history.objects.create(
            history_date=began[row.role_id],
            history_type="+",
            **{name: getattr(row, name) for name in names},
        )


class Migration(migrations.Migration):
    dependencies = [("organisation", "0003_history_of_lists")]

    operations = [
        migrations.RunPython(fill_choices, migrations.RunPython.noop),
        migrations.RunPython(fill_rows, migrations.RunPython.noop),
    ]
