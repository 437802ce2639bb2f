"""Training that a unit has asked for, "verksamhetsanknuten utbildning", as a queue."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from portal.editing.history import History

LONGEST_TEXT = 2_000
MOST_PARTICIPANTS = 1_000


class RequestStatus(models.TextChoices):
    NEW = "new", "ny"
    CONTACTED = "contacted", "kontaktad"
    PLANNED = "planned", "planerad"
    DONE = "done", "genomförd"
    DECLINED = "declined", "avböjd"


CLOSED = (RequestStatus.DONE, RequestStatus.DECLINED)


class TrainingRequestQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=RequestStatus.NEW)

    def out_of_time(self):
        """Those that have been closed for longer than they are kept."""
        until = timezone.now() - timedelta(days=settings.TRAINING_REQUEST_DAYS)
        return self.filter(closed_at__lt=until)


class TrainingRequest(models.Model):
    """Asked for by anybody, without an account, and handled by who answers for courses.

    It is an official document: it goes when its time is over (PORTAL_TRAINING_REQUEST_DAYS),
    with its history, and not when it has been handled.
    """

    what = models.TextField("vad utbildningen ska handla om", max_length=LONGEST_TEXT)
    audience = models.CharField("för vem", max_length=200)
    number = models.PositiveSmallIntegerField(
        "antal deltagare",
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PARTICIPANTS)],
    )
    when = models.CharField("när", max_length=200)
    unit_name = models.CharField("enhet, som den skrevs", max_length=120)
    unit = models.ForeignKey(
        "organisation.Unit",
        models.PROTECT,
        verbose_name="enhet i registret",
        related_name="+",
        null=True,
        blank=True,
    )
    contact_name = models.CharField("kontaktperson", max_length=120)
    email = models.EmailField("e-postadress")
    phone = models.CharField("telefon", max_length=40, blank=True)
    created_at = models.DateTimeField("inkom", default=timezone.now)
    status = models.CharField(
        "läge", max_length=10, choices=RequestStatus, default=RequestStatus.NEW
    )
    note = models.TextField("anteckningar", max_length=LONGEST_TEXT, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="handläggare",
        related_name="+",
        null=True,
        blank=True,
    )
    closed_at = models.DateTimeField("avslutad", null=True, blank=True, editable=False)

    objects = TrainingRequestQuerySet.as_manager()
    history = History("tidigare beställning", "tidigare beställningar")

    class Meta:
        verbose_name = "beställd utbildning"
        verbose_name_plural = "beställda utbildningar"
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return f"Beställning {self.pk}, {self.unit_name}"

    @property
    def is_closed(self):
        return self.status in CLOSED
