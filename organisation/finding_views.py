"""Find my coordinator, a unit's coordinator at an address to keep, and "Min enhet"."""

from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.web import chosen_unit
from portal.web.choices import keep_choice, way_back
from portal.web.clean_address import was_refused, without_personal_number
from portal.web.frames import frame_or_404
from portal.web.rate_limit import limited_search

from .coordinators import WITH_ABOVE, answers_for, regional_contacts
from .finding import find_units, heir_of
from .forms import ChosenUnitForm, FindCoordinatorForm
from .models import Unit
from .views import unit_gone

# In the address of the unit that took over: the one that was asked for.
FORMER = "tidigare"


def fresh(response):
    """ "Svarar nu" is true for a moment only."""
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
@limited_search
def find_coordinator(request):
    form = FindCoordinatorForm(request.GET)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    if instead := without_personal_number(request, request.GET.get("q", "")):
        return instead
    found = find_units(asked) if asked else None
    mine = chosen_unit.chosen_unit(request) if found is None else None
    units = found.units if found else mine.units_today if mine else []
    answers = answers_for(units)
    frame = frame_or_404("enheter")
    context = {
        "frame": frame.below(
            "Hitta din rehabkoordinator",
            frame.page.get_absolute_url(),
            "Skriv enhetens namn, ort eller HSA-id och se vem som koordinerar.",
        ),
        "form": form,
        "refused": was_refused(request),
        "found": found,
        "answer": answers[0] if answers and (mine or found.sure) else None,
        "others": [] if mine else answers[1:] if found and found.sure else answers,
        "regional": [] if answers else regional_contacts(),
    }
    return fresh(render(request, "organisation/find_coordinator.html", context))


@require_safe
def unit_coordinator(request, hsa_id):
    """One unit's coordinator, for bookmarks and links from record systems."""
    unit = get_object_or_404(Unit.objects.opened().select_related(*WITH_ABOVE), hsa_id=hsa_id)
    address = reverse("organisation:unit_coordinator", args=[unit.hsa_id])
    if request.path != address:
        return redirect(address, permanent=True)
    if unit.has_ended:
        heir = heir_of(unit)
        if heir is None:
            return unit_gone(request, unit)
        query = {FORMER: unit.hsa_id}
        return redirect(reverse("organisation:unit_coordinator", args=[heir.hsa_id], query=query))
    frame = frame_or_404("enheter").below(unit.name, reverse("organisation:unit_list"))
    frame.title = f"Koordinator för {unit.name}"
    context = {
        "frame": frame,
        "answer": next(iter(answers_for([unit])), None),
        "former": former_unit(request.GET.get(FORMER, ""), unit),
    }
    return fresh(render(request, "organisation/unit_coordinator.html", context))


def former_unit(hsa_id, heir):
    """The ended unit that somebody asked for, if it is one that the unit took over from."""
    if not hsa_id or len(hsa_id) > chosen_unit.LONGEST_CODE or "\0" in hsa_id:
        return None
    unit = Unit.objects.opened().filter(hsa_id=hsa_id).first()
    return unit if unit and unit.has_ended and heir_of(unit) == heir else None


@csrf_exempt
@require_POST
def choose_unit(request):
    """Remember the reader's unit, or forget it; no other way gives the cookie.

    Exempt from Django's CSRF cookie: the form carries the signed token instead.
    """
    form = ChosenUnitForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(
            "Din enhet kunde inte ändras. Gå tillbaka, läs in sidan på nytt och försök igen.",
            content_type="text/plain; charset=utf-8",
        )
    hsa_id = form.cleaned_data["enhet"]
    if hsa_id:
        hsa_id = get_object_or_404(Unit.objects.public(), hsa_id=hsa_id).hsa_id
    response = redirect(way_back(form.cleaned_data["sida"]))
    keep_choice(request, response, chosen_unit.COOKIE, hsa_id)
    return response
