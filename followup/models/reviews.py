"""What a unit says of its own figures after a release, and how it went."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from organisation.models import Unit
from portal.editing.history import History

LONGEST = 2000


class UnitReview(models.Model):
    """A unit's answer to a year's figures: what it sees, why, what it does and by when.

    The next year's form asks how it went. Read by the unit and the region, never by the public.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="enhet", related_name="reviews")
    year = models.PositiveSmallIntegerField("mätår")
    comment = models.TextField("vad ser vi", max_length=LONGEST)
    cause = models.TextField("varför", max_length=LONGEST)
    action = models.TextField("vad gör vi", max_length=LONGEST)
    owner = models.CharField("vem svarar för det", max_length=120)
    due = models.DateField("till när")
    outcome = models.TextField("hur gick det", max_length=LONGEST, blank=True)
    saved_at = models.DateTimeField("sparad", auto_now=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="sparad av",
        related_name="+",
        null=True,
        blank=True,
    )

    history = History("tidigare kommentar", "tidigare kommentarer")

    class Meta:
        verbose_name = "enhetens kommentar"
        verbose_name_plural = "enheternas kommentarer"
        ordering = ["-year", "unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year"],
                name="unit_review_is_one_a_year",
                violation_error_message="Enheten har redan en kommentar för året.",
            ),
            models.CheckConstraint(
                name="unit_review_year_is_a_year",
                condition=Q(year__gte=1990, year__lte=2199),
                violation_error_message="Ange året med fyra siffror, 1990–2199.",
            ),
        ]

    def __str__(self):
        return f"{self.unit}, {self.year}"
