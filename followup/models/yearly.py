"""The year's tasks: what falls due when, and who does it."""

from django.db import models
from django.db.models import Q

from organisation.models import Role

from .indicators import Indicator


class YearlyTask(models.Model):
    code = models.SlugField("kod", unique=True)
    month = models.PositiveSmallIntegerField("månad")
    title = models.CharField("uppgift", max_length=160)
    text = models.TextField("beskrivning", blank=True)
    owner = models.ForeignKey(
        Role, models.PROTECT, verbose_name="ansvarig", related_name="yearly_tasks"
    )
    indicator = models.ForeignKey(
        Indicator,
        models.PROTECT,
        verbose_name="indikator",
        related_name="yearly_tasks",
        null=True,
        blank=True,
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "uppgift i årshjulet"
        verbose_name_plural = "årshjul"
        ordering = ["month", "position", "code"]
        constraints = [
            models.CheckConstraint(
                name="yearly_task_month_is_a_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="Månaden anges som 1–12.",
            )
        ]

    def __str__(self):
        return self.title
