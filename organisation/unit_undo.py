"""A step back: what the latest save of a unit's page changed stands as before."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from portal.editing.history_timeline import Entry

from .actions import Moment
from .manager_actions import APPOINTMENTS, SAVED, timeline_of
from .models import Appointment, Person, Unit

UNDONE = "Ångrat"


class NothingToUndo(Exception):
    """Somebody has changed the unit since, or something rests on what would be undone."""


def last_save(unit: Unit, *, own_of=None) -> Entry | None:
    """The unit's latest moment, when it is a save of its page that can be undone."""
    timeline = timeline_of(unit)
    latest = timeline.moments().first()
    if latest is None or (own_of and not _saved_by(own_of, unit, latest)):
        return None
    entry = timeline.entries([latest])[0]
    return entry if entry.reason.startswith(SAVED) else None


def _saved_by(user, unit, at):
    users = set()
    for records in (Unit.history.filter(id=unit.pk), APPOINTMENTS.records(unit.pk)):
        users |= set(records.filter(history_date=at).values_list("history_user", flat=True))
    return users == {user.pk}


@transaction.atomic
def undo(unit: Unit, at_text: str, *, own_of=None) -> None:
    """Rows stand as before the latest save. Raises NothingToUndo when it is not the latest.

    own_of  the user whose save it has to be: a deputy brings no earlier manager back
    """
    Unit.objects.select_for_update().filter(pk=unit.pk).values_list("pk").first()
    entry = last_save(unit, own_of=own_of)
    if entry is None or entry.at.isoformat() != at_text:
        raise NothingToUndo
    moment = Moment(UNDONE)
    try:
        with transaction.atomic():
            _restore(unit, entry.at, moment)
    except (ProtectedError, IntegrityError, ValidationError) as fault:
        raise NothingToUndo from fault
    moment.tell_search(unit)


def _restore(unit, at, moment):
    appointments = APPOINTMENTS.records(unit.pk).filter(history_date=at)
    keys = list(dict.fromkeys(appointments.values_list("id", flat=True)))
    before = {key: _before(Appointment, key, at) for key in keys}
    made = [key for key, record in before.items() if record is None]
    new_persons = set(
        Person.history.filter(history_date=at, history_type="+").values_list("id", flat=True)
    )
    for row in Appointment.objects.filter(pk__in=made):
        moment.delete(row)
    for key in sorted(set(keys) - set(made)):
        moment.save(_as_then(before[key]))
    if Unit.history.filter(id=unit.pk, history_date=at).exists():
        moment.save(_as_then(_before(Unit, unit.pk, at)))
    for person in Person.objects.filter(pk__in=new_persons, appointments=None):
        moment.delete(person)


def _as_then(record):
    """The row of a record of history: to be changed back, or made again if it is gone."""
    row = record.instance
    row._state.adding = not type(row)._base_manager.filter(pk=row.pk).exists()
    return row


def _before(model, key, at):
    """The record that says how a row was before a moment; None when it was not there."""
    records = model.history.filter(id=key, history_date__lt=at)
    record = records.order_by("-history_date", "-history_id").first()
    return None if record is None or record.history_type == "-" else record
