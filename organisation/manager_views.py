"""The pages where managers and deputies keep their units right. Whoever may not edit a unit
gets the same answer as for one that does not exist."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.second_factor import second_factor_required
from portal.editing.conflict_admin import TOKEN
from portal.web import panels
from portal.web.frames import Frame
from portal.web.ordering import swedish

from . import scope, unit_conflicts
from .deputies import DeputyForm, give_right
from .manager_actions import attest, save_unit, timeline_of
from .models import Appointment, Unit, UnitManager
from .unit_form import UnitForm
from .unit_slots import Slot, slots_of
from .unit_status import statuses
from .unit_undo import NothingToUndo, last_save, undo
from .views import unit_gone

UNITS_PER_PAGE = 30
MOMENTS_SHOWN = 10
MINE = "my_units"


def for_managers(view):
    """Signed in, by more than a password where that is asked, and never kept by a cache."""
    return never_cache(login_required(second_factor_required(view)))


def own_unit(view):
    """view(request, unit, …) for a unit that is one's own to edit; 404 for any other."""

    @wraps(view)
    def found(request, hsa_id, **kwargs):
        units = Unit.objects.with_page().editable_by(request.user)
        unit = get_object_or_404(units.select_related("kind", "successor"), hsa_id=hsa_id)
        return unit_gone(request, unit) if unit.has_ended else view(request, unit, **kwargs)

    return for_managers(found)


def _frame(title, *, unit=None):
    crumbs = [("Start", "/"), ("Mina enheter", reverse("my_units"))]
    if unit:
        crumbs.append((unit.name, unit.get_absolute_url()))
    return Frame(title=title, crumbs=crumbs if title != "Mina enheter" else crumbs[:1])


@require_safe
@for_managers
def my_units(request):
    """All units one may edit, those that most waits for first on each page."""
    rights = scope.rights_of(request.user)
    ids = scope.below(sorted({right.unit.pk for right in rights}))
    units = Unit.objects.public().filter(pk__in=ids).select_related("kind")
    number = request.GET.get("page")
    page = Paginator(units.order_by(swedish("name"), "pk"), UNITS_PER_PAGE).get_page(number)
    context = {
        "frame": _frame("Mina enheter"),
        "rights": rights,
        "page": page,
        "units": sorted(statuses(page), key=lambda status: -status.waiting_count),
        "edits_all": scope.edits_all(request.user),
        "panels": panels.collect("my_units", ids),
    }
    return render(request, "organisation/my_units.html", context)


def _form(request, unit, data=None, at_least=None, *, extra=True):
    slots = slots_of(unit, at_least)
    extra_slot = [Slot(None, 1)] if extra else []
    return UnitForm(
        data, unit=unit, slots=[*slots, *extra_slot], may_hand_over=_is_manager(request.user, unit)
    )


def _is_manager(user, unit):
    """Whether the right is more than a deputy's."""
    if scope.edits_all(user):
        return True
    roots = [right.unit.pk for right in scope.rights_of(user) if right.is_manager]
    return Unit.objects.filter(pk=unit.pk, pk__in=scope.below(roots)).exists()


def _own_saves_only(user, unit):
    """The deputy, who undoes what she saved herself; None for a manager, who undoes any."""
    return None if _is_manager(user, unit) else user


@require_http_methods(["GET", "HEAD", "POST"])
@own_unit
def unit_edit(request, unit):
    if request.method != "POST":
        stored = _form(request, unit)
        opened_as = unit_conflicts.token(unit, unit_conflicts.shape_of(stored).stored())
        return _edit_page(request, unit, stored, opened_as)
    with transaction.atomic():
        # Whoever comes second waits here, and then sees what the first has stored.
        Unit.objects.select_for_update().filter(pk=unit.pk).values_list("pk").first()
        known = unit_conflicts.opened(request, unit)
        places = unit_conflicts.places_of(known and known["base"])
        stored = _form(request, unit, at_least=places)
        data, conflict = unit_conflicts.brought_together(request, unit, stored, known)
        if conflict:
            return conflict
        form = _form(request, unit, data, at_least=places)
        saved = form.is_valid() and _saved(form, request.user)
    if not form.is_valid():
        # Once it has been laid over what is stored, that is what it was opened as.
        fresh = unit_conflicts.shape_of(
            _form(request, Unit.objects.get(pk=unit.pk), at_least=places)
        )
        return _edit_page(request, unit, form, unit_conflicts.token(unit, fresh.stored()), 422)
    if saved:
        messages.success(request, "Sparat. Ett kvitto är på väg till din e-post.")
    else:
        messages.info(request, "Inget var ändrat, så inget har sparats.")
    return redirect("organisation:unit_edit", hsa_id=unit.hsa_id)


def _saved(form, user):
    """Whether something was stored; what the rows refuse is told in the form."""
    try:
        return save_unit(form, by=user)
    except ValidationError as fault:
        for message in fault.messages:
            form.add_error(None, message)
        return False


def _edit_page(request, unit, form, opened_as, status=200):
    timeline = timeline_of(unit)
    moments = timeline.moments()[:MOMENTS_SHOWN]
    fresh = Unit.objects.select_related("kind").get(pk=unit.pk)
    context = {
        "frame": _frame(f"Ändra uppgifter: {fresh.name}", unit=fresh),
        "unit": fresh,
        "status": statuses([fresh])[0],
        "form": form,
        "unit_fields": [form[name] for name in form.fields if "-" not in name and name != "reason"],
        "places": [_place(form, slot) for slot in form.slots],
        "token_name": TOKEN,
        "token": opened_as,
        "entries": timeline.entries(moments),
        "undoable": last_save(fresh, own_of=_own_saves_only(request.user, fresh)),
        "rights": scope.rights_to([fresh])[fresh.pk],
        "may_give": _own_right(request.user, fresh) is not None,
    }
    return render(request, "organisation/unit_edit.html", context, status=status)


def _place(form, slot):
    """A slot's fields as the template sets them, open when something there needs a look."""
    parts = {part: form[name] for part, name in form.names_of[slot.key].items()}
    faults = any(bound.errors for bound in parts.values())
    return {
        "slot": slot,
        "parts": parts,
        "locked": parts["state"].field.disabled,
        "candidates": form.candidates.get(slot.key, []),
        "picked": parts["pick"].value(),
        "is_open": faults or (form.is_bound and form.touches(slot)),
        "is_shared": parts["state"].value() == Appointment.State.SHARED,
        "faults": faults,
    }


@require_POST
@own_unit
def unit_attest(request, unit):
    """Only what was seen is said to be right."""
    with transaction.atomic():
        Unit.objects.select_for_update().filter(pk=unit.pk).values_list("pk").first()
        known = unit_conflicts.opened(request, unit)
        stored = unit_conflicts.shape_of(_form(request, unit)).stored()
        if not known or known["base"] != stored:
            messages.warning(
                request,
                "Uppgifterna har ändrats sedan du öppnade sidan. Läs igenom dem igen och tryck "
                "sedan på Allt stämmer.",
            )
        else:
            attest(unit, by=request.user)
            messages.success(request, "Tack! Läsarna ser att uppgifterna är kontrollerade i dag.")
    return redirect("organisation:unit_edit", hsa_id=unit.hsa_id)


@require_POST
@own_unit
def unit_undo(request, unit):
    try:
        undo(unit, request.POST.get("moment", ""), own_of=_own_saves_only(request.user, unit))
    except NothingToUndo:
        messages.error(
            request,
            "Det gick inte att ångra: uppgifterna har ändrats efter den sparningen, eller så "
            "vilar något annat på dem. Rätta i formuläret i stället.",
        )
    else:
        messages.success(request, "Ångrat. Uppgifterna är som före den senaste sparningen.")
    return redirect("organisation:unit_edit", hsa_id=unit.hsa_id)


# -- deputies --------------------------------------------------------------------------


def _own_right(user, unit):
    """The manager's own right to that very unit, which a deputy's would rest on."""
    rights = scope.rights_of(user)
    return next((each for each in rights if each.is_manager and each.unit.pk == unit.pk), None)


def managed_unit(view):
    """view(request, right, …) for a unit that one manages oneself; a deputy gets 404."""

    @wraps(view)
    def found(request, hsa_id, **kwargs):
        unit = Unit.objects.filter(hsa_id=hsa_id).first()
        right = _own_right(request.user, unit) if unit else None
        if right is None:
            raise Http404("Ingen sådan enhet.")
        return view(request, right, **kwargs)

    return for_managers(found)


def _deputies(right):
    """Rows of who stands in now or will, by this manager's right."""
    if right.row is None:
        return UnitManager.objects.none()
    rows = UnitManager.objects.filter(deputy_for=right.row).select_related("user")
    return [row for row in rows.order_by("valid_from", "pk") if not row.has_ended]


@require_http_methods(["GET", "HEAD", "POST"])
@managed_unit
def deputies(request, right):
    form = DeputyForm(request.POST or None, right=right, by=request.user)
    if form.is_valid():
        give_right(right, by=request.user, site=request.build_absolute_uri("/"), **form.chosen)
        messages.success(
            request,
            f"{form.cleaned_data['who']} får rätten. Personen får ett brev; den som saknar konto "
            "får en inbjudan.",
        )
        return redirect("organisation:deputies", hsa_id=right.unit.hsa_id)
    context = {
        "frame": _frame(f"Ersättare: {right.unit.name}"),
        "unit": right.unit,
        "right": right,
        "form": form,
        "deputies": _deputies(right),
    }
    return render(
        request, "organisation/deputies.html", context, status=422 if form.errors else 200
    )


@require_POST
@managed_unit
def deputy_end(request, right, pk):
    deputy = next((row for row in _deputies(right) if row.pk == pk), None)
    if deputy is None:
        raise Http404("Ingen sådan ersättare.")
    deputy.end("Avslutad av chefen")
    messages.success(request, f"{deputy.who} har inte längre rätt att ändra.")
    return redirect("organisation:deputies", hsa_id=right.unit.hsa_id)
