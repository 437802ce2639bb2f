"""What comes next, and first what is near the unit that a reader has chosen."""

from django.db.models import Case, Value, When
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
