"""Files and descriptions of indicators for other systems."""

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from organisation.views import unit_or_404
from portal.tables.writing import xlsx_response
from portal.web.site import site_of
from portal.web.theme import tokens

from .chart_files import line_chart_svg
from .disclosure import ANYBODY, current_releases, reader_of
from .models import Indicator
from .models.indicators import Visibility
from .open_data import csvw, sheets
from .presenters import measured
from .reports import unit_series
from .views import exported, figures_of_year, for_reader, get_indicator


@require_safe
def indicator_xlsx(request, code, year=None):
    indicator, values = exported(code, year, reader_of(request.user))
    name = f"{indicator.code}-{year}" if year else indicator.code
    return for_reader(request, xlsx_response(name, sheets(indicator, values)))


# A picture is made to be passed on: it holds what everybody may see, whoever asks for it.


@require_safe
def indicator_svg(request, code):
    indicator = get_indicator(code)
    figures = figures_of_year(indicator, None, ANYBODY)
    return chart_svg(
        request,
        code,
        # The units' distances to their median are no series of the region's.
        None if indicator.derived_from else figures["region"],
        indicator=indicator,
        name=site_of(request).name,
        release=figures["release"],
    )


@require_safe
def unit_svg(request, hsa_id, code):
    unit = unit_or_404(hsa_id)
    rows = [] if unit.has_ended else unit_series(unit)
    row = next((row for row in rows if row.indicator.code == code), None)
    if row is None:
        raise Http404("Enheten har inget diagram för indikatorn.")
    return chart_svg(
        request,
        f"{code}-{unit.hsa_id}",
        row.series,
        indicator=row.indicator,
        name=unit.name,
        release=row.latest_release,
    )


def chart_svg(request, file_name, series, *, indicator, name, release):
    if series is None or series.chart is None:
        raise Http404("Det finns inga värden att rita.")
    drawing = line_chart_svg(
        series=series,
        kind=indicator.kind,
        title=indicator.name,
        name=name,
        source=indicator.source,
        released=release and release.released_at,
        colours=tokens(site_of(request).theme_hue)["light"],
    )
    response = HttpResponse(drawing, content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}.svg"'
    return response


@require_safe
def csv_metadata(request, code, year=None):
    indicator = get_indicator(code)
    if year is None:
        address = reverse("followup:indicator_csv", args=[code])
    else:
        exported(code, year)  # a year without values has no file to describe
        address = reverse("followup:year_csv", args=[code, year])
    told = csvw(indicator, request.build_absolute_uri(address))
    return JsonResponse(
        told,
        json_dumps_params={"ensure_ascii": False},
        content_type="application/csvm+json; charset=utf-8",
    )


@require_safe
def dcat(request):
    """The region's datasets, for the national data portal to collect."""
    indicators = [
        row
        for row in Indicator.objects.select_related("derived_from")
        if measured(row).visibility == Visibility.PUBLIC
    ]
    releases = current_releases(measured(row) for row in indicators)
    years = {row: releases[measured(row).pk] for row in indicators}
    datasets = [(row, min(years[row]), max(years[row])) for row in indicators if years[row]]
    context = {
        "datasets": datasets,
        "site": request.build_absolute_uri("/"),
        "page": request.build_absolute_uri(reverse("followup:indicator_list")),
        "licence": settings.OPEN_DATA_LICENCE,
        "today": timezone.localdate(),
    }
    return render(request, "followup/dcat.rdf", context, content_type="application/rdf+xml")
