"""Contacts to take along: one unit or role as a vCard, the directory as a CSV file."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.web.ordering import swedish
from portal.web.spreadsheets import csv_response

from .forms import UnitFilterForm
from .models import Appointment, Unit
from .vcards import CONTENT_TYPE, WITH_CARD, appointment_card, unit_card
from .views import filtered_units, unit_gone

HEADER = [
    "Enhet", "HSA-id", "Typ", "Driftform", "Vårdgivare", "Ort", "Adress", "Telefon",
    "Funktionsbrevlåda", "Roll", "Läge", "Namn", "Tillförordnad", "Delas med", "Rollens telefon",
    "Telefontid", "Rollens funktionsbrevlåda", "Kontrollerad",
]  # fmt: skip


def card_response(cards, name):
    response = HttpResponse(cards, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.vcf"'
    return response


def unit_or_404(hsa_id):
    return get_object_or_404(Unit.objects.opened().select_related("successor"), hsa_id=hsa_id)


@require_safe
def unit_vcard(request, hsa_id):
    unit = unit_or_404(hsa_id)
    address = reverse("organisation:unit_vcard", args=[unit.hsa_id])
    if request.path != address:
        return redirect(address, permanent=True)
    if unit.has_ended:
        return unit_gone(request, unit)
    url = request.build_absolute_uri(unit.get_absolute_url())
    return card_response(unit_card(unit, url), unit.hsa_id)


@require_safe
def role_vcard(request, hsa_id, code):
    """Everybody who holds a role at a unit today, one card each, the one acting last."""
    unit = unit_or_404(hsa_id)
    address = reverse("organisation:role_vcard", args=[unit.hsa_id, code])
    if request.path != address:
        return redirect(address, permanent=True)
    if unit.has_ended:
        return unit_gone(request, unit)
    rows = Appointment.objects.public().filter(unit=unit, role__code=code, state__in=WITH_CARD)
    url = f"{request.build_absolute_uri(unit.get_absolute_url())}#roll-{code}"
    cards = "".join(appointment_card(row, url) for row in rows)
    if not cards:
        raise Http404("Ingen har rollen på enheten i dag.")
    return card_response(cards, f"{unit.hsa_id}-{code}")


@require_safe
def contacts_csv(request):
    """The directory's units by the same query, a row for each role that a unit has."""
    units = filtered_units(UnitFilterForm(request.GET))
    roles = {}
    for row in Appointment.objects.public().filter(unit__in=units.values("pk")):
        roles.setdefault(row.unit_id, []).append(row)
    ordered = units.select_related("kind", "caregiver").order_by(swedish("name"), "pk")
    lines = (
        [*unit_cells(unit), *role_cells(row)]
        for unit in ordered
        for row in roles.get(unit.pk, [None])
    )
    return csv_response("kontakter.csv", HEADER, lines)


def unit_cells(unit):
    caregiver = unit.caregiver.name if unit.caregiver else ""
    return [unit.name, unit.hsa_id, unit.kind.name, unit.get_ownership_display(), caregiver,
            unit.town, unit.address, unit.phone, unit.email]  # fmt: skip


def role_cells(row):
    if row is None:
        return ["", "inte registrerad", *[""] * 7]
    return [
        row.role.title,
        row.get_state_display(),
        row.person.name if row.person else "",
        "ja" if row.acting else "",
        row.shared_with.name if row.shared_with else "",
        row.phone,
        row.phone_hours,
        row.email,
        row.confirmed_on,
    ]
