"""Which occasions an address of the calendar means: one answer for page, .ics and .json."""

from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from .forms import MONTH_VIEW, CalendarForm
from .models import Occasion


def month_of(form: CalendarForm, now) -> date | None:
    """The first day of the month that an address asks for; None for a list without one."""
    if not form.is_valid():
        return None
    if form.cleaned_data["vy"] == MONTH_VIEW and not form.cleaned_data["manad"]:
        return timezone.localdate(now).replace(day=1)
    return form.cleaned_data["manad"]


def selected_occasions(form: CalendarForm, now) -> QuerySet:
    """The occasions of a calendar's address, in order; a bad one shows what is coming.

    A month says by itself which time is meant, so the period does not count beside it.
    """
    occasions = Occasion.objects.public().select_related("course__organiser")
    if not form.is_valid():
        return occasions.coming(now).order_by("starts", "pk")
    chosen = form.cleaned_data
    if chosen["malgrupp"]:
        occasions = occasions.for_profession(chosen["malgrupp"].code)
    if chosen["omrade"]:
        occasions = occasions.in_area(chosen["omrade"].code)
    if chosen["form"]:
        occasions = occasions.filter(format=chosen["form"])
    if chosen["ort"]:
        occasions = occasions.filter(town=chosen["ort"])
    if chosen["arrangor"]:
        occasions = occasions.filter(course__organiser=chosen["arrangor"])
    if chosen["oppna"]:
        occasions = occasions.open_for_registration(now)
    if month := month_of(form, now):
        return occasions.in_month(month).order_by("starts", "pk")
    if chosen["period"] == "tidigare":
        return occasions.past(now).order_by("-starts", "pk")
    if chosen["period"]:
        occasions = occasions.filter(starts__lt=now + timedelta(days=int(chosen["period"])))
    return occasions.coming(now).order_by("starts", "pk")
