from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guidance", "0032_fill_passages"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="pageversion",
            index=models.Index(fields=["publish_at"], name="page_version_begins"),
        ),
        migrations.AddIndex(
            model_name="pageversion",
            index=models.Index(
                condition=models.Q(("expire_at__isnull", False)),
                fields=["expire_at"],
                name="page_version_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="pageversion",
            index=models.Index(
                condition=models.Q(("is_major", True)),
                fields=["publish_at"],
                name="page_version_announced",
            ),
        ),
    ]
