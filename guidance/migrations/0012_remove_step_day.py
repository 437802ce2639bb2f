from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("guidance", "0011_fill_step_days")]

    operations = [migrations.RemoveField("processstep", "day")]
