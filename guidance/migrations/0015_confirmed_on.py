from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0014_preview_key")]

    operations = [
        migrations.AddField(
            model_name="pageversion",
            name="confirmed_on",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="När någon senast har läst den publicerade texten och funnit att den "
                "gäller.",
                null=True,
                verbose_name="bekräftad oförändrad",
            ),
        ),
    ]
