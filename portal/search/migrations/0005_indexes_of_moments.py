from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0004_best_bets_and_missed_queries"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["visible_from"], name="search_entry_begins"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                condition=models.Q(("visible_until__isnull", False)),
                fields=["visible_until"],
                name="search_entry_ends",
            ),
        ),
    ]
