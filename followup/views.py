from functools import cache, partial

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from guidance.models import Page
from organisation.views import unit_gone, unit_or_404
from portal.caching.parts import kept
from portal.caching.prepared import Question
from portal.web import panels
from portal.web.frames import frame_or_404
from portal.web.spreadsheets import csv_response

from .comparisons import funnel, sex_split
from .disclosure import (
    ANYBODY,
    current_releases,
    pooled,
    pooled_by_indicator,
    published_values,
    reader_of,
    year_and_region,
)
from .models import Indicator, Sex
from .open_data import COLUMNS
from .presenters import (
    distances_to_median,
    flat_rows,
    measured,
    ranking,
    series,
    spreads_of,
)
from .reports import unit_series, with_breaks
from .unit_reports import coordination_of

_pages_of = Question(
    lambda at, indicator: (
        Page.objects.public(at).filter(indicators=indicator).select_related("parent")
    )
)


def for_reader(request, response):
    """Whoever is signed in may see more than others: no shared cache keeps it."""
    patch_vary_headers(response, ["Cookie"])
    if request.user.is_authenticated:
        patch_cache_control(response, private=True, no_store=True)
    return response


def get_indicator(code):
    return get_object_or_404(Indicator.objects.select_related("derived_from"), code=code)


@require_safe
def indicator_list(request):
    reader = reader_of(request.user)
    indicators = with_breaks(Indicator.objects.select_related("derived_from"))
    stored = [row for row in indicators if row.derived_from is None]
    region = pooled_by_indicator(stored, reader)
    rows = [
        (indicator, series(indicator.kind, region[indicator.pk], {}, indicator.breaks))
        if indicator.derived_from is None
        else (indicator, None)
        for indicator in indicators
    ]
    context = {
        "frame": frame_or_404("indikatorer"),
        "indicators": rows,
        "may_import": request.user.has_perm("followup.import_values"),
        "may_release": request.user.has_perm("followup.publish_release"),
        "may_read_reviews": request.user.has_perm("followup.view_unitreview"),
    }
    return for_reader(request, render(request, "followup/indicator_list.html", context))


@require_safe
def indicator_detail(request, code, year=None):
    reader = reader_of(request.user)
    indicator = kept("indicator", code, lambda: get_indicator(code))
    # What everybody may see of a year is worked out once; whoever may see more gets it made.
    key = (indicator.pk, year)
    of_year = partial(figures_of_year, indicator, year, reader)
    figures = kept("figures", key, of_year) if reader == ANYBODY else of_year()
    if figures is None:
        raise Http404("Indikatorn har inga publicerade värden för det året.")
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below(indicator.name, frame.page.get_absolute_url(), indicator.why),
        "kept_as": key if reader == ANYBODY else None,
        **figures,
    }
    return for_reader(request, render(request, "followup/indicator_detail.html", context))


def figures_of_year(indicator, year, reader):
    """What an indicator's page shows of a year (the latest for None), None for one without."""
    source = measured(indicator)
    releases = current_releases([source])[source.pk]
    if year is not None and year not in releases:
        return None
    shown_year = year or max(releases, default=None)
    release = releases.get(shown_year)
    values, region = year_and_region(source, releases, shown_year, reader)
    spreads = spreads_of(releases, reader.audience)
    versions = list(source.versions.order_by("-first_year"))
    breaks = [version.first_year for version in versions if version.breaks_series]
    region = series(source.kind, region, spreads, breaks)
    of_year = next((row for row in region.rows if row.year == shown_year), None)
    by_sex = of_year.by_sex if of_year else {}
    derived = indicator.kind == Indicator.Kind.DERIVED
    pages = _pages_of(timezone.now(), indicator.pk)
    return {
        "indicator": indicator,
        "kind": source.kind,
        "threshold": release.threshold if release else source.threshold,
        "visibility": source,
        "region": region,
        "region_of_year": by_sex.get(Sex.TOTAL),
        "ranking": ranking(values, spreads.get(shown_year), source.kind, by_distance=derived),
        "funnel": None if derived else funnel(values, source.kind, by_sex.get(Sex.TOTAL)),
        "split": None
        if derived
        else sex_split(by_sex.get(Sex.WOMEN), by_sex.get(Sex.MEN), source.kind),
        "year": shown_year,
        "years": sorted(releases),
        "release": release,
        "has_own": any(value.own for value in values),
        "versions": versions,
        "pages": pages,
        "panels": panels.collect("pages", pages),
    }


def exported(code, year=None, reader=ANYBODY):
    """An indicator and its values as every file and the API have them; 404 for a year without."""
    indicator = get_indicator(code)
    source = measured(indicator)
    values = published_values(source, reader)
    if indicator.derived_from:
        releases = current_releases([source])[source.pk]
        values = distances_to_median(values, spreads_of(releases, reader.audience))
    else:
        values = [*pooled(indicator, reader), *values]
    if year is not None:
        values = [value for value in values if value.year == year]
        if not values:
            raise Http404("Indikatorn har inga publicerade värden för det året.")
    return indicator, values


@require_safe
def indicator_csv(request, code, year=None):
    indicator, values = exported(code, year, reader_of(request.user))
    name = f"{indicator.code}-{year}" if year else indicator.code
    columns = [column.name for column in COLUMNS]
    rows = (csv_cells(row, columns) for row in flat_rows(indicator, values))
    response = csv_response(f"{name}.csv", columns, rows)
    # Where the columns are explained (CSV on the Web).
    address = f"{request.build_absolute_uri(request.path)}-metadata.json"
    response.headers["Link"] = f'<{address}>; rel="describedby"; type="application/csvm+json"'
    return for_reader(request, response)


def csv_cells(row, columns):
    """Numbers with decimal comma; text as it is."""
    value = "" if row["value"] is None else str(row["value"]).replace(".", ",")
    return [{**row, "value": value}[column] for column in columns]


@require_safe
def indicator_json(request, code, year=None):
    indicator, values = exported(code, year, reader_of(request.user))
    response = JsonResponse(
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
    return for_reader(request, response)


@require_safe
def unit_report(request, hsa_id):
    unit = unit_or_404(hsa_id)
    if f"/{hsa_id}/" not in request.path:
        return redirect("followup:unit_report", hsa_id, permanent=True)
    if unit.has_ended:
        return unit_gone(request, unit)
    frame = frame_or_404("indikatorer")
    reader = reader_of(request.user)
    # Asked for by the template, where everybody's report was not kept.
    rows = cache(lambda: unit_series(unit, reader))
    context = {
        "frame": frame.below(unit.name, frame.page.get_absolute_url()),
        "unit": unit,
        "kept_as": unit.pk if reader == ANYBODY else None,
        "rows": rows,
        "coordination": cache(lambda: coordination_of(unit, rows())),
        "has_own": lambda: any(row.series.has_own for row in rows()),
        "latest_year": lambda: max(
            (max(row.releases) for row in rows() if row.releases), default=None
        ),
    }
    return for_reader(request, render(request, "followup/unit_report.html", context))
