"""The import desk, for those who may import: true values stand on these pages and on no other.

Whoever may not gets the same answer as for an address that does not exist.
"""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.second_factor import second_factor_required
from portal.tables import FileRefused
from portal.tables.writing import xlsx_response
from portal.web.frames import Frame
from portal.web.spreadsheets import csv_response

from .desk_forms import IndicatorYearForm, RejectForm, SourceForm, UnitsForm, UploadForm
from .intake import actions, ledger
from .intake.matching import known_units
from .intake.plan import GivenFile
from .intake.planning import make_plan
from .intake.template import template_rows
from .models import ImportBatch

RIGHT = "followup.import_values"
SHOWN = 200
BATCHES_PER_PAGE = 20
VALUES_PER_PAGE = 90
TITLE = "Läs in mätvärden"
OTHERS = "Den som laddade upp filen väljer enheter och skickar den. Du kan bli den som godkänner."
DECIDED = "Inläsningen är redan avgjord eller skickad. Här ser du vad som gäller nu."


def for_importers(view):
    """Signed in, by more than a password where that is asked, and never kept by a cache."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.has_perm(RIGHT):
            raise Http404("Sidan finns inte.")
        return view(request, *args, **kwargs)

    return never_cache(login_required(second_factor_required(guarded)))


def _frame(title):
    crumbs = [("Start", "/"), ("Uppföljning", "/uppfoljning/")]
    if title != TITLE:
        crumbs.append((TITLE, reverse("followup:desk")))
    return Frame(title=title, crumbs=crumbs, menu="uppfoljning")


def _batches():
    people = ("uploaded_by", "decided_by", "undone_by")
    return ImportBatch.objects.select_related("indicator", *people)


def _batch_or_404(pk):
    # A number no database holds is no batch either.
    if pk >= 2**63:
        raise Http404("Inläsningen finns inte.")
    return get_object_or_404(_batches(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_importers
def desk(request):
    form, plan = UploadForm(), None
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            indicator, year = form.cleaned_data["indikator"], form.cleaned_data["ar"]
            plan, files = _planned(form, indicator, year)
            if plan and not plan.faults:
                kept = actions.keep(indicator, year, files, by=request.user)
                return redirect("followup:desk_batch", kept.pk)
    batches = _batches().defer("replaced", "choices")
    open_states = [ImportBatch.State.WAITING, ImportBatch.State.DRAFT]
    closed = batches.exclude(state__in=open_states)
    context = {
        "frame": _frame(TITLE),
        "form": form,
        "template_form": IndicatorYearForm(auto_id="mall_%s"),
        "plan": plan,
        "shown": SHOWN,
        "open_batches": batches.filter(state__in=open_states).order_by("-state", "-uploaded_at"),
        "page": Paginator(closed, BATCHES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "followup/desk.html", context)


def _planned(form, indicator, year):
    """(plan, files); no plan when a file cannot be read, which the form then says."""
    files, names = [], []
    for name in ("fil", "namnare"):
        if upload := form.cleaned_data[name]:
            files.append(GivenFile(upload.name, upload.read()))
            names.append(name)
    try:
        return make_plan(indicator, year, files), files
    except FileRefused as refusal:
        form.add_error(names[refusal.file], str(refusal))
        return None, files


@require_safe
@for_importers
def batch(request, pk):
    return _batch_page(request, _batch_or_404(pk))


def _batch_page(request, found, *, units_form=None, reject_form=None):
    plan = actions.plan_of(found) if found.is_open else None
    if plan and plan.doubtful and units_form is None:
        units_form = UnitsForm(doubtful=plan.doubtful)
    context = {
        "frame": _frame(f"{found.indicator} {found.year}"),
        "batch": found,
        "files": found.files.defer("content").order_by("pk"),
        "kind": found.indicator.kind,
        "plan": plan,
        "units_form": units_form,
        "reject_form": reject_form or RejectForm(),
        "is_own": found.uploaded_by_id == request.user.pk,
        "shown": SHOWN,
    }
    return render(request, "followup/desk_batch.html", context)


def deciding(view):
    """view(request, pk) that may be told that somebody else was first; back to the batch."""

    @wraps(view)
    def decided(request, pk):
        found = _batch_or_404(pk)
        try:
            answer = view(request, found)
        except actions.NotOpen:
            messages.error(request, DECIDED)
            answer = None
        return answer or redirect("followup:desk_batch", pk)

    return require_POST(for_importers(decided))


def preparing(view):
    """Only for who uploaded: whoever else chose units could then approve her own choice."""

    @wraps(view)
    def own(request, found):
        if found.state != ImportBatch.State.DRAFT:
            raise actions.NotOpen
        if found.uploaded_by_id != request.user.pk:
            messages.error(request, OTHERS)
            return None
        return view(request, found)

    return own


@deciding
@preparing
def choose_units(request, found):
    form = UnitsForm(request.POST, doubtful=actions.plan_of(found).doubtful)
    if not form.is_valid():
        return _batch_page(request, found, units_form=form)
    actions.choose_units(found.pk, form.choices)
    return None


@deciding
@preparing
def send(request, found):
    try:
        actions.send(found.pk)
    except actions.NotReady:
        messages.error(request, "Något behöver rättas innan inläsningen kan skickas.")
    else:
        messages.success(request, "Skickad. En annan uppföljningsansvarig ska godkänna den.")


@deciding
def approve(request, found):
    try:
        plan = actions.approve(found.pk, by=request.user, previewed=request.POST.get("digest", ""))
    except actions.OwnBatch:
        messages.error(request, "Någon annan än du ska godkänna den här inläsningen.")
    except (actions.PlanChanged, actions.NotReady):
        messages.error(
            request,
            "Uppgifterna i portalen har ändrats sedan du såg sidan. Inget är infört. Se vad som "
            "gäller nu.",
        )
    else:
        count = len(plan.stored)
        messages.success(request, f"Godkänd. {count} värden är införda.")


@deciding
def reject(request, found):
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _batch_page(request, found, reject_form=form)
    actions.reject(found.pk, by=request.user, reason=form.cleaned_data["skal"])
    messages.success(request, "Avvisad. Inget är infört.")
    return None


@deciding
def cancel(request, found):
    actions.cancel(found.pk, by=request.user)
    messages.success(request, "Avbruten. Inget är infört.")
    return redirect("followup:desk")


@deciding
def undo(request, found):
    try:
        actions.undo(found.pk, by=request.user)
    except actions.ReplacedLater as stop:
        numbers = ", ".join(f"inläsning {pk}" for pk in sorted(filter(None, stop.later)))
        where = numbers or "ett innehållspaket"
        messages.error(
            request,
            f"Inläsningen kan inte ångras: {sum(stop.later.values())} av dess värden har ändrats "
            f"senare, i {where}. Ångra det senare först.",
        )
    else:
        messages.success(request, "Ångrad. Värdena är som de var före inläsningen.")


@require_safe
@for_importers
def sources(request):
    """Where each stored value comes from."""
    form = SourceForm(request.GET or None)
    page = None
    if form.is_valid():
        rows = ledger.stored_rows(
            form.cleaned_data["indikator"], form.cleaned_data["ar"], form.cleaned_data["enhet"]
        )
        page = Paginator(rows, VALUES_PER_PAGE).get_page(request.GET.get("page"))
        files = ledger.file_names({value.batch_id for value in page})
        for value in page:
            value.file = files.get(value.batch_id, "")
    context = {
        "frame": _frame("Varifrån kommer värdet?"),
        "form": form,
        "page": page,
        "kind": form.cleaned_data["indikator"].kind if page else "",
    }
    return render(request, "followup/desk_sources.html", context)


def _template(request):
    """(file name without ending, rows): the form for an indicator's units, or an empty one."""
    form = IndicatorYearForm(request.GET)
    if not form.is_valid():
        return "mall", template_rows([], 0, sex_split=True)
    indicator, year = form.cleaned_data["indikator"], form.cleaned_data["ar"]
    units = [unit for unit in known_units(indicator, year) if unit.compared]
    rows = template_rows(units, year, sex_split=indicator.sex_split)
    return f"{indicator.code}-{year}", rows


@require_safe
@for_importers
def template_csv(request):
    name, (header, *rows) = _template(request)
    return csv_response(f"{name}.csv", header, rows)


@require_safe
@for_importers
def template_xlsx(request):
    name, rows = _template(request)
    return xlsx_response(name, {"värden": rows})
