"""The demonstration's manager: of one unit by her appointment, of another by a row, with a
deputy there for half a year."""

import secrets
from datetime import timedelta

from django.utils import timezone

from portal.accounts import demo
from portal.accounts.models import User

from .models import Appointment, Unit, UnitManager

DEPUTY = "ersattare@example.org"
DEPUTY_DAYS = 180


@demo.register
def furnish(users):
    manager = users.get("enhetschef")
    held = Appointment.objects.in_office().filter(
        role__manages_unit=True, state=Appointment.State.HELD
    )
    own = held.order_by("unit__hsa_id").first()
    if manager is None or own is None:
        return []
    manager.hsa_id = own.person.hsa_id
    manager.save()
    vacant = Unit.objects.public().filter(
        appointments__in=Appointment.objects.on().filter(state=Appointment.State.VACANT)
    )
    other = vacant.exclude(pk=own.unit_id).order_by("hsa_id").first()
    if other is None:
        return []
    right = UnitManager.objects.create(unit=other, user=manager)
    password = secrets.token_urlsafe(12)
    deputy = User.objects.create_user(DEPUTY, password, first_name="Demo", last_name="Ersättare")
    UnitManager.objects.create(
        unit=other,
        kind=UnitManager.Kind.DEPUTY,
        user=deputy,
        deputy_for=right,
        valid_from=timezone.localdate(),
        valid_to=timezone.localdate() + timedelta(days=DEPUTY_DAYS),
    )
    return [(DEPUTY, password)]
