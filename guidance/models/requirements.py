"""What an agreement demanded, each demand with how it is met today."""

from django.db import models
from django.db.models import Q

from organisation.models import Role

from .notes import review_note
from .registers import Agreement


class Requirement(models.Model):
    class Measure(models.TextChoices):
        WRITTEN = "written", "skrivs här"
        COVERAGE = "coverage", "räknas: enheter som har rollen"
        HOLDERS = "holders", "räknas: innehavare av rollen"
        EDUCATION = "education", "räknas: kurser i katalogen"

    code = models.SlugField("kod", unique=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, verbose_name="överenskommelse", related_name="kept_requirements"
    )
    text = models.CharField("krav", max_length=300)
    measure = models.CharField(
        "så uppfylls det i dag", max_length=10, choices=Measure, default=Measure.WRITTEN
    )
    role = models.ForeignKey(
        Role,
        models.PROTECT,
        verbose_name="roll som räknas",
        related_name="requirements",
        null=True,
        blank=True,
    )
    today = models.TextField("med egna ord", max_length=600, blank=True)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    source = models.CharField("källa", max_length=160)
    year = models.PositiveSmallIntegerField("år")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        verbose_name = "krav i överenskommelse"
        verbose_name_plural = "krav i överenskommelser"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="requirement_role_fits_measure",
                condition=Q(measure__in=["coverage", "holders"], role__isnull=False)
                | Q(measure__in=["written", "education"], role=None),
                violation_error_message="Ange vilken roll som räknas, eller ingen när det inte "
                "är en roll som räknas.",
            ),
            models.CheckConstraint(
                name="requirement_says_something",
                condition=~Q(measure="written") | ~Q(today=""),
                violation_error_message="Skriv hur kravet uppfylls i dag, eller välj något som "
                "räknas.",
            ),
        ]

    def __str__(self):
        return self.text
