"""What has been done with backups, and how it went."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class BackupRun(models.Model):
    """A backup, a rehearsal or a restore that came to its end, well or not."""

    class Kind(models.TextChoices):
        BACKUP = "backup", "säkerhetskopia"
        REHEARSAL = "rehearsal", "provad återläsning"
        RESTORE = "restore", "återläsning"

    kind = models.CharField("vad", max_length=10, choices=Kind)
    file_name = models.CharField("fil", max_length=200)
    started_at = models.DateTimeField("började")
    finished_at = models.DateTimeField("slutade", default=timezone.now)
    rows = models.PositiveBigIntegerField("rader", default=0)
    documents = models.PositiveIntegerField("dokumentfiler", default=0)
    error = models.CharField("fel", max_length=300, blank=True)

    class Meta:
        verbose_name = "säkerhetskopiering"
        verbose_name_plural = "säkerhetskopieringar"
        ordering = ["-finished_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.file_name}"


def rehearsal_is_too_old() -> bool:
    """Whether it is longer ago than PORTAL_REHEARSAL_DAYS that a backup was proved to work."""
    if not settings.REHEARSAL_DAYS:
        return False
    since = timezone.now() - timedelta(days=settings.REHEARSAL_DAYS)
    proved = BackupRun.objects.filter(
        kind=BackupRun.Kind.REHEARSAL, error="", finished_at__gte=since
    )
    return not proved.exists()
