"""What readers say of a page. Nobody knows who they are, and nothing tells."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

LONGEST_COMMENT = 2_000


class FeedbackQuerySet(models.QuerySet):
    def open_for_words(self):
        """Answers whose sender may still add or change the comment: nobody has begun with it."""
        since = timezone.now() - Feedback.OPEN_FOR
        untouched = Q(status=Feedback.Status.NEW) | Q(comment="")
        return self.filter(untouched, handler=None, created_at__gt=since)

    def to_read(self):
        return self.filter(status=Feedback.Status.NEW)

    def finished_before(self, moment):
        return self.filter(status=Feedback.Status.DONE, done_at__lt=moment)

    def counts_of_year(self):
        """{"yes": 12, "no": 3} of the last twelve months."""
        since = timezone.now() - timedelta(days=365)
        rows = self.filter(created_at__gt=since).order_by().values_list("answer")
        return dict(rows.annotate(Count("pk")))


class Feedback(models.Model):
    """An answer to "Hjälpte sidan dig?", perhaps with a comment.

    An answer without words asks nothing of anybody and is done from the start; a comment
    makes it new. Feedback that has come in is an official document: it is not deleted when
    it has been handled but when its time is over (PORTAL_FEEDBACK_DAYS).
    """

    OPEN_FOR = timedelta(hours=24)

    class Answer(models.TextChoices):
        YES = "yes", "ja"
        PARTLY = "partly", "delvis"
        NO = "no", "nej"

    class Status(models.TextChoices):
        NEW = "new", "ny"
        READ = "read", "läst"
        ANSWERED = "answered", "besvarad"
        DONE = "done", "klar"

    receipt = models.UUIDField("kvitto", default=uuid.uuid4, unique=True, editable=False)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="sida", related_name="feedback"
    )
    version_number = models.PositiveIntegerField("version")
    answer = models.CharField("hjälpte sidan", max_length=10, choices=Answer)
    comment = models.TextField("kommentar", max_length=LONGEST_COMMENT, blank=True)
    created_at = models.DateTimeField("inkom", default=timezone.now)
    status = models.CharField("läge", max_length=10, choices=Status, default=Status.DONE)
    done_at = models.DateTimeField("klar", null=True, blank=True, editable=False)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="handläggare",
        related_name="+",
        null=True,
        blank=True,
    )
    diary_number = models.CharField("diarienummer", max_length=40, blank=True)
    note = models.TextField("anteckning", max_length=2_000, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = "synpunkt"
        verbose_name_plural = "synpunkter"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["page", "-created_at"], name="feedback_of_page")]
        constraints = [
            models.CheckConstraint(
                name="feedback_done_has_time",
                condition=Q(status="done", done_at__isnull=False)
                | (~Q(status="done") & Q(done_at=None)),
                violation_error_message="Ange när synpunkten blev klar.",
            )
        ]

    def __str__(self):
        return f"{self.page}: {self.get_answer_display()}"
