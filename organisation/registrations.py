"""What organisation offers the shared rooms: links to roles."""

from portal.richtext.links import register_scheme
from portal.web import deletion, panels
from portal.web.admin_site import waiting
from portal.web.panels import Panel
from portal.web.personal_data import told

from . import my_unit, personal_data, searchables  # noqa: F401  (register what they offer)
from .models import Appointment, Role
from .periods import in_force


def role_urls(codes):
    return {role.code: role.get_absolute_url() for role in Role.objects.filter(code__in=codes)}


register_scheme("roll", role_urls)
deletion.linked_as(Role, lambda row: [f"roll:{row.code}"])


@panels.register("page")
def finder(page):
    """The question "who coordinates at my unit?" under all that is about coordination."""
    section = page.parent or page
    return Panel("organisation/_finder_panel.html") if section.slug == "rehabkoordinering" else None


@panels.register("role")
def forums_of_role(role):
    forums = role.forums.all()
    return Panel("organisation/_role_forums.html", {"forums": forums}) if forums else None


@panels.register("register:personal_data")
def personal_data_table(request):
    return Panel("organisation/_personal_data.html", {"groups": told()})


@panels.register("admin_index")
def vacant_appointments(request):
    rows = Appointment.objects.on().filter(in_force(of="unit__"), state=Appointment.State.VACANT)
    return waiting(
        request, Appointment, "Vakanta uppdrag", rows.count, state__exact="vacant", galler="nu"
    )
