"""Releases: a year's values of an indicator as they were let out, and to whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from organisation.models import Unit

from .indicators import Indicator, Visibility
from .measurements import Sex


class ReleaseQuerySet(models.QuerySet):
    def current(self):
        return self.filter(is_current=True)


class Release(models.Model):
    """What was let out of an indicator and a year, at a moment. It never changes.

    A correction is a new release; the earlier ones stay, since whoever kept them knows
    what they said, and what is hidden in the new one must hold against them too.
    """

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="indikator", related_name="releases"
    )
    year = models.PositiveSmallIntegerField("mätår")
    number = models.PositiveSmallIntegerField("nummer", default=1)
    is_current = models.BooleanField("gäller", default=True)
    released_at = models.DateTimeField("publicerad", default=timezone.now)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="publicerad av",
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.CharField("vad som rättades", max_length=200, blank=True)
    threshold = models.PositiveSmallIntegerField("döljs under")
    # {"units": 12, "values": 36, "hidden": {"public": 4, "signed_in": 2}}
    result = models.JSONField("utfall", default=dict, editable=False)
    # {"public": {"units": 12, "low": …, "median": …, "high": …}, "signed_in": …}
    spread = models.JSONField("spridning", default=dict, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "publicering"
        verbose_name_plural = "publiceringar"
        ordering = ["-released_at", "-pk"]
        permissions = [("publish_release", "Får publicera en indikators värden")]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "number"], name="release_is_unique"
            ),
            models.UniqueConstraint(
                fields=["indicator", "year"],
                condition=Q(is_current=True),
                name="release_is_current_once",
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.year}, {self.number}"


class ReleasedValue(models.Model):
    """A unit's value as it stood at a release; the units are the release's comparison set.

    True numbers, and who may see them: followup.disclosure is the only reader. Without a unit
    it is the region's. `apart` marks counts that the source hid and that follow from others.
    """

    release = models.ForeignKey(
        Release, models.CASCADE, verbose_name="publicering", related_name="values"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="enhet", related_name="+", null=True, blank=True
    )
    sex = models.CharField("kön", max_length=5, choices=Sex, default=Sex.TOTAL)
    state = models.CharField("läge", max_length=14)
    numerator = models.PositiveIntegerField("täljare", null=True, blank=True)
    denominator = models.PositiveIntegerField("nämnare", null=True, blank=True)
    reported = models.DecimalField(
        "rapporterat värde", max_digits=10, decimal_places=4, null=True, blank=True
    )
    apart = models.BooleanField("följer av andra", default=False)
    seen_by = models.CharField("visas för", max_length=10, choices=Visibility)

    class Meta:
        verbose_name = "publicerat värde"
        verbose_name_plural = "publicerade värden"
        constraints = [
            models.UniqueConstraint(
                fields=["release", "unit", "sex"], name="released_value_is_unique"
            ),
            models.UniqueConstraint(
                fields=["release", "sex"],
                condition=Q(unit=None),
                name="released_value_of_region_is_unique",
            ),
        ]

    def __str__(self):
        return f"{self.release}, {self.unit or 'regionen'}, {self.get_sex_display()}"
