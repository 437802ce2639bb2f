import csv

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from organisation.models import Unit
from portal.web import panels
from portal.web.frames import frame_or_404

from .disclosure import pooled, published_by_indicator, published_values
from .models import Indicator, YearlyTask
from .presenters import flat_rows, measured, ranking, series, spread_by_year


def get_indicator(code):
    return get_object_or_404(Indicator.objects.select_related("derived_from"), code=code)


@require_safe
def indicator_list(request):
    indicators = Indicator.objects.select_related("derived_from").prefetch_related(
        "comparison_kinds"
    )
    rows = [
        (indicator, series(measured(indicator).kind, pooled(measured(indicator)), {}))
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
        "frame": frame.below(indicator.name, frame.page.get_absolute_url()),
        "indicator": indicator,
        "kind": measured(indicator).kind,
        "threshold": measured(indicator).threshold,
        "region": series(measured(indicator).kind, pooled(measured(indicator)), spreads),
        "ranking": ranking(values, shown_year, by_distance=indicator.kind == "derived"),
        "year": shown_year,
        "years": years,
        "panels": panels.collect("indicator", indicator),
    }
    return render(request, "followup/indicator_detail.html", context)


def exported_values(code, year):
    indicator = get_indicator(code)
    values = [*pooled(measured(indicator)), *published_values(measured(indicator))]
    if year is not None:
        values = [value for value in values if value.year == year]
        if not values:
            raise Http404("Indikatorn har inga värden för det året.")
    return indicator, flat_rows(indicator, values)


@require_safe
def indicator_csv(request, code, year=None):
    indicator, rows = exported_values(code, year)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{indicator.code}-{year}" if year else indicator.code
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")  # so that spreadsheets read å, ä and ö right
    writer = csv.DictWriter(
        response,
        [
            "indicator",
            "hsa_id",
            "unit",
            "year",
            "sex",
            "state",
            "value",
            "numerator",
            "denominator",
        ],
        delimiter=";",
    )
    writer.writeheader()
    for row in rows:
        value = "" if row["value"] is None else str(row["value"]).replace(".", ",")
        writer.writerow({**row, "unit": safe_cell(row["unit"]), "value": value})
    return response


def safe_cell(text):
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


@require_safe
def indicator_json(request, code, year=None):
    indicator, rows = exported_values(code, year)
    return JsonResponse(
        {
            "indicator": indicator.code,
            "name": indicator.name,
            "kind": measured(indicator).kind,
            "source": indicator.source,
            "invented": settings.DEMO_DATA,
            "threshold": measured(indicator).threshold,
            "items": rows,
        },
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
def unit_report(request, hsa_id):
    unit = get_object_or_404(Unit.objects.public().select_related("kind"), hsa_id=hsa_id)
    if f"/{hsa_id}/" not in request.path:
        return redirect("followup:unit_report", hsa_id, permanent=True)
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below(unit.name, frame.page.get_absolute_url()),
        "unit": unit,
        "indicators": unit_series(unit),
    }
    return render(request, "followup/unit_report.html", context)


def unit_series(unit):
    """Each indicator that compares units of the unit's kind, with the unit's own values."""
    indicators = Indicator.objects.filter(comparison_kinds=unit.kind).exclude(kind="derived")
    values = published_by_indicator(indicators)
    rows = []
    for indicator in indicators:
        own = [value for value in values[indicator.pk] if value.unit == unit]
        spreads = spread_by_year(values[indicator.pk])
        rows.append((indicator, series(indicator.kind, own, spreads)))
    return rows


def tasks_by_month():
    months = {}
    for task in YearlyTask.objects.select_related("owner", "indicator"):
        months.setdefault(task.month, []).append(task)
    return months
