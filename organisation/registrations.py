"""What organisation offers the shared rooms: links to roles."""

from portal.richtext.links import register_scheme
from portal.web import deletion, panels
from portal.web.admin_site import waiting

from . import (
    scope,
    searchables,  # noqa: F401  (registers what can be found)
)
from .models import Appointment, Role
from .periods import in_force


def role_urls(codes):
    return {role.code: role.get_absolute_url() for role in Role.objects.filter(code__in=codes)}


register_scheme("roll", role_urls)
deletion.linked_as(Role, lambda row: [f"roll:{row.code}"])


@panels.register("admin_index")
def vacant_appointments(request):
    rows = Appointment.objects.on().filter(in_force(of="unit__"), state=Appointment.State.VACANT)
    return waiting(
        request,
        Appointment,
        "Vakanta uppdrag",
        lambda: scope.seen(rows, request.user).count(),
        state__exact="vacant",
        galler="nu",
    )
