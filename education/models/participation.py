"""How many took part in a course: a number per year, profession and perhaps unit. No persons."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

FIRST_YEAR, LAST_YEAR = 2000, 2099
MOST = 100_000


class Participation(models.Model):
    year = models.PositiveSmallIntegerField(
        "år", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    course = models.ForeignKey(
        "education.Course",
        models.PROTECT,
        verbose_name="utbildning",
        related_name="participation",
    )
    profession = models.ForeignKey(
        "organisation.Profession", models.PROTECT, verbose_name="yrkesgrupp", related_name="+"
    )
    unit = models.ForeignKey(
        "organisation.Unit",
        models.PROTECT,
        verbose_name="enhet",
        related_name="+",
        null=True,
        blank=True,
    )
    count = models.PositiveIntegerField("antal deltagare", validators=[MaxValueValidator(MOST)])
    source = models.CharField("källa", max_length=120, blank=True)

    class Meta:
        verbose_name = "antal deltagare"
        verbose_name_plural = "antal deltagare"
        ordering = ["-year", "course", "profession", "unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "course", "profession", "unit"],
                name="participation_once_for_a_unit",
                violation_error_message="Antalet finns redan för året, kursen, yrket och enheten.",
            ),
            models.UniqueConstraint(
                fields=["year", "course", "profession"],
                condition=Q(unit=None),
                name="participation_once_without_a_unit",
                violation_error_message="Antalet finns redan för året, kursen och yrket.",
            ),
        ]

    def __str__(self):
        return f"{self.course}, {self.profession}, {self.year}"
