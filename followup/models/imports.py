"""What comes in by file: the files that wait for a second person, and whose name means whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from organisation.models import Unit

from .indicators import Indicator


def _person(label):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=label,
        related_name="+",
        null=True,
        blank=True,
    )


class ImportBatch(models.Model):
    """One indicator's values of one year, out of one or two files.

    What it would do is worked out anew from its files each time it is looked at, so the files are
    kept until somebody has decided. `replaced` is what stood there before, for the way back.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "förbereds"
        WAITING = "waiting", "väntar på godkännande"
        APPROVED = "approved", "godkänd och införd"
        REJECTED = "rejected", "avvisad"
        UNDONE = "undone", "ångrad"
        CANCELLED = "cancelled", "avbruten"

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="indikator", related_name="batches"
    )
    year = models.PositiveSmallIntegerField("år")
    state = models.CharField("läge", max_length=10, choices=State, default=State.DRAFT)
    # {name as it is compared: the unit's HSA-id, or "" for "do not take it"}
    choices = models.JSONField("valda enheter", default=dict, editable=False)
    # How many values were new, changed and so on, when it was stored.
    result = models.JSONField("utfall", default=dict, editable=False)
    replaced = models.JSONField("tidigare värden", default=list, editable=False)
    uploaded_by = _person("uppladdad av")
    uploaded_at = models.DateTimeField("uppladdad", default=timezone.now)
    decided_by = _person("avgjord av")
    decided_at = models.DateTimeField("avgjord", null=True, blank=True)
    reason = models.CharField("skäl", max_length=400, blank=True)
    undone_by = _person("ångrad av")
    undone_at = models.DateTimeField("ångrad", null=True, blank=True)

    class Meta:
        verbose_name = "inläsning av mätvärden"
        verbose_name_plural = "inläsningar av mätvärden"
        ordering = ["-uploaded_at", "-pk"]
        permissions = [("import_values", "Får läsa in, godkänna och ångra mätvärden")]
        constraints = [
            models.CheckConstraint(
                name="import_batch_year_is_a_year",
                condition=Q(year__gte=1990, year__lte=2199),
                violation_error_message="Skriv året med fyra siffror, till exempel 2026.",
            ),
            models.CheckConstraint(
                name="import_batch_has_a_second_person",
                condition=~Q(state="approved")
                | Q(uploaded_by=None)
                | ~Q(decided_by=models.F("uploaded_by")),
                violation_error_message="Någon annan än den som laddade upp ska godkänna.",
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.year}, inläsning {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.DRAFT, self.State.WAITING}


class ImportFile(models.Model):
    """A file of a batch. The file itself is kept only until the batch is decided."""

    class Part(models.TextChoices):
        VALUES = "values", "värden"
        NUMERATOR = "numerator", "täljare"
        DENOMINATOR = "denominator", "nämnare"

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, verbose_name="inläsning", related_name="files"
    )
    part = models.CharField("innehåll", max_length=11, choices=Part)
    name = models.CharField("fil", max_length=200)
    checksum = models.CharField("SHA-256", max_length=64, editable=False)
    size = models.PositiveIntegerField("storlek i byte", editable=False)
    content = models.BinaryField("filens innehåll", null=True, editable=False)

    class Meta:
        verbose_name = "inläst fil"
        verbose_name_plural = "inlästa filer"
        ordering = ["batch", "pk"]

    def __str__(self):
        return self.name


class UnitName(models.Model):
    """Whom a name in exports means, as somebody has chosen once and another has approved."""

    key = models.CharField("namn, som det jämförs", max_length=200, unique=True, editable=False)
    name = models.CharField("namn i filen", max_length=200)
    unit = models.ForeignKey(
        Unit,
        models.CASCADE,
        verbose_name="enhet",
        related_name="+",
        null=True,
        blank=True,
        help_text="Tomt: raden tas inte med.",
    )
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, verbose_name="ur inläsningen", related_name="names"
    )

    class Meta:
        verbose_name = "enhetsnamn i filer"
        verbose_name_plural = "enhetsnamn i filer"
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name
