from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0008_consent_any_purpose")]

    operations = [
        migrations.AddField(
            "processstep",
            "certificates",
            models.ManyToManyField(
                blank=True,
                related_name="steps",
                to="guidance.certificate",
                verbose_name="intyg",
            ),
        ),
    ]
