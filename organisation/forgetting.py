"""Names whose time is over leave the database; that somebody had the role, and when, stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.audit.models import Action
from portal.audit.notes import note_rows
from portal.search.index import forget_words, index
from portal.web.personal_data import forget_rows, scrub_log

from .models import Appointment, Person, names_kept_since

# A name is not the only thing that tells who somebody was.
WITHOUT_CONTACT = {"email": "", "phone": "", "phone_hours": "", "note": ""}


@dataclass(frozen=True)
class Purged:
    appointments: int
    persons: int


@transaction.atomic
def purge_names() -> Purged:
    """Takes names from appointments that ended long enough ago, and persons with no other."""
    ended = [*Appointment.objects.out_of_time().values_list("pk", "person")]
    forget_holders(pk for pk, _ in ended)
    # What a row once said of a time that is over, whoever has it now.
    old = Appointment.history.filter(valid_to__lte=names_kept_since(), person__isnull=False)
    clean_history(old)
    persons = persons_without_need({person for _, person in ended})
    forget_persons(persons)
    return Purged(len(ended), len(persons))


def forget_holders(ids: Iterable[int]) -> None:
    """Takes holder and contact details from appointments and from all that is kept of them.

    No moment of history is made of it: the row is what it was, without the name.
    """
    ids = list(ids)
    rows = Appointment.objects.filter(pk__in=ids, person__isnull=False)
    holders = {row.pk: row.person_id for row in rows}
    names = names_of(set(holders.values()))
    today = timezone.localdate()
    rows.update(person=None, name_purged_on=today, **WITHOUT_CONTACT)
    note_rows(
        {
            "action": Action.ERASE,
            "model": "organisation.appointment",
            "object_id": pk,
            "fields": ["person", *WITHOUT_CONTACT],
        }
        for pk in holders
    )
    for pk, person in holders.items():
        clean_history(Appointment.history.filter(id=pk, person=person))
    scrub_log(log_of(Appointment, ids), names)
    forget_rows(Appointment, ids)
    index("contact", ids)
    forget_words(names)


def clean_history(records) -> None:
    records.update(
        person=None,
        name_purged_on=timezone.localdate(),
        history_change_reason=None,
        **WITHOUT_CONTACT,
    )


def forget_persons(ids: Iterable[int]) -> None:
    """Deletes persons with their history, and every record that points at them."""
    ids = list(ids)
    names = names_of(ids)
    records = Appointment.history.filter(person__in=ids)
    touched = set(records.values_list("id", flat=True))
    clean_history(records)
    scrub_log(log_of(Appointment, touched), names)
    scrub_log(log_of(Person, ids), names)
    forget_rows(Appointment, touched)
    forget_rows(Person, ids)
    # In this order: the deletion leaves a record with the name.
    Person.objects.filter(pk__in=ids).delete()
    Person.history.filter(id__in=ids).delete()
    forget_words(names)


def persons_without_need(had_some: set[int]) -> list[int]:
    """Persons who hold nothing, and whose last trace is as old as names are kept.

    had_some  persons whose last appointment has just lost its name
    """

    def is_over(person):
        seen = last_named(person)
        if seen is None:
            if person in had_some:
                return True
            seen = last_saved(person)
        return seen is not None and seen <= since

    since = names_kept_since()
    free = Person.objects.all()
    for relation in Person._meta.related_objects:
        if relation.on_delete.__name__ != "DO_NOTHING":
            pointing = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__isnull": False}
            )
            free = free.exclude(pk__in=pointing.values(relation.field.name))
    return [person for person in free.values_list("pk", flat=True) if is_over(person)]


def last_named(person: int) -> date | None:
    """The last day that a record of an appointment's history is known to have named a person:
    when it went to somebody else, or was taken away."""
    named = Appointment.history.filter(person=person).values("id")
    records = list(
        Appointment.history.filter(id__in=named).order_by("id", "history_date", "history_id")
    )
    days = []
    for record, later in zip(records, [*records[1:], None], strict=False):
        if record.person_id != person:
            continue
        replaced = later is not None and later.id == record.id
        if not replaced or later.person_id != person:
            days.append(_day(later if replaced else record))
    return max(days, default=None)


def last_saved(person: int) -> date | None:
    saved = Person.history.filter(id=person).order_by("history_date", "history_id").last()
    return saved and _day(saved)


def _day(record):
    return timezone.localdate(record.history_date)


def names_of(ids: Iterable[int]) -> set[str]:
    """Every name that some persons have or have had."""
    ids = list(ids)
    return {
        name
        for rows in (Person.objects.filter(pk__in=ids), Person.history.filter(id__in=ids))
        for name in rows.values_list("name", flat=True)
        if name
    }


def log_of(model, ids):
    """The admin's log about some rows."""
    kind = ContentType.objects.get_for_model(model)
    return LogEntry.objects.filter(Q(content_type=kind), object_id__in=[str(pk) for pk in ids])
