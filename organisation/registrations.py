"""What organisation offers the shared rooms: links to roles, panels on others' pages."""

from django.urls import reverse

from portal.audit.models import Action
from portal.audit.watching import named
from portal.caching import page_cache, stamp
from portal.editing import deletion
from portal.editing.admin_site import WAITING_TEMPLATE, begin_with, waiting
from portal.richtext.links import register_scheme
from portal.web import panels
from portal.web.panels import Panel
from portal.web.personal_data import told

from . import (
    claimed_managers,  # noqa: F401  (registers rights that claims may give)
    demo_managers,  # noqa: F401  (registers what the demonstration's accounts may do)
    manager_data,  # noqa: F401  (registers what it holds of managers)
    my_unit,  # noqa: F401  (registers what a reader's own unit is)
    personal_data,  # noqa: F401  (registers what it holds of people)
    scope,
    searchables,  # noqa: F401  (registers what can be found)
    unit_reminders,  # noqa: F401  (registers whom to remind)
)
from .coverage_forms import CoverageForm
from .forms import UnitFilterForm
from .models import Appointment, FileImport, Role, Unit
from .periods import in_force


def role_urls(codes):
    return {role.code: role.get_absolute_url() for role in Role.objects.filter(code__in=codes)}


# Where it says whether somebody answers the phone just now, no page may be kept.
page_cache.may_keep("organisation:unit_list", forms=[UnitFilterForm])
page_cache.may_keep("organisation:coverage", forms=[CoverageForm])
page_cache.may_keep(
    "organisation:role_list",
    "organisation:role_detail",
    "organisation:structure_file",
    "organisation:unit_detail",
)
stamp.unseen("organisation.FileImport")


@named("organisation.fileimport")
def file_was_stored(before, after):
    stored = FileImport.State.STORED
    return Action.IMPORT if after.get("state") == stored != before.get("state") else None


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


@panels.register("account")
def my_units(user):
    """Whoever keeps a unit lands there, and finds the way from "Mitt konto"."""
    if not scope.rights_of(user):
        return None
    return Panel("organisation/_account_panel.html", leave_for=reverse("my_units"))


@panels.register("admin_index")
def units_of_mine(request):
    rights = scope.rights_of(request.user)
    if not rights:
        return None
    rows = {"label": "Mina enheter", "count": len(rights), "url": reverse("my_units")}
    return Panel(WAITING_TEMPLATE, rows)


begin_with(Unit, "Läs in enheterna ur en fil", url_name="admin:organisation_fileimport_units")
begin_with(Appointment, "Skriv in vem som har vilken roll")


@panels.register("register:personal_data")
def personal_data_table(request):
    return Panel("organisation/_personal_data.html", {"groups": told()})


@panels.register("admin_index")
def vacant_appointments(request):
    vacant = Appointment.objects.on().filter(in_force(of="unit__"), state=Appointment.State.VACANT)
    rows = vacant.without_successor()
    return waiting(
        request,
        Appointment,
        "Vakanta uppdrag",
        lambda: scope.seen(rows, request.user).count(),
        state__exact="vacant",
        galler="utan",
    )
