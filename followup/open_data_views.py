"""Files and descriptions of indicators for other systems."""

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.tables.writing import xlsx_response

from .disclosure import current_releases, reader_of
from .models import Indicator
from .models.indicators import Visibility
from .open_data import csvw, sheets
from .presenters import measured
from .views import exported, for_reader, get_indicator


@require_safe
def indicator_xlsx(request, code, year=None):
    indicator, values = exported(code, year, reader_of(request.user))
    name = f"{indicator.code}-{year}" if year else indicator.code
    return for_reader(request, xlsx_response(name, sheets(indicator, values)))


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
