"""Who follows a course by letter, what there has been to tell, and how much was told."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone


class NewsKind(models.TextChoices):
    """What happens; a moved occasion has a new date, and is told to who wants to know of these."""

    NEW = "new", "nya och flyttade datum"
    OPENS = "opens", "att anmälan öppnar"
    CANCELLED = "cancelled", "inställda tillfällen"
    MOVED = "moved", "flyttade tillfällen"


CHOSEN_KINDS = [NewsKind.NEW, NewsKind.OPENS, NewsKind.CANCELLED]


class Rhythm(models.TextChoices):
    AT_ONCE = "at_once", "när det händer"
    WEEKLY = "weekly", "samlat en gång i veckan"


class SubscriptionQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)

    def out_of_time(self):
        """Those that nobody has said yes to in time: their address is not kept."""
        until = timezone.now() - Subscription.OPEN_FOR
        return self.filter(confirmed_at=None, created_at__lt=until)

    def due(self, at=None):
        """Those that may have a letter now: a weekly one seven days after the last."""
        week_ago = (at or timezone.now()) - timedelta(days=7)
        return self.confirmed().filter(Q(rhythm=Rhythm.AT_ONCE) | Q(told_at__lte=week_ago))


class Subscription(models.Model):
    """An address that follows one course, or all of them.

    No link is stored: it is the identity, signed (education.following), and is written into
    letters when they are sent. The row goes, address and all, when its owner leaves.
    """

    OPEN_FOR = timedelta(days=7)

    identity = models.UUIDField("identitet", default=uuid.uuid4, unique=True, editable=False)
    address = models.EmailField("e-postadress")
    course = models.ForeignKey(
        "education.Course",
        models.CASCADE,
        verbose_name="utbildning",
        related_name="subscriptions",
        null=True,
        blank=True,
        help_text="Tomt: alla utbildningar.",
    )
    kinds = models.JSONField("vill veta", default=list)
    rhythm = models.CharField("hur ofta", max_length=10, choices=Rhythm, default=Rhythm.AT_ONCE)
    created_at = models.DateTimeField("begärd", default=timezone.now)
    confirmed_at = models.DateTimeField("bekräftad", null=True, blank=True)
    told_at = models.DateTimeField("senaste brev", null=True, blank=True)
    told_to = models.PositiveBigIntegerField("berättat till och med", default=0, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "följare"
        verbose_name_plural = "följare"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["address", "course"], name="subscription_address")]

    def __str__(self):
        return f"Följare {self.pk}"


class CourseNews(models.Model):
    """Something that has happened to an occasion, noticed once.

    times     when the occasion was held as far as was known then, as `times_of` writes it;
              "" for what was noticed before this was kept
    previous  of a move: the news that told of the times before
    """

    occasion = models.ForeignKey(
        "education.Occasion", models.CASCADE, verbose_name="tillfälle", related_name="news"
    )
    kind = models.CharField("vad", max_length=10, choices=NewsKind)
    noticed_at = models.DateTimeField("upptäckt", default=timezone.now)
    times = models.TextField("tider", blank=True, editable=False)
    previous = models.OneToOneField(
        "self",
        models.CASCADE,
        verbose_name="flyttad från",
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )

    class Meta:
        verbose_name = "nyhet om tillfällen"
        verbose_name_plural = "nyheter om tillfällen"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "kind"],
                condition=~Q(kind=NewsKind.MOVED),
                name="course_news_told_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind=NewsKind.MOVED) | Q(previous__isnull=False),
                name="course_news_moved_from_somewhere",
            ),
        ]

    def __str__(self):
        return f"{self.occasion}: {self.get_kind_display()}"

    @property
    def starts(self):
        """The moment when the first session began, as it was told; None when that is unknown."""
        return datetime.fromisoformat(self.times.split("/")[0]) if self.times else None


class NewsDelivery(models.Model):
    """A letter that was queued: to whom is forgotten when she leaves, how much is not."""

    subscription = models.ForeignKey(
        Subscription,
        models.SET_NULL,
        verbose_name="följare",
        related_name="deliveries",
        null=True,
        blank=True,
    )
    rhythm = models.CharField("hur ofta", max_length=10, choices=Rhythm)
    count = models.PositiveIntegerField("antal nyheter")
    queued_at = models.DateTimeField("lades i kö", default=timezone.now)

    class Meta:
        verbose_name = "utskick till följare"
        verbose_name_plural = "utskick till följare"
        ordering = ["-queued_at", "-pk"]

    def __str__(self):
        return f"{timezone.localtime(self.queued_at):%Y-%m-%d %H:%M}: {self.count}"
