from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0013_public_versions")]

    operations = [
        migrations.AddField(
            model_name="pageversion",
            name="preview_key",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Länkar som är delade gäller så länge den är densamma.",
                max_length=22,
                verbose_name="nyckel till delad förhandsvisning",
            ),
        ),
    ]
