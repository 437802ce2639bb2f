from django.db import migrations


def make_end(apps, schema_editor):
    manager = apps.get_model("audit", "ChainEnd").objects.using(schema_editor.connection.alias)
    manager.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_log")]

    operations = [migrations.RunPython(make_end, migrations.RunPython.noop)]
