from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.web.clean_address import holds_identity_number, to_clean_address
from portal.web.frames import frame_or_404
from portal.web.spreadsheets import csv_response

from .coverage import Coverage, coverage_on
from .coverage_forms import CoverageForm
from .coverage_table import groups_of, shares_by_kind
from .models import Unit, UnitKind

UNITS_PER_PAGE = 50
COLUMNS = [
    "Dag",
    "Enhet",
    "HSA-id",
    "Typ",
    "Driftform",
    "Ort",
    "Förvaltning eller vårdgivare",
    "Funktion",
    "Krävs",
    "Läge",
    "Räknas som att funktionen finns",
    "Innehavare",
    "Delas med",
    "Tillförordnad",
    "Funktionsbrevlåda",
    "Gäller från och med",
    "Gäller till och med",
    "Kontrollerad",
]


def chosen_coverage(form: CoverageForm) -> Coverage:
    """What a filter form asks for; an invalid form filters nothing away and means today."""
    if not form.is_valid():
        return coverage_on()
    chosen = form.cleaned_data
    wanted = {"kind": chosen["typ"], "ownership": chosen["drift"], "town": chosen["ort"]}
    wanted = {name: value for name, value in wanted.items() if value}
    return coverage_on(
        chosen["datum"],
        Unit.objects.filter(**wanted) if wanted else None,
        [chosen["roll"]] if chosen["roll"] else None,
    )


def listed(coverage: Coverage, form: CoverageForm) -> list[int]:
    """The units whose rows are shown; shares are always of all."""
    only_gaps = form.is_valid() and form.cleaned_data["luckor"]
    return [row.pk for row in coverage.units if not only_gaps or coverage.has_gap(row)]


@require_safe
def coverage_matrix(request):
    if holds_identity_number(request.GET):
        return to_clean_address(request)
    form = CoverageForm(request.GET)
    coverage = chosen_coverage(form)
    number = form.cleaned_data.get("page") if form.is_valid() else None
    shown = Paginator(listed(coverage, form), UNITS_PER_PAGE).get_page(number)
    today = timezone.localdate()
    context = {
        "frame": frame_or_404("tackning"),
        "form": form,
        "coverage": coverage,
        "time": (coverage.day > today) - (coverage.day < today),
        "shares": [(role, coverage.share(role)) for role in coverage.roles],
        "kinds": shares_by_kind(coverage, UnitKind.objects.all()),
        "page": shown,
        "groups": groups_of(coverage, shown),
    }
    return render(request, "organisation/coverage.html", context)


@require_safe
def coverage_file(request):
    """The matrix as a table with a row a unit and function, with the page's own query."""
    form = CoverageForm(request.GET)
    if not form.is_valid():
        faults = " ".join(message for each in form.errors.values() for message in each)
        return HttpResponse(faults, status=400, content_type="text/plain; charset=utf-8")
    coverage = chosen_coverage(form)
    rows = (
        row_of(coverage, group, cell)
        for group, units in groups_of(coverage, listed(coverage, form))
        for _, cells in units
        for cell in cells
    )
    return csv_response(f"tackning-{coverage.day}.csv", COLUMNS, rows)


def row_of(coverage, group, cell):
    unit = cell.unit
    said = [each.row for each in cell.holdings]
    return [
        coverage.day,
        unit.name,
        unit.hsa_id,
        unit.kind.name,
        unit.get_ownership_display(),
        unit.town,
        group,
        cell.role.title,
        "ja" if cell.required else "nej",
        "" if cell.is_empty else cell.standing.label,
        {True: "ja", False: "nej", None: "räknas inte"}[cell.counts_as],
        names(cell.holdings),
        ", ".join(row.shared_with.name for row in said if row.shared_with),
        names(cell.stand_ins),
        ", ".join(row.email for row in said if row.email),
        min((row.valid_from for row in said if row.valid_from), default=""),
        max((row.last_day for row in said if row.last_day), default=""),
        max((row.confirmed_on for row in said if row.confirmed_on), default=""),
    ]


def names(holdings):
    return ", ".join(each.row.person.name for each in holdings if each.is_named)
