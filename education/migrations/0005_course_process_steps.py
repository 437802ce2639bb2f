from django.db import migrations

import guidance.step_links


def field():
    return guidance.step_links.StepsField(
        blank=True,
        default=list,
        help_text="Visas vid stegen under ”Vem gör vad”.",
        verbose_name="hör till processtegen",
    )


class Migration(migrations.Migration):
    dependencies = [("education", "0004_fill_history_of_lists")]

    operations = [
        migrations.AddField("course", "process_steps", field()),
        migrations.AddField("historicalcourse", "process_steps", field()),
    ]
