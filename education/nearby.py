"""What comes next, and first what is near the unit that a reader has chosen."""

from datetime import datetime

from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.http import HttpRequest

from portal.web.chosen_unit import chosen_unit

from .models import Occasion
from .presenters import CalendarRow, calendar_row

SHOWN = 3


def town_near(request: HttpRequest) -> str:
    """The town of the reader's own unit, "" for who has chosen none."""
    mine = chosen_unit(request)
    return mine.unit.town if mine and not mine.unit.has_ended else ""


def next_occasions(first: str = "", **rule: object) -> list[CalendarRow]:
    """The nearest occasions under a rule that are not cancelled, those in one town first."""
    coming = Occasion.objects.public().held().filter(**rule)
    near = [Case(When(town=first, then=Value(0)), default=Value(1))] if first else []
    nearest = coming.select_related("course__organiser").order_by(*near, "starts", "pk")
    return [calendar_row(occasion) for occasion in nearest[:SHOWN]]


def with_next_open(courses: QuerySet, at: datetime | None = None) -> QuerySet:
    """Courses with `next_uid` and `next_starts` of the first occasion that can be booked now;
    None where there is none. No question besides the courses' own."""
    opened = Occasion.objects.public().open_for_registration(at).filter(course=OuterRef("pk"))
    opened = opened.order_by("starts", "pk")
    return courses.annotate(
        next_uid=Subquery(opened.values("uid")[:1]),
        next_starts=Subquery(opened.values("starts")[:1]),
    )
