"""What a unit's manager stores: a form's changes, and that all is right.

Each is one moment of history with a reason, and tells search at once.
"""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from portal.editing.history import RowHistory
from portal.editing.history_timeline import Timeline, value_in_words
from portal.editing.last_day import day_after
from portal.outbox import actions as outbox

from . import scope
from .actions import EMPTY, Moment, leave_empty
from .models import PURGED_NAME, Appointment, Attestation, Person, Unit
from .periods import overlapping
from .unit_form import UNKNOWN, UnitForm, unit_fields
from .unit_slots import Slot

State = Appointment.State
# How the moments of a unit's page begin; the first can be undone (unit_undo).
SAVED, RIGHT = "Enhetens sida", "Allt stämmer"


def appointment_name(record):
    """Who held which role, from a record of history."""
    fields = {each.name: each for each in record.tracked_fields}
    holder = value_in_words(record, fields["person" if record.person_id else "state"])
    if record.name_purged_on:
        holder = PURGED_NAME.lower()
    return f"{value_in_words(record, fields['role'])} – {holder}"


APPOINTMENTS = RowHistory(Appointment, "unit", appointment_name, returns=False)


def timeline_of(unit: Unit) -> Timeline:
    return Timeline(Unit, unit.pk, [APPOINTMENTS])


# -- saving ----------------------------------------------------------------------------


@transaction.atomic
def save_unit(form: UnitForm, *, by) -> bool:
    """Stores what a valid form says. False when it changes nothing.

    Raises ValidationError, and stores nothing, when the rows do not fit together.
    """
    reason = form.cleaned_data["reason"]
    moment = Moment(f"{SAVED}: {reason}" if reason else SAVED)
    unit, changed = form.unit, False
    values = {name: form.cleaned_data[name] for name in unit_fields(unit)}
    if any(getattr(unit, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(unit, name, value)
        moment.save(unit)
        changed = True
    ends = []
    touched = [slot for slot in form.slots if form.touches(slot)]
    untouched = [slot.row.pk for slot in form.slots if slot.row and slot not in touched]
    # Those that end first, so that two in one seat never meet.
    for slot in sorted(touched, key=lambda slot: slot.row is None):
        changed = _save_slot(form, slot, moment, ends, untouched) or changed
    for row in ends:
        _keep_vacancy(row, moment)
    if changed:
        moment.tell_search(unit)
        _queue_receipts(unit, moment, by)
    return changed


def _save_slot(form, slot: Slot, moment, ends, untouched) -> bool:
    """Whether anything was stored. Rows that now end on another day are added to `ends`."""
    row, role = slot.row, slot.role or form.part(slot, "role")
    if form.part(slot, "state") == UNKNOWN:
        if row is not None:
            moment.end(row, timezone.localdate())
        return row is not None
    values = _values_of(form, slot, moment)
    first, last = form.part(slot, "first_day"), form.part(slot, "last_day")
    valid_to = day_after(last)
    if row is None:
        begins = first or timezone.localdate()
        _make(form.unit, role, values, begins, valid_to, moment, untouched)
        return True
    before = row.valid_to
    if not _same_holder(row, values):
        begins = _first_day_of_next(row, first)
        if row.valid_from is None or begins > row.valid_from:
            row.valid_to = begins
            moment.save(row)
            ends_on = None if valid_to == before else valid_to
            _make(form.unit, role, values, begins, ends_on, moment, untouched)
            return True
        first = begins
    for name, value in values.items():
        setattr(row, name, value)
    row.valid_from, row.valid_to = first, valid_to
    if before is not None and before != valid_to:
        _take_back_vacancy(row, before, moment)
    moment.save(row)
    if before != valid_to:
        ends.append(row)
    return True


def _values_of(form, slot: Slot, moment) -> dict:
    """What the form says of a holder; a person who is new is stored first."""
    state = form.part(slot, "state")
    person = form.holders.get(slot.key) if state == State.HELD else None
    if person is not None and person.pk is None:
        person = _stored(person, moment)
    return {
        "state": state,
        "person": person,
        "shared_with": form.partners.get(slot.key) if state == State.SHARED else None,
        **{name: form.part(slot, name) for name in ("acting", "email", "phone", "phone_hours")},
        "confirmed_on": timezone.localdate(),
    }


def _first_day_of_next(row, first) -> date:
    """When another holder begins: a day that nobody has touched is the first of the one before."""
    if first and first != row.valid_from:
        return first
    today = timezone.localdate()
    return max(today, row.valid_from or today)


def _same_holder(row, values):
    return all(getattr(row, name) == values[name] for name in ("state", "person", "shared_with"))


def _make(unit, role, values, valid_from, valid_to, moment, untouched=()):
    """A new row. Where somebody takes a role, its vacancy ends and so does who stood in, if
    the form does not say otherwise (`untouched`: the rows that it leaves as they are)."""
    row = Appointment(unit=unit, role=role, valid_from=valid_from, valid_to=valid_to, **values)
    if not row.acting and row.state not in EMPTY:
        beside = Appointment.objects.filter(
            overlapping(valid_from, valid_to), unit=unit, role=role, pk__in=untouched
        )
        for other in beside.filter(Q(acting=True) | Q(state__in=EMPTY)):
            moment.end(other, valid_from)
    moment.save(row)


def _stored(person, moment):
    """A new person, once also when two roles name her."""
    if found := Person.objects.filter(hsa_id=person.hsa_id).first():
        return found
    moment.save(person)
    return person


def _take_back_vacancy(row, before: date, moment):
    """The vacancy that was to begin when an appointment ended, before its end is moved."""
    others = Appointment.objects.filter(unit=row.unit, role=row.role, state=State.VACANT)
    for vacancy in others.filter(valid_from=before, valid_from__gt=timezone.localdate()):
        moment.delete(vacancy)


def _keep_vacancy(row, moment):
    """Where an appointment's last day was set or moved, the role is vacant from the day after,
    if the unit has to have it and nobody takes over."""
    if row.acting or row.state in EMPTY or row.valid_to is None:
        return
    if row.unit.kind.required_roles.filter(pk=row.role_id).exists():
        leave_empty(
            moment,
            row.unit,
            row.role,
            row.valid_to,
            State.VACANT,
            row.function_mailbox,
            confirmed_on=timezone.localdate(),
        )


# -- receipt ---------------------------------------------------------------------------


def _queue_receipts(unit, moment, by):
    """To who saved, and to the unit's managers when it was somebody else."""
    entry = timeline_of(unit).entries([moment.at])[0]
    context = {"unit": unit, "entry": entry, "by": by, "site_url": settings.SITE_URL}
    to = {by.email.lower()} if by.email else set()
    for right in scope.rights_to([unit])[unit.pk]:
        if right.is_manager and right.row and right.row.user:
            to.add(right.row.user.email.lower())
    for address in sorted(to):
        outbox.queue(
            key=f"receipt {unit.hsa_id} {moment.at.isoformat()} {address}",
            to=address,
            subject=f"Ändrat: {unit.name}"[:200],
            body=render_to_string("organisation/receipt.txt", context),
        )


# -- all is right ----------------------------------------------------------------------


@transaction.atomic
def attest(unit: Unit, *, by) -> Attestation:
    """All of the unit is right today. Twice in a day is once."""
    today = timezone.localdate()
    moment = Moment(RIGHT)
    for row in unit.appointments.on(today).exclude(confirmed_on=today):
        row.confirmed_on = today
        moment.mark(row)
        row.save()
    attestation, _ = Attestation.objects.get_or_create(unit=unit, by=by, on=today)
    return attestation
