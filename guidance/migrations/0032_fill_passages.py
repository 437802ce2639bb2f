from django.db import migrations

from guidance.content_checks import fingerprints
from guidance.passages import words_of

BATCH = 500


def fill(apps, schema_editor):
    """Of what readers see or will see: all that is approved, as `render_pages` makes ready."""
    versions = apps.get_model("guidance", "PageVersion").objects.filter(state="approved")
    passages = apps.get_model("guidance", "Passage")
    ids = list(versions.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        some = versions.filter(pk__in=ids[first : first + BATCH])
        passages.objects.bulk_create(
            [
                passages(version=version, fingerprint=each)
                for version in some.select_related("page").prefetch_related("steps")
                for each in fingerprints(words_of(version, version.page, version.steps.all()))
            ],
            batch_size=2000,
        )


class Migration(migrations.Migration):
    dependencies = [("guidance", "0031_passages")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
