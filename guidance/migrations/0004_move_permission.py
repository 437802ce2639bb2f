from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("guidance", "0003_former_slug")]

    operations = [
        migrations.AlterModelOptions(
            name="page",
            options={
                "ordering": ["position", "slug"],
                "permissions": [("move_page", "Får flytta sidor och byta deras adress")],
                "verbose_name": "sida",
                "verbose_name_plural": "sidor",
            },
        ),
    ]
