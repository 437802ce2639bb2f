from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0015_confirmed_on")]

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
                    ("confirmed", "bekräftad oförändrad"),
                ],
                max_length=10,
                verbose_name="händelse",
            ),
        ),
    ]
