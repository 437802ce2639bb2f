from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0012_remove_step_day")]

    operations = [
        migrations.AlterModelOptions(
            name="pageversion",
            options={
                "ordering": ["page", "-number"],
                "permissions": [
                    ("submit_pageversion", "Får skicka sidor för granskning"),
                    ("approve_pageversion", "Får godkänna och skicka tillbaka sidor"),
                    ("publish_pageversion", "Får publicera sidor"),
                    ("withdraw_pageversion", "Får avpublicera sidor"),
                    ("suppress_pageversion", "Får dölja tidigare versioner för läsaren"),
                ],
                "verbose_name": "sidversion",
                "verbose_name_plural": "sidversioner",
            },
        ),
        migrations.AddField(
            model_name="pageversion",
            name="suppressed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="dold i historiken"),
        ),
        migrations.AddField(
            model_name="pageversion",
            name="suppress_reason",
            field=models.CharField(
                blank=True,
                help_text="Läsaren ser det i stället för texten.",
                max_length=300,
                verbose_name="varför den är dold",
            ),
        ),
        migrations.AddConstraint(
            model_name="pageversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("suppressed_at", None),
                    models.Q(("suppress_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="page_version_suppressed_has_reason",
                violation_error_message="Skriv varför versionen är dold.",
            ),
        ),
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
                    ("suppressed", "dold i historiken"),
                    ("revealed", "visas i historiken igen"),
                ],
                max_length=10,
                verbose_name="händelse",
            ),
        ),
    ]
