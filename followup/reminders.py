"""Letters about the year's figures: tasks that fall due, and units that have not answered."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from organisation.mailboxes import addresses_of
from organisation.unit_reminders import addresses_of_keepers
from portal.outbox import reminders
from portal.outbox.reminders import Reminder

from .models import Release, YearlyTask
from .reviews import answers, latest_year

DUE, SILENT = "Årshjulet den här månaden", "Siffror att kommentera"
# A unit has this long before anybody is reminded of it.
TIME_TO_ANSWER = timedelta(days=14)
PATH = "/uppfoljning/arshjul/"


@reminders.register
def tasks_of_the_month() -> Iterator[Reminder]:
    """What the year's wheel has for this month, to whoever holds the role that does it."""
    month = timezone.localdate().month
    tasks = list(YearlyTask.objects.filter(month=month).select_related("owner"))
    addresses = addresses_of({task.owner_id for task in tasks})
    for task in tasks:
        to = addresses.get(task.owner_id, ())
        yield Reminder(f"Rollen {task.owner.title}", to, DUE, task.title, PATH)


@reminders.register
def figures_to_comment() -> Iterator[Reminder]:
    """Units that have said nothing of the latest figures, to whoever keeps them."""
    year = latest_year()
    if year is None:
        return
    newest = Release.objects.current().filter(year=year).latest("released_at").released_at
    if newest > timezone.now() - TIME_TO_ANSWER:
        return
    silent = [answer.unit for answer in answers(year) if answer.review is None]
    addresses = addresses_of_keepers(silent)
    for unit in silent:
        if to := addresses[unit.pk]:
            path = reverse("followup:unit_review", args=[unit.hsa_id, year])
            yield Reminder(f"Enheten {unit.name}", to, SILENT, f"{unit.name}, {year}", path)
