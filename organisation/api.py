"""Units and roles as JSON, for systems that show who the coordinator is. Public data only."""

from datetime import date

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from portal.web.api import Coded, ListPage, Problem, coded, page_of, problem
from portal.web.ordering import swedish

from .converters import HsaIdConverter  # noqa: F401  (registers the path converter)
from .coordinators import WITH_ABOVE, answers_for
from .forms import UnitFilterForm
from .models import Appointment, Role, Unit
from .presenters import (
    COORDINATOR,
    RoleAtUnit,
    own_and_others,
    roles_at_unit,
    units_with_coordinator,
)
from .views import filtered_units

units = Router(tags=["Enheter"])
roles = Router(tags=["Roller"])


class Named(Schema):
    hsa_id: str
    name: str


class Contact(Schema):
    """Någon att vända sig till."""

    name: str | None = Field(description="Innehavarens namn; null när funktionen är utan namn.")
    role: Coded
    unit: Named
    state: str = Field(
        description="held: har innehavare. function: funktion utan namn. shared: delas med annan "
        "enhet. vacant: vakant. not_applicable: ej aktuell. unknown: inget registrerat."
    )
    state_text: str = Field(description="Läget på svenska.")
    acting: bool = Field(description="Tillförordnad.")
    shared_with: Named | None = Field(description="Enheten där funktionen finns, när den delas.")
    phone: str
    phone_hours: str = Field(description="Telefontid i ord, till exempel ”mån–fre 8–9”.")
    email: str = Field(description="Funktionsbrevlåda, aldrig en persons egen.")
    confirmed_on: date | None = Field(description="När enheten senast såg att det stämmer.")


class Function(Schema):
    """En roll på enheten."""

    role: Coded
    state: str = Field(description="Som i Contact.")
    state_text: str
    contacts: list[Contact] = Field(description="Den ordinarie, eller raden om vakansen.")
    stand_in: Contact | None = Field(description="Den som är tillförordnad så länge.")


class UnitBrief(Schema):
    hsa_id: str
    name: str
    kind: Coded
    ownership: str = Field(description="public: offentlig. private: privat.")
    caregiver: Named | None = Field(description="Vårdgivaren.")
    town: str
    address: str
    phone: str
    email: str = Field(description="Enhetens funktionsbrevlåda.")
    url: str = Field(description="Enhetens sida för läsare.")
    coordinator: Function = Field(description="Koordineringsfunktionen (lag 2019:1297).")


class UnitDetail(UnitBrief):
    parent: Named | None = Field(description="Det som enheten tillhör.")
    valid_from: date | None
    last_day: date | None = Field(description="Sista dagen, när enheten ska upphöra.")
    successor: Named | None
    roles: list[Function] = Field(description="Alla roller som enheten har eller ska ha.")
    turn_to: list[Contact] = Field(
        description="Vart man vänder sig när ingen är koordinator på enheten, närmast först: det "
        "enheten hör till, vårdgivaren, sist regionens stöd."
    )


class UnitPage(ListPage):
    units: list[UnitBrief]


class RoleBrief(Schema):
    code: str
    title: str
    level: str
    mandate: str = Field(description="Uppdraget i en mening.")
    single_seat: bool = Field(description="En innehavare i taget på varje enhet.")
    url: str


class RoleDetail(RoleBrief, ListPage):
    required_kinds: list[Coded] = Field(description="Enhetstyper där rollen ska finnas.")
    responsibilities: list[str]
    others_responsibilities: list[str] = Field(description="Vad någon annan svarar för.")
    contacts: list[Contact]


class UnitQuery(Schema):
    """Samma frågor som i enhetsregistret på webbplatsen."""

    q: str = Field("", description="Del av namn, ort eller HSA-id.")
    typ: str = Field("", description="Enhetstypens kod.")
    drift: str = Field("", description="public eller private.")
    ort: str = ""
    utan: str = Field("", description="”on”: bara enheter utan namngiven koordinator.")
    page: str = Field("", description="Sida, 100 enheter åt gången.")


def named(unit):
    return {"hsa_id": unit.hsa_id, "name": unit.name} if unit else None


def contact(row):
    return {
        "name": row.person.name if row.person else None,
        "role": coded(row.role),
        "unit": named(row.unit),
        "state": row.state,
        "state_text": row.get_state_display(),
        "acting": row.acting,
        "shared_with": named(row.shared_with),
        "phone": row.phone,
        "phone_hours": row.phone_hours,
        "email": row.email,
        "confirmed_on": row.confirmed_on,
    }


def function(item: RoleAtUnit):
    main = item.main
    return {
        "role": coded(item.role),
        "state": item.state,
        "state_text": main.get_state_display() if main else "inte registrerad",
        "contacts": [contact(row) for row in item.appointments if not row.acting],
        "stand_in": contact(item.stand_in) if item.stand_in else None,
    }


def unit_brief(request, unit, coordinator):
    return {
        "hsa_id": unit.hsa_id,
        "name": unit.name,
        "kind": coded(unit.kind),
        "ownership": unit.ownership,
        "caregiver": named(unit.caregiver),
        "town": unit.town,
        "address": unit.address,
        "phone": unit.phone,
        "email": unit.email,
        "url": request.build_absolute_uri(unit.get_absolute_url()),
        "coordinator": function(coordinator),
    }


@units.get(
    "units",
    response={200: UnitPage, 422: Problem, 429: Problem},
    summary="Enheter, sökta och filtrerade",
    url_name="unit_list",
)
def unit_list(request, query: Query[UnitQuery]):
    form = UnitFilterForm({name: value for name, value in query.dict().items() if value})
    if not form.is_valid():
        return problem(422, errors=form.errors)
    found = filtered_units(form).select_related("kind", "caregiver").order_by(swedish("name"), "pk")
    shown, place = page_of(request, found, form.cleaned_data["page"])
    role = get_object_or_404(Role, code=COORDINATOR)
    appointments = Appointment.objects.public().filter(role=role, unit__in=[u.pk for u in shown])
    return {
        **place,
        "units": [
            unit_brief(request, unit, coordinator)
            for unit, coordinator in units_with_coordinator(shown, role, appointments)
        ],
    }


@units.get(
    "units/{hsa_id:hsa_id}",
    response={200: UnitDetail, 404: Problem, 410: Problem, 429: Problem},
    summary="En enhet med koordinator, ersättare och roller",
    url_name="unit_detail",
)
def unit_detail(request, hsa_id: str):
    found = Unit.objects.opened().select_related(*WITH_ABOVE)
    unit = found.filter(hsa_id=hsa_id).first()
    if unit is None:
        return problem(404, "Ingen enhet har det HSA-id:t.")
    if unit.has_ended:
        successor = unit.successor.hsa_id if unit.successor else None
        return problem(410, f"{unit.name} finns inte längre som enhet.", successor=successor)
    role = get_object_or_404(Role, code=COORDINATOR)
    rows = list(Appointment.objects.public().filter(unit=unit))
    coordinator = RoleAtUnit(role, [row for row in rows if row.role_id == role.pk])
    [answer] = answers_for([unit])
    turn_to = []
    if coordinator.is_missing or not answer.is_covered:
        near = [each for _, contacts in answer.above for each in contacts]
        turn_to = [*near, *answer.regional]
    return {
        **unit_brief(request, unit, coordinator),
        "parent": named(unit.parent),
        "valid_from": unit.valid_from,
        "last_day": unit.last_day,
        "successor": named(unit.successor),
        "roles": [function(item) for item in roles_at_unit(rows, unit.kind.required_roles.all())],
        "turn_to": [contact(each.row) for each in turn_to],
    }


def role_brief(request, role):
    return {
        "code": role.code,
        "title": role.title,
        "level": role.level,
        "mandate": role.mandate,
        "single_seat": role.single_seat,
        "url": request.build_absolute_uri(role.get_absolute_url()),
    }


@roles.get(
    "roles/",
    response={200: list[RoleBrief], 429: Problem},
    summary="Alla roller",
    url_name="role_list",
)
def role_list(request):
    return [role_brief(request, role) for role in Role.objects.all()]


@roles.get(
    "roles/{slug:code}",
    response={200: RoleDetail, 404: Problem, 422: Problem, 429: Problem},
    summary="En roll med ansvar och dem som har den i dag",
    url_name="role_detail",
)
def role_detail(request, code: str, page: int = Query(1, ge=1, le=10_000)):
    role = Role.objects.filter(code=code).first()
    if role is None:
        return problem(404, "Ingen roll har den koden.")
    own, others = own_and_others(role.responsibilities.all())
    rows = Appointment.objects.public().filter(role=role).order_by(swedish("unit__name"), "pk")
    shown, place = page_of(request, rows, page)
    return {
        **role_brief(request, role),
        "required_kinds": [coded(kind) for kind in role.required_kinds.all()],
        "responsibilities": [row.text for row in own],
        "others_responsibilities": [row.text for row in others],
        **place,
        "contacts": [contact(row) for row in shown],
    }
