import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "0002_page_editing")]

    operations = [
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="tidigare adressnamn")),
                (
                    "replaced_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="bytt"),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_slugs",
                        to="guidance.page",
                        verbose_name="leder till",
                    ),
                ),
            ],
            options={
                "verbose_name": "tidigare adressnamn",
                "verbose_name_plural": "tidigare adressnamn",
                "ordering": ["slug"],
            },
        ),
    ]
