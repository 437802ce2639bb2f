"""What an address of the calendar means: one answer for page, .ics and .json."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from .forms import MONTH_VIEW, PAST, CalendarForm
from .models import ImportedEvent, Occasion


def month_of(form: CalendarForm, now) -> date | None:
    """The first day of the month that an address asks for; None for a list without one."""
    if not form.is_valid():
        return None
    if form.cleaned_data["vy"] == MONTH_VIEW and not form.cleaned_data["manad"]:
        return timezone.localdate(now).replace(day=1)
    return form.cleaned_data["manad"]


@dataclass
class Selection:
    """Own occasions and others' events, each in order, to be read as one row of both.

    Has what a paginator asks for: count() and a slice.
    """

    occasions: QuerySet
    events: QuerySet
    newest_first: bool = False

    def count(self) -> int:
        return self.occasions.count() + self.events.count()

    def __getitem__(self, part: slice) -> list[Occasion | ImportedEvent]:
        """A part of the row, of which only the rows shown are read in full."""
        keys = [
            (starts, kind, pk)
            for kind, rows in enumerate([self.occasions, self.events])
            for starts, pk in rows.values_list("starts", "pk")[: part.stop]
        ]
        keys = self._ordered(keys)[part]
        chosen = [{pk for _, kind, pk in keys if kind == which} for which in (0, 1)]
        return self.merged(
            self.occasions.filter(pk__in=chosen[0]), self.events.filter(pk__in=chosen[1])
        )

    def merged(
        self, occasions: Iterable[Occasion], events: Iterable[ImportedEvent]
    ) -> list[Occasion | ImportedEvent]:
        keyed = {(row.starts, 0, row.pk): row for row in occasions}
        keyed |= {(row.starts, 1, row.pk): row for row in events}
        return [keyed[key] for key in self._ordered(keyed)]

    def _ordered(self, keys):
        keys = sorted(keys, key=lambda key: key[1:])
        return sorted(keys, key=lambda key: key[0], reverse=self.newest_first)


def selection(form: CalendarForm, now) -> Selection:
    """What a calendar's address means; a bad one shows what is coming."""
    newest_first = form.is_valid() and form.cleaned_data["period"] == PAST
    newest_first = newest_first and month_of(form, now) is None
    return Selection(selected_occasions(form, now), selected_events(form, now), newest_first)


def selected_events(form: CalendarForm, now) -> QuerySet:
    """Others' events, in order, by the filters that can be told of them.

    Of form, area and registration nothing is known, so who filters by these sees none of them.
    """
    events = ImportedEvent.objects.public().select_related("calendar__organiser")
    if not form.is_valid():
        return events.coming(now).order_by("starts", "pk")
    chosen = form.cleaned_data
    if chosen["omrade"] or chosen["form"] or chosen["oppna"]:
        events = events.filter(pk=None)
    if chosen["malgrupp"]:
        events = events.for_profession(chosen["malgrupp"].code)
    if chosen["ort"]:
        events = events.filter(town=chosen["ort"])
    if chosen["arrangor"]:
        events = events.filter(calendar__organiser=chosen["arrangor"])
    return _in_time(events, form, now)


def selected_occasions(form: CalendarForm, now) -> QuerySet:
    """Own occasions of a calendar's address, in order; a bad one shows what is coming."""
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
    return _in_time(occasions, form, now)


def _in_time(rows, form, now):
    """A month says by itself which time is meant, so the period does not count beside it."""
    chosen = form.cleaned_data
    if month := month_of(form, now):
        return rows.in_month(month).order_by("starts", "pk")
    if chosen["period"] == PAST:
        return rows.past(now).order_by("-starts", "pk")
    if chosen["period"]:
        rows = rows.filter(starts__lt=now + timedelta(days=int(chosen["period"])))
    return rows.coming(now).order_by("starts", "pk")
