"""Appointments that end and begin, with what follows of it, as one moment of history."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal.editing.last_day import day_after
from portal.search.index import index
from portal.web.sensible_days import fault_of

from . import seats
from .models import Appointment, Person, Unit
from .periods import in_force, overlapping

State = Appointment.State
# What a unit says when nobody has a role there.
EMPTY = (State.VACANT, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class Ended:
    """What ending an appointment stored: the rows, None where there was nothing to store."""

    appointment: Appointment
    vacancy: Appointment | None
    stand_in: Appointment | None


class Moment:
    """Rows of a unit that are stored together: one moment of history, one reason.

    by  who did it, where that is not asked of the request
    """

    def __init__(self, reason: str, by=None):
        self.at, self.reason, self.by = timezone.now(), reason, by
        self.contacts = set()

    def mark(self, row):
        row._history_date, row._change_reason = self.at, self.reason or None
        if self.by:
            row._history_user = self.by
        if isinstance(row, Appointment):
            self.contacts.add(row.pk)

    def save(self, row):
        self.mark(row)
        row.full_clean()
        if not isinstance(row, Appointment):
            row.save()
            return
        with seats.explained(row):
            row.save()
        self.contacts.add(row.pk)

    def delete(self, row):
        self.mark(row)
        row.delete()

    def end(self, row, day: date):
        """Nothing is said from a day on; what never began leaves no trace but history."""
        if row.valid_from is not None and row.valid_from >= day:
            self.delete(row)
        else:
            row.valid_to = day
            self.save(row)

    def tell_search(self, unit: Unit):
        index("unit", [unit.pk])
        if ids := self.contacts - {None}:
            index("contact", sorted(ids))


@transaction.atomic
def end_appointment(
    *,
    appointment: Appointment,
    last_day: date,
    by,
    stand_in: Person | None = None,
    still_needed: bool = True,
    reason: str = "",
) -> Ended:
    """End an appointment after its last day; from the day after, the role is seen to be vacant.

    stand_in      who acts meanwhile, until somebody is appointed
    still_needed  False: the unit is not to have the role any more, instead of a vacancy
    by            the user who did it

    The vacancy lasts until somebody is known to begin. There is none when somebody else has
    the role that day, for one who only acts, or at a unit that has closed by then. The
    function's mailbox stays with the vacancy and the stand-in; a holder's own address does
    not. Raises ValidationError in Swedish, storing nothing.
    """
    row = Appointment.objects.select_for_update().get(pk=appointment.pk)
    role, unit = row.role, row.unit
    _check_last_day(row, last_day)
    moment = Moment(reason, by)
    row.valid_to = day_after(last_day)
    moment.save(row)
    mailbox = row.function_mailbox
    vacancy = acting = None
    if not row.acting and row.state not in EMPTY:
        state = State.VACANT if still_needed else State.NOT_APPLICABLE
        vacancy = leave_empty(moment, unit, role, row.valid_to, state, mailbox)
    if stand_in is not None:
        if vacancy is None or not still_needed:
            raise ValidationError(
                "Ingen behöver vara tillförordnad: rollen blir inte vakant den dagen."
            )
        if stand_in.pk == row.person_id:
            raise ValidationError("Den som slutar kan inte vara tillförordnad efter sig själv.")
        acting = Appointment(
            unit=unit,
            role=role,
            person=stand_in,
            acting=True,
            valid_from=vacancy.valid_from,
            valid_to=vacancy.valid_to,
            email=mailbox,
        )
        moment.save(acting)
    moment.tell_search(unit)
    return Ended(row, vacancy, acting)


@transaction.atomic
def start_appointment(*, appointment: Appointment, by, reason: str = "") -> Appointment:
    """Store a new holder, an unsaved row with its first day; a vacancy and who acted end then.

    A vacancy that would only have begun later goes. When the new holder's last day is known
    already, the role is vacant again the day after. Raises ValidationError in Swedish.
    """
    first = appointment.valid_from
    if first is None:
        raise ValidationError({"valid_from": "Ange första dagen."})
    if appointment.acting or appointment.state in EMPTY:
        raise ValidationError("Välj ett läge där någon har rollen.")
    # Two who fill the same vacancy come after each other, on both databases.
    Unit.objects.select_for_update().filter(pk=appointment.unit_id).values_list("pk").first()
    moment = Moment(reason, by)
    beside = Appointment.objects.select_for_update().filter(
        overlapping(first, appointment.valid_to),
        unit=appointment.unit_id,
        role=appointment.role_id,
    )
    for row in beside.filter(acting=False, state__in=EMPTY) | beside.filter(acting=True):
        moment.end(row, first)
    moment.save(appointment)
    if appointment.valid_to:
        leave_empty(
            moment,
            appointment.unit,
            appointment.role,
            appointment.valid_to,
            State.VACANT,
            appointment.function_mailbox,
        )
    moment.tell_search(appointment.unit)
    return appointment


def _check_last_day(row, last_day):
    if fault := fault_of(last_day):
        raise ValidationError({"last_day": fault})
    if row.has_ended:
        raise ValidationError(f"Uppdraget är redan avslutat, {row.period_in_words}.")
    if row.valid_from and last_day < row.valid_from:
        raise ValidationError(
            {"last_day": "Sista dagen kan inte ligga före den dag då uppdraget började."}
        )
    if row.valid_to and last_day >= row.valid_to:
        raise ValidationError(
            {"last_day": "Uppdraget slutar redan tidigare. Ändra i så fall perioden."}
        )


def leave_empty(moment, unit, role, first, state, mailbox, **more):
    """The row that says that nobody has a role from a day, or None where somebody does or the
    unit has closed by then."""
    if unit.valid_to and unit.valid_to <= first:
        return None
    others = Appointment.objects.filter(unit=unit, role=role, acting=False)
    if others.filter(in_force(first)).exists():
        return None
    next_one = others.filter(valid_from__gt=first).order_by("valid_from").first()
    row = Appointment(
        unit=unit,
        role=role,
        state=state,
        valid_from=first,
        valid_to=next_one.valid_from if next_one else None,
        email=mailbox,
        **more,
    )
    moment.save(row)
    return row
