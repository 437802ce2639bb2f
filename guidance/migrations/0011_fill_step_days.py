from django.db import migrations


def day_into_days(apps, schema_editor):
    for step in apps.get_model("guidance", "ProcessStep").objects.exclude(day=None):
        step.days = [step.day]
        step.save(update_fields=["days"])


def first_of_days(apps, schema_editor):
    for step in apps.get_model("guidance", "ProcessStep").objects.exclude(days=[]):
        step.day = step.days[0]
        step.save(update_fields=["day"])


class Migration(migrations.Migration):
    dependencies = [("guidance", "0010_step_days")]

    operations = [migrations.RunPython(day_into_days, first_of_days)]
