"""What is written down of a page's version: what was done with it, where it links, what it says."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .pages import Page, PageVersion


class PageVersionEvent(models.Model):
    """What was done with a version, by whom, when and why."""

    class Action(models.TextChoices):
        SAVED = "saved", "sparad"
        SUBMITTED = "submitted", "skickad för granskning"
        SENT_BACK = "sent_back", "skickad tillbaka"
        PUBLISHED = "published", "godkänd och publicerad"
        WITHDRAWN = "withdrawn", "avpublicerad"
        RESTORED = "restored", "återställd som utkast"
        CANCELLED = "cancelled", "publiceringen inställd"
        SUPPRESSED = "suppressed", "dold i historiken"
        REVEALED = "revealed", "visas i historiken igen"
        CONFIRMED = "confirmed", "bekräftad oförändrad"

    version = models.ForeignKey(
        PageVersion, models.CASCADE, verbose_name="sidversion", related_name="events"
    )
    action = models.CharField("händelse", max_length=10, choices=Action)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="av", related_name="+"
    )
    at = models.DateTimeField("när", default=timezone.now)
    reason = models.CharField("varför", max_length=300, blank=True)

    class Meta:
        verbose_name = "händelse"
        verbose_name_plural = "händelser"
        ordering = ["version", "-at", "-pk"]

    def __str__(self):
        return f"{self.version}: {self.get_action_display()}"


class PageLink(models.Model):
    """That a version's text links to a page; written when the text is rendered."""

    version = models.ForeignKey(PageVersion, models.CASCADE, related_name="links")
    target = models.ForeignKey(Page, models.PROTECT, related_name="linked_from")
    anchor = models.SlugField(max_length=200, blank=True)

    class Meta:
        verbose_name = "sidlänk"
        verbose_name_plural = "sidlänkar"

    def __str__(self):
        return f"{self.version} → {self.target}"


class Passage(models.Model):
    """That a version says something: a long paragraph or sentence, of which only a fingerprint
    is kept (guidance.passages). Written with the links."""

    version = models.ForeignKey(PageVersion, models.CASCADE, related_name="passages")
    fingerprint = models.BigIntegerField("fingeravtryck")

    class Meta:
        verbose_name = "textstycke"
        verbose_name_plural = "textstycken"
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "version"],
                name="passage_is_unique",
                violation_error_message="Textstycket finns redan.",
            )
        ]

    def __str__(self):
        return f"{self.version}: {self.fingerprint}"
