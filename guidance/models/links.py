"""Links to other websites, and what they answered when they were last asked."""

from django.conf import settings
from django.db import models

from organisation.models import Role


class ExternalLinkQuerySet(models.QuerySet):
    def dead(self):
        """Links that have failed on so many days that it is no passing fault."""
        return self.filter(failed_days__gte=settings.DEAD_LINK_DAYS)


class ExternalLink(models.Model):
    url = models.CharField("adress", max_length=2000, unique=True)
    checked_at = models.DateTimeField("kontrollerad", null=True, blank=True)
    status = models.PositiveSmallIntegerField("svarskod", null=True, blank=True)
    fault = models.CharField("fel", max_length=200, blank=True)
    note = models.CharField("anmärkning", max_length=200, blank=True)
    leads_to = models.CharField("leder vidare till", max_length=2000, blank=True)
    first_failed_on = models.DateField("har inte svarat sedan", null=True, blank=True)
    last_failed_on = models.DateField("svarade inte senast", null=True, blank=True)
    failed_days = models.PositiveSmallIntegerField("dagar utan svar", default=0)

    objects = ExternalLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "länk ut"
        verbose_name_plural = "länkar ut"
        ordering = ["-failed_days", "url"]

    def __str__(self):
        return self.url[:120]

    @property
    def is_dead(self):
        return self.failed_days >= settings.DEAD_LINK_DAYS


class ExternalLinkPlace(models.Model):
    """Where on the site a link stands, and who answers for the place."""

    link = models.ForeignKey(ExternalLink, models.CASCADE, related_name="places")
    place = models.CharField("finns på", max_length=300)
    place_url = models.CharField("adress på webbplatsen", max_length=300)
    owner = models.ForeignKey(
        Role, models.SET_NULL, verbose_name="ägare", related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = "plats"
        verbose_name_plural = "platser"
        ordering = ["place", "pk"]

    def __str__(self):
        return self.place
