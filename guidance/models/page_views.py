"""How often pages are read: counts per page and week, and nothing about who read them."""

from django.db import models

from .pages import Page


class PageView(models.Model):
    """`week` is the Monday that the week begins with."""

    page = models.ForeignKey(Page, models.CASCADE, verbose_name="sida", related_name="views")
    week = models.DateField("vecka som börjar")
    count = models.PositiveIntegerField("visningar", default=0)

    class Meta:
        verbose_name = "sidvisningar"
        verbose_name_plural = "sidvisningar"
        ordering = ["-week", "page"]
        constraints = [
            models.UniqueConstraint(fields=["page", "week"], name="page_view_is_one_row_a_week")
        ]
        indexes = [models.Index(fields=["week"], name="page_view_week")]

    def __str__(self):
        return f"{self.page}, {self.week}: {self.count}"
