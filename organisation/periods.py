"""Periods: half-open in the data, shown with their last valid day."""

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.editing.last_day import PeriodEnd, last_day_before


def in_force(day=None, of=""):
    """The rule as a condition on a row, or on one that it points at: of="unit__"."""
    day = day or timezone.localdate()
    started = Q(**{f"{of}valid_from": None}) | Q(**{f"{of}valid_from__lte": day})
    not_ended = Q(**{f"{of}valid_to": None}) | Q(**{f"{of}valid_to__gt": day})
    return started & not_ended


def overlapping(first, end):
    """Rows whose period shares some day with one from `first` until `end`, None for no limit."""
    begun = Q() if end is None else Q(valid_from=None) | Q(valid_from__lt=end)
    not_over = Q() if first is None else Q(valid_to=None) | Q(valid_to__gt=first)
    return begun & not_over


class PeriodQuerySet(models.QuerySet):
    def on(self, day=None):
        """Rows in force on a day (default today, Swedish time)."""
        return self.filter(in_force(day))


class Period(models.Model):
    valid_from = models.DateField("gäller från och med", null=True, blank=True)
    valid_to = PeriodEnd(
        "gäller till och med",
        null=True,
        blank=True,
        help_text="Sista dagen som uppgiften gäller. Tomt: tills vidare.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_period_is_not_empty",
                condition=Q(valid_from=None)
                | Q(valid_to=None)
                | Q(valid_to__gt=models.F("valid_from")),
                violation_error_message="Perioden måste sluta efter att den har börjat.",
            )
        ]

    @property
    def has_ended(self):
        return self.valid_to is not None and self.valid_to <= timezone.localdate()

    @property
    @admin.display(description="gäller till och med", ordering="valid_to")
    def last_day(self):
        return last_day_before(self.valid_to)
