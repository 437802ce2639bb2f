"""What comes in by file: listed patients by year, and the files until they are stored."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Listing(models.Model):
    """How many patients of working age a unit had listed a year: the denominator of that year's
    indicators. The unit's own `listed_patients` is the latest year's, for its page."""

    unit = models.ForeignKey(
        "organisation.Unit", models.CASCADE, verbose_name="enhet", related_name="listings"
    )
    year = models.PositiveSmallIntegerField("år")
    listed_patients = models.PositiveIntegerField("listade i arbetsför ålder")
    source = models.CharField("källa", max_length=200, blank=True)

    class Meta:
        verbose_name = "antal listade"
        verbose_name_plural = "antal listade"
        ordering = ["-year", "unit__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year"],
                name="one_listing_a_unit_and_year",
                violation_error_message="Enheten har redan ett antal för det året.",
            ),
            models.CheckConstraint(
                name="listing_year_is_a_year",
                condition=Q(year__gte=1990, year__lte=2199),
                violation_error_message="Skriv året med fyra siffror, till exempel 2026.",
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.year}"


class FileImport(models.Model):
    """A file that was read in, or waits between its preview and the press that stores it.

    The file itself is kept only while it waits. It lies in the database and not in the session
    or on one machine's disk, so that any worker can store exactly what was previewed.
    """

    class Kind(models.TextChoices):
        UNITS = "units", "enheter"
        LISTINGS = "listings", "antal listade"

    class State(models.TextChoices):
        WAITING = "waiting", "väntar på bekräftelse"
        STORED = "stored", "inläst"
        CANCELLED = "cancelled", "avbruten"

    kind = models.CharField("innehåll", max_length=10, choices=Kind)
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    file_name = models.CharField("fil", max_length=200)
    checksum = models.CharField("SHA-256", max_length=64, editable=False)
    content = models.BinaryField("filens innehåll", null=True, editable=False)
    options = models.JSONField("val", default=dict, editable=False)
    result = models.JSONField("utfall", default=dict, editable=False)
    uploaded_at = models.DateTimeField("uppladdad", default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="uppladdad av",
        related_name="+",
        null=True,
        blank=True,
    )
    stored_at = models.DateTimeField("inläst", null=True, blank=True)

    class Meta:
        verbose_name = "inläsning"
        verbose_name_plural = "inläsningar"
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display().capitalize()} ur {self.file_name}"
