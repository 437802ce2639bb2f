"""Units' answers to their figures: whose turn it is, who has answered, and storing one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from organisation.models import Unit
from portal.web.ordering import swedish

from .disclosure import units_released
from .models import Release, UnitReview


@dataclass
class Answer:
    """A unit whose figures of a year are released, and what it has said of them."""

    unit: Unit
    review: UnitReview | None

    @property
    def is_late(self) -> bool:
        """Whether what was to be done should be done by now, and nobody has said how it went."""
        review = self.review
        return bool(review and not review.outcome and review.due < timezone.localdate())


def years_released() -> list[int]:
    """Newest first."""
    years = Release.objects.current().order_by("-year").values_list("year", flat=True)
    return list(years.distinct())


def latest_year() -> int | None:
    return next(iter(years_released()), None)


def answers(year: int) -> list[Answer]:
    """Every unit in office with figures of a year, by name; two queries."""
    units = Unit.objects.public().filter(pk__in=units_released(year)).order_by(swedish("name"))
    reviews = {
        row.unit_id: row
        for row in UnitReview.objects.filter(year=year).select_related("unit", "saved_by")
    }
    return [Answer(unit, reviews.get(unit.pk)) for unit in units.select_related("kind")]


def waiting(units: Iterable[int], year: int) -> list[Unit]:
    """Those of some units that have figures of a year and have said nothing of them."""
    found = Unit.objects.public().filter(pk__in=units).filter(pk__in=units_released(year))
    return list(found.exclude(reviews__year=year).order_by(swedish("name")))


def earlier_review(unit: Unit, year: int) -> UnitReview | None:
    """The latest answer before a year: what was decided then is asked for now."""
    return UnitReview.objects.filter(unit=unit, year__lt=year).order_by("-year").first()


@transaction.atomic
def save_review(review: UnitReview, earlier: UnitReview | None, *, by) -> None:
    """Store an answer and, of the one before, how it went."""
    review.saved_by = review._history_user = by
    review.full_clean()
    review.save()
    if earlier is not None:
        earlier._history_user = by
        earlier._change_reason = f"Hur det gick, i kommentaren till {review.year}"
        earlier.save(update_fields=["outcome", "saved_at"])
