from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from organisation.models import Unit
from organisation.views import unit_gone
from portal.web.frames import frame_or_404
from portal.web.spreadsheets import csv_response

from .disclosure import pooled, pooled_by_indicator, published_values
from .models import Indicator
from .open_data import COLUMNS
from .presenters import (
    distances_to_median,
    flat_rows,
    measured,
    ranking,
    series,
    spread_by_year,
)
from .reports import unit_series


def get_indicator(code):
    return get_object_or_404(Indicator.objects.select_related("derived_from"), code=code)


@require_safe
def indicator_list(request):
    indicators = Indicator.objects.select_related("derived_from")
    region = pooled_by_indicator(row for row in indicators if row.derived_from is None)
    rows = [
        (indicator, series(indicator.kind, region[indicator.pk], {}))
        if indicator.derived_from is None
        else (indicator, None)
        for indicator in indicators
    ]
    context = {"frame": frame_or_404("indikatorer"), "indicators": rows}
    return render(request, "followup/indicator_list.html", context)


@require_safe
def indicator_detail(request, code, year=None):
    indicator = get_indicator(code)
    values = published_values(measured(indicator))
    years = sorted({value.year for value in values})
    if year is not None and year not in years:
        raise Http404("Indikatorn har inga värden för det året.")
    spreads = spread_by_year(values)
    shown_year = year or (years[-1] if years else None)
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below(indicator.name, frame.page.get_absolute_url(), indicator.why),
        "indicator": indicator,
        "kind": measured(indicator).kind,
        "threshold": measured(indicator).threshold,
        "region": series(measured(indicator).kind, pooled(measured(indicator)), spreads),
        "ranking": ranking(values, shown_year, by_distance=indicator.kind == "derived"),
        "year": shown_year,
        "years": years,
    }
    return render(request, "followup/indicator_detail.html", context)


def exported(code, year=None):
    """An indicator and its values as every file and the API have them; 404 for a year without."""
    indicator = get_indicator(code)
    values = published_values(measured(indicator))
    if indicator.derived_from:
        values = distances_to_median(values)
    else:
        values = [*pooled(indicator), *values]
    if year is not None:
        values = [value for value in values if value.year == year]
        if not values:
            raise Http404("Indikatorn har inga värden för det året.")
    return indicator, values


@require_safe
def indicator_csv(request, code, year=None):
    indicator, values = exported(code, year)
    name = f"{indicator.code}-{year}" if year else indicator.code
    columns = [column.name for column in COLUMNS]
    rows = (csv_cells(row, columns) for row in flat_rows(indicator, values))
    response = csv_response(f"{name}.csv", columns, rows)
    # Where the columns are explained (CSV on the Web).
    address = f"{request.build_absolute_uri(request.path)}-metadata.json"
    response.headers["Link"] = f'<{address}>; rel="describedby"; type="application/csvm+json"'
    return response


def csv_cells(row, columns):
    """Numbers with decimal comma; text as it is."""
    value = "" if row["value"] is None else str(row["value"]).replace(".", ",")
    return [{**row, "value": value}[column] for column in columns]


@require_safe
def indicator_json(request, code, year=None):
    indicator, values = exported(code, year)
    return JsonResponse(
        {
            "indicator": indicator.code,
            "name": indicator.name,
            "kind": measured(indicator).kind,
            "source": indicator.source,
            "invented": settings.DEMO_DATA,
            "threshold": measured(indicator).threshold,
            "items": flat_rows(indicator, values),
        },
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
def unit_report(request, hsa_id):
    units = Unit.objects.opened().select_related("kind", "successor")
    unit = get_object_or_404(units, hsa_id=hsa_id)
    if f"/{hsa_id}/" not in request.path:
        return redirect("followup:unit_report", hsa_id, permanent=True)
    if unit.has_ended:
        return unit_gone(request, unit)
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below(unit.name, frame.page.get_absolute_url()),
        "unit": unit,
        "indicators": unit_series(unit),
    }
    return render(request, "followup/unit_report.html", context)
