"""Draft beside live: what a published thing's versions have in common.

"Live" is a question about time, asked in the query, so that nothing has to run at
midnight. The room knows no app: a version model says in `subject_field` what it is a
version of.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone


class VersionState(models.TextChoices):
    DRAFT = "draft", "utkast"
    IN_REVIEW = "in_review", "för granskning"
    APPROVED = "approved", "godkänd"
    WITHDRAWN = "withdrawn", "avpublicerad"


# Being written: readers see nothing of it.
WORKING = (VersionState.DRAFT, VersionState.IN_REVIEW)


def not_expired(at=None):
    return Q(expire_at=None) | Q(expire_at__gt=at or timezone.now())


class VersionQuerySet(models.QuerySet):
    def released(self, at=None):
        """Versions that have reached the public at some time up to `at` (default now)."""
        return self.released_or_coming().filter(publish_at__lte=at or timezone.now())

    def released_or_coming(self):
        """Versions that readers have seen or will see.

        One that was withdrawn before its time came never is.
        """
        return self.filter(
            Q(state=VersionState.APPROVED)
            | Q(state=VersionState.WITHDRAWN, withdrawn_at__gt=models.F("publish_at"))
        )

    def seen(self, at=None):
        """Released versions that readers have met: what an open history may show.

        One whose time came when a later version was already out was passed by, and is no
        more public than a draft.
        """
        subject = self.model.subject_field
        passed_by = self.model.objects.released_or_coming().filter(
            **{subject: OuterRef(subject)},
            number__gt=OuterRef("number"),
            publish_at__lte=OuterRef("publish_at"),
        )
        return self.released(at).filter(~Exists(passed_by))

    def unexpired(self, at=None):
        """Approved versions that readers see or will see: live, scheduled or superseded."""
        return self.filter(not_expired(at), state=VersionState.APPROVED)

    def current(self, at=None):
        """The latest released version of each subject: live, expired or withdrawn.

        When the latest has expired, the subject is expired: an older version never
        comes back by itself.
        """
        subject = self.model.subject_field
        latest = (
            self.model.objects.released(at)
            .filter(**{subject: OuterRef(subject)})
            .order_by("-number")
            .values("number")[:1]
        )
        return self.released(at).filter(number=Subquery(latest))

    def live(self, at=None):
        """The versions the public may read at a moment (default now)."""
        return self.current(at).filter(not_expired(at), state=VersionState.APPROVED)


class Version(models.Model):
    subject_field = None

    number = models.PositiveIntegerField("version", default=1)
    state = models.CharField(
        "läge", max_length=12, choices=VersionState, default=VersionState.DRAFT, db_index=True
    )
    publish_at = models.DateTimeField("publiceras", null=True, blank=True)
    expire_at = models.DateTimeField("slutar gälla", null=True, blank=True)
    withdrawn_at = models.DateTimeField("avpublicerad", null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="författare",
        related_name="+",
        null=True,
        blank=True,
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="granskare",
        related_name="+",
        null=True,
        blank=True,
    )
    change_note = models.CharField("vad har ändrats", max_length=300, blank=True)
    is_major = models.BooleanField("större ändring", default=False)
    end_reason = models.CharField("varför sidan inte längre gäller", max_length=300, blank=True)
    created_at = models.DateTimeField("skapad", auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_publish_time",
                condition=~Q(state__in=["approved", "withdrawn"]) | Q(publish_at__isnull=False),
                violation_error_message="Ange när versionen ska publiceras.",
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_withdrawn_has_time",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                violation_error_message="Ange när versionen avpublicerades.",
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ends_after_start",
                condition=Q(expire_at=None)
                | Q(publish_at=None)
                | Q(expire_at__gt=models.F("publish_at")),
                violation_error_message="Slutdatum måste ligga efter publiceringsdatum.",
            ),
        ]

    def clean(self):
        super().clean()
        if self.reviewer_id and self.reviewer_id == self.author_id:
            raise ValidationError({"reviewer": "Den som har skrivit texten kan inte granska den."})

    @property
    def published_on(self):
        """The Swedish day."""
        return timezone.localdate(self.publish_at)

    def is_live(self, at=None):
        """Whether this version, known to be its subject's current one, may be read."""
        at = at or timezone.now()
        return self.state == VersionState.APPROVED and (
            self.expire_at is None or self.expire_at > at
        )
