from functools import cache

from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.caching.parts import kept
from portal.caching.prepared import Question
from portal.web import panels
from portal.web.clean_address import was_refused, without_personal_number
from portal.web.filters import filter_chips
from portal.web.frames import frame_or_404
from portal.web.ordering import swedish

from .asked_days import asked_day, keep_out_of_search_engines
from .coordinators import MOST_REGIONAL
from .finding import find_units
from .forms import UnitFilterForm
from .models import Appointment, Attestation, Responsibility, Role, RoleLevel, Unit
from .presenters import (
    COORDINATOR,
    REGIONAL_SUPPORT,
    during_a_share,
    own_and_others,
    roles_at_unit,
    units_with_coordinator,
)
from .unit_status import UnitStatus, checked_on

UNITS_PER_PAGE = 50


def filtered_units(form):
    """The directory's units for a filter form; an invalid form filters nothing away."""
    units = Unit.objects.public()
    if not form.is_valid():
        return units
    chosen = form.cleaned_data
    units = units.matching(chosen["q"])
    if chosen["typ"]:
        units = units.filter(kind=chosen["typ"])
    if chosen["drift"]:
        units = units.filter(ownership=chosen["drift"])
    if chosen["ort"]:
        units = units.filter(town=chosen["ort"])
    if chosen["utan"]:
        units = units.without_named(COORDINATOR)
    return units


@require_safe
def unit_list(request):
    if instead := without_personal_number(request, request.GET.get("q", "")):
        return instead
    # Asked for by the template, where what they stand in was not kept.
    form = cache(lambda: UnitFilterForm(request.GET))
    page = cache(lambda: page_of_units(form()))
    context = {
        "frame": frame_or_404("enheter"),
        "form": form,
        "refused": was_refused(request),
        "chips": cache(lambda: filter_chips(form(), request.GET) if form().is_valid() else []),
        "page": page,
        "similar": lambda: similar_units(form()) if not page().paginator.count else [],
        "units": cache(lambda: coordinators_of(page())),
    }
    return render(request, "organisation/unit_list.html", context)


def page_of_units(form):
    units = filtered_units(form).select_related("kind", "caregiver").order_by(swedish("name"), "pk")
    number = form.cleaned_data.get("page") if form.is_valid() else None
    return Paginator(units, UNITS_PER_PAGE).get_page(number)


def coordinators_of(units):
    role = Role.objects.filter(code=COORDINATOR).first()
    appointments = Appointment.objects.public().filter(role=role, unit__in=[u.pk for u in units])
    kinds = role.kinds_that_must_have_it() if role else ()
    return units_with_coordinator(units, role, appointments, kinds)


def similar_units(form):
    """Units that a misspelled search may have meant, whatever the filters say."""
    words = form.cleaned_data.get("q") if form.is_valid() else ""
    return find_units(words).units if words else []


def unit_gone(request, unit, asked=None):
    """What answers for a unit that has ended, with the one that took over.

    asked  where the answer offers the unit as it was on another day
    """
    context = {
        "reason": f"{unit.name} finns inte längre som enhet.",
        "successor": unit.successor,
        "asked": asked,
    }
    return render(request, "410.html", context, status=410)


def unit_or_404(hsa_id):
    """The unit of a page, with the day it was last attested; it may have ended."""
    unit = kept("unit", hsa_id, lambda: unit_with_page(hsa_id))
    if unit is None:
        raise Http404("Enheten finns inte.")
    return unit


@Question
def _units(on, hsa_id):
    last = Attestation.objects.filter(unit=OuterRef("pk")).order_by("-on").values("on")[:1]
    units = Unit.objects.opened(on).select_related("kind", "caregiver", "parent", "successor")
    return units.filter(hsa_id=hsa_id).annotate(attested_on=Subquery(last))


_appointments_at = Question(lambda on, unit: Appointment.objects.public(on).filter(unit=unit))


def unit_with_page(hsa_id):
    return next(iter(_units(timezone.localdate(), hsa_id)), None)


def appointments_at(unit, day=None):
    """Those of a unit as readers see them on a day (default today)."""
    return _appointments_at(day or timezone.localdate(), unit.pk)


_appointments_to_come = Question(
    lambda on, unit: Appointment.objects.public_after(on).filter(unit=unit)
)


def required_roles_of(unit):
    return kept("required roles", unit.kind_id, lambda: list(unit.kind.required_roles.all()))


_holders_of = Question(
    lambda on, role: Appointment.objects.public(on).filter(
        role__code=role, state=Appointment.State.HELD
    )[:MOST_REGIONAL]
)


def regional_support():
    """Whom a unit turns to when nobody there answers."""
    return _holders_of(timezone.localdate(), REGIONAL_SUPPORT)


def roles_on(day, unit, appointments):
    """A unit's roles on a day that was asked for; today (None) also who is decided to come."""
    coming = [] if day else _appointments_to_come(timezone.localdate(), unit.pk)
    lent, lent_coming = ([], []) if day else lent_to(appointments)
    return roles_at_unit(appointments, required_roles_of(unit), coming, lent, lent_coming)


def lent_to(appointments):
    """The rows, in force and to come, of those that a unit shares its roles with; two queries
    where it shares any."""
    shares = [row for row in appointments if row.state == Appointment.State.SHARED]
    if not shares:
        return [], []
    there = Q()
    for row in shares:
        there |= Q(unit=row.shared_with_id, role=row.role_id)
    coming = Appointment.objects.public_after().filter(there)
    return Appointment.objects.public().filter(there), [
        row
        for share in shares
        for row in during_a_share(coming, share)
        if (row.unit_id, row.role_id) == (share.shared_with_id, share.role_id)
    ]


@require_safe
def unit_detail(request, hsa_id):
    unit = unit_or_404(hsa_id)
    if request.path != unit.get_absolute_url():
        return redirect(unit, permanent=True)
    asked = asked_day(request, unit=unit)
    if unit.has_ended and asked.day is None:
        return unit_gone(request, unit, asked)

    # Asked for by the template, where what they stand in was not kept.
    appointments = cache(lambda: appointments_at(unit, asked.day))
    roles = cache(lambda: roles_on(asked.day, unit, appointments()))
    frame = frame_or_404("enheter")
    context = {
        "frame": frame.below(unit.name, frame.page.get_absolute_url()),
        "unit": unit,
        "kept_as": None if request.GET else unit.pk,
        "status": lambda: UnitStatus(unit, checked_on(unit.attested_on, appointments()), roles()),
        "roles": roles,
        "missing": lambda: [row for row in roles() if row.is_missing],
        "regional": lambda: kept("regional support", None, regional_support),
        "asked": asked,
        "panels": lambda: [] if asked.day else panels.collect("unit", unit),
    }
    return as_of_a_day(request, "organisation/unit_detail.html", unit, context)


def as_of_a_day(request, template, row, context):
    """A row's page, today or as of the day that was asked for."""
    context["canonical"] = request.build_absolute_uri(row.get_absolute_url())
    response = render(request, template, context)
    return keep_out_of_search_engines(response) if "datum" in request.GET else response


@require_safe
def role_list(request):
    held = Appointment.objects.public().filter(state=Appointment.State.HELD, acting=False)
    roles = Role.objects.prefetch_related(
        Prefetch(
            "responsibilities",
            Responsibility.objects.filter(kind=Responsibility.Kind.OWN),
            to_attr="own",
        ),
        Prefetch("appointments", held.filter(role__level=RoleLevel.REGIONAL), to_attr="holders"),
    )
    context = {"frame": frame_or_404("roller-och-ansvar"), "roles": roles}
    return render(request, "organisation/role_list.html", context)


@require_safe
def role_detail(request, code):
    role = get_object_or_404(Role, code=code)
    own, others = own_and_others(role.responsibilities.all())
    frame = frame_or_404("roller-och-ansvar")
    asked = asked_day(request)
    appointments = Appointment.objects.public(asked.day).filter(role=role)
    by_unit = Paginator(appointments.order_by(swedish("unit__name"), "pk"), UNITS_PER_PAGE)
    context = {
        "frame": frame.below(role.title, frame.page.get_absolute_url(), role.mandate),
        "role": role,
        "own": own,
        "others": others,
        "page": by_unit.get_page(request.GET.get("page")),
        "asked": asked,
        "panels": [] if asked.day else panels.collect("role", role),
    }
    return as_of_a_day(request, "organisation/role_detail.html", role, context)
