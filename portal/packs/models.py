"""What has been loaded from a content pack, so that a second load knows what is new and
what an editor has changed since."""

from django.db import models


class Pack(models.Model):
    name = models.CharField("paket", max_length=80, unique=True)
    first_loaded_on = models.DateField("först inläst")

    class Meta:
        verbose_name = "innehållspaket"
        verbose_name_plural = "innehållspaket"

    def __str__(self):
        return self.name


class PackEntry(models.Model):
    """One row of a pack as it was last loaded.

    `source_digest` is of the pack's own text, `stored_digest` of the row as it stood in
    the database afterwards: if the row no longer has it, somebody has edited the row.
    """

    pack = models.ForeignKey(Pack, models.CASCADE, related_name="entries")
    noun = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    source_digest = models.CharField(max_length=64)
    stored_digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "inläst rad"
        verbose_name_plural = "inlästa rader"
        constraints = [
            models.UniqueConstraint(fields=["pack", "noun", "key"], name="pack_entry_is_unique")
        ]

    def __str__(self):
        return f"{self.noun} {self.key}"
