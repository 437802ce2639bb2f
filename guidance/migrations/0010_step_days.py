from django.db import migrations, models

import guidance.models.steps


class Migration(migrations.Migration):
    dependencies = [("guidance", "0009_step_certificates")]

    operations = [
        migrations.AddField(
            "processstep",
            "days",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Dagar då steget ska göras eller vara gjort, till exempel 8, 15.",
                validators=[guidance.models.steps.check_days],
                verbose_name="dagar i sjukperioden",
            ),
        ),
        migrations.AlterField(
            "page",
            "register",
            models.CharField(
                blank=True,
                choices=[
                    ("access_guides", "behörigheter"),
                    ("actors", "samverkansaktörer"),
                    ("agreements", "överenskommelser"),
                    ("certificates", "intyg"),
                    ("consent_rules", "samtyckesregler"),
                    ("contact_functions", "kontaktfunktioner"),
                    ("decisions", "beslut"),
                    ("documents", "dokument"),
                    ("forums", "forum"),
                    ("glossary", "ordlista"),
                    ("key_figures", "nyckeltal"),
                    ("laws", "lagar och regler"),
                    ("process", "processens steg och roller"),
                    ("reviews", "granskningsläge"),
                    ("structure", "organisationens nivåer"),
                    ("timeline", "tidslinje med datum"),
                    ("yearly_tasks", "årshjul"),
                ],
                max_length=20,
                verbose_name="lista som visas",
            ),
        ),
    ]
