"""What can be found in organisation: roles, units, and those who hold roles there."""

from collections import defaultdict

from django.db.models import Q
from django.utils import timezone

from portal.search import sources
from portal.search.sources import Searchable
from portal.web.days import midnight

from .models import Appointment, Role, Unit

# What a role's page is about, whoever the role is: "kuratorns ansvar", "chefens uppgifter".
ABOUT_ROLES = "roll ansvar uppgifter uppdrag"

# A person is looked for by name; who looks for a role or a unit gets those first.
CONTACT_WEIGHT = 0.1


def roles(ids=None):
    rows = Role.objects.prefetch_related("responsibilities")
    for row in rows if ids is None else rows.filter(pk__in=ids):
        yield Searchable(
            row.pk,
            row.title,
            row.get_absolute_url(),
            " ".join([row.mandate, *(each.text for each in row.responsibilities.all())]),
            keywords=f"{row.get_level_display()} {ABOUT_ROLES}",
            names=row.code,
        )


def units(ids=None):
    """Units that exist today or will, found during the time they exist."""
    rows = Unit.objects.with_page().select_related("kind", "caregiver")
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate()))
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    rows = list(rows)
    functions = functions_by_unit(rows)
    for row in rows:
        caregiver = row.caregiver.name if row.caregiver else ""
        yield Searchable(
            row.pk,
            row.name,
            row.get_absolute_url(),
            ", ".join(filter(None, [row.kind.name, row.address, row.town, caregiver, row.hsa_id])),
            keywords=" ".join(functions[row.pk]),
            visible_from=midnight(row.valid_from),
            visible_until=midnight(row.valid_to),
        )


def functions_by_unit(units):
    """{unit pk: roles in force today}"""
    functions = defaultdict(list)
    appointments = Appointment.objects.public().filter(unit__in=[unit.pk for unit in units])
    for row in appointments.exclude(state=Appointment.State.NOT_APPLICABLE):
        functions[row.unit_id].append(row.role.title)
    return functions


def contacts(ids=None):
    """Those who hold a role, found by name during their own period and no longer."""
    rows = Appointment.objects.named_to_readers()
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate()))
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    for row in rows.select_related("person", "role", "unit"):
        yield Searchable(
            row.pk,
            row.person.name,
            f"{row.unit.get_absolute_url()}#roll-{row.role.code}",
            row.unit.name,
            weight=CONTACT_WEIGHT,
            visible_from=midnight(row.valid_from),
            visible_until=midnight(row.valid_to),
        )


def roles_of_contacts(ids):
    rows = Appointment.objects.filter(pk__in=ids).values_list("pk", "role__title", "acting")
    return {pk: f"{title} (tillförordnad)" if acting else title for pk, title, acting in rows}


sources.register("role", "Roll", roles)
sources.register("unit", "Enhet", units)
sources.register("contact", "Kontakt", contacts, tell=roles_of_contacts)
