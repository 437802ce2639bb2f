from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0016_words_for_confirmation")]

    operations = [
        migrations.AddField(
            model_name="pageversion",
            name="faults",
            field=models.PositiveSmallIntegerField(
                default=0,
                editable=False,
                help_text="När texten senast kontrollerades: vid publicering, av check_content "
                "eller med ”Kontrollera texten”.",
                verbose_name="fel i texten",
            ),
        ),
    ]
