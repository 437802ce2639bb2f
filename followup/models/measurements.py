"""True values per indicator, unit, year and sex."""

from django.db import models
from django.db.models import Q

from organisation.models import Unit

from .imports import ImportBatch
from .indicators import Indicator


class Sex(models.TextChoices):
    TOTAL = "total", "totalt"
    WOMEN = "women", "kvinnor"
    MEN = "men", "män"


class StoredState(models.TextChoices):
    VALUE = "value", "värde"
    MISSING = "missing", "saknas"
    NOT_APPLICABLE = "not_applicable", "ej aktuellt"
    HIDDEN = "hidden", "dolt av källan"
    # Exports at region level write 0 for one sex under their own threshold.
    ZERO_OR_HIDDEN = "zero_or_hidden", "noll eller dolt av källan"


class Measurement(models.Model):
    """A true value. It leaves this app only through followup.disclosure, which hides
    small counts; nothing else may read the table."""

    State = StoredState

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="indikator", related_name="+"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="enhet", related_name="+")
    year = models.PositiveSmallIntegerField("år")
    sex = models.CharField("kön", max_length=5, choices=Sex, default=Sex.TOTAL)
    numerator = models.PositiveIntegerField("täljare", null=True, blank=True)
    denominator = models.PositiveIntegerField("nämnare", null=True, blank=True)
    # A share or rate that came without its counts, as the source wrote it: never recomputed.
    reported = models.DecimalField(
        "rapporterat värde", max_digits=10, decimal_places=4, null=True, blank=True
    )
    state = models.CharField("läge", max_length=14, choices=State, default=State.VALUE)
    # Where it comes from, when it came by file: "tabell!B7", or "1 tabell!B7, 2 tabell!B9".
    batch = models.ForeignKey(
        ImportBatch,
        models.PROTECT,
        verbose_name="inläsning",
        related_name="+",
        null=True,
        blank=True,
    )
    source_cell = models.CharField("cell i filen", max_length=120, blank=True)

    class Meta:
        verbose_name = "mätvärde"
        verbose_name_plural = "mätvärden"
        ordering = ["indicator", "year", "unit", "sex"]
        # The admin's list of them in its order, of all and of those in a state.
        indexes = [
            models.Index(fields=["unit", "indicator", "year", "sex"]),
            models.Index(fields=["state", "unit", "indicator", "year", "sex"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "unit", "sex"],
                name="measurement_is_unique",
                violation_error_message="Värdet finns redan.",
            ),
            models.CheckConstraint(
                name="measurement_value_has_numbers",
                condition=~Q(state="value")
                | Q(numerator__isnull=False, denominator__isnull=False)
                | Q(reported__isnull=False, numerator=None),
                violation_error_message="Ange täljare och nämnare, eller ett rapporterat värde.",
            ),
        ]

    def __str__(self):
        return f"{self.indicator}, {self.unit}, {self.year}, {self.get_sex_display()}"
