"""The index is made of what is public and holds nothing of its own: the rows change shape
next, and `rebuild_search` (a step of every upgrade) fills it again."""

from django.db import migrations


def empty(apps, schema_editor):
    for name in ("SearchPosting", "SearchEntry", "SearchTerm"):
        apps.get_model("search", name).objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(empty, migrations.RunPython.noop),
    ]
