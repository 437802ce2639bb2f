from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0004_move_permission")]

    operations = [
        migrations.AlterField(
            model_name="pageversionevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("saved", "sparad"),
                    ("submitted", "skickad för granskning"),
                    ("sent_back", "skickad tillbaka"),
                    ("published", "godkänd och publicerad"),
                    ("withdrawn", "avpublicerad"),
                    ("restored", "återställd som utkast"),
                    ("cancelled", "publiceringen inställd"),
                ],
                max_length=10,
                verbose_name="händelse",
            ),
        ),
        migrations.AlterField(
            model_name="redirect",
            name="old_path",
            field=models.CharField(
                help_text="Allt efter värdnamnet, till exempel /intyg/gammal-sida/ eller "
                "/default.aspx?id=31. En hel adress går också bra att klistra in.",
                max_length=200,
                unique=True,
                verbose_name="gammal adress",
            ),
        ),
    ]
