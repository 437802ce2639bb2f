"""Letters on their way out: stored first, sent by a command, tried again when it fails."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutgoingMailQuerySet(models.QuerySet):
    def due(self, at=None):
        """Letters to try now: waiting, their time has come, and nobody else has them in hand."""
        at = at or timezone.now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=at)
        return self.filter(free, state=OutgoingMail.State.WAITING, next_try_at__lte=at)


class OutgoingMail(models.Model):
    """A letter to one address. The key says which letter it is, so that none is queued twice.

    One with a writer has no text: that is written when the letter is sent, so that a link that
    opens a door is stored nowhere, and thrown away when there is nobody to write to.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "väntar"
        SENT = "sent", "skickat"
        FAILED = "failed", "misslyckades"

    key = models.CharField("nyckel", max_length=400, unique=True)
    to = models.EmailField("till")
    subject = models.CharField("ämne", max_length=200)
    body = models.TextField("text", blank=True)
    writer = models.CharField("skrivs av", max_length=40, blank=True)
    about = models.JSONField("om", default=dict, blank=True)
    is_confidential = models.BooleanField(
        "förtroligt",
        default=False,
        help_text="Brevet har en personlig länk eller någons nätverksadress. Texten visas inte "
        "här och raderas när brevet är skickat.",
    )
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField("antal försök", default=0)
    error = models.CharField("senaste fel", max_length=300, blank=True)
    created_at = models.DateTimeField("lades i kö", default=timezone.now)
    next_try_at = models.DateTimeField("nästa försök", default=timezone.now)
    claimed_until = models.DateTimeField("skickas just nu, till", null=True, blank=True)
    sent_at = models.DateTimeField("skickat", null=True, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = "brev"
        verbose_name_plural = "brev"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="outgoing_mail_due")]

    def __str__(self):
        return f"{self.subject} till {self.to}"
