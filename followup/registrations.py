"""What followup offers the shared rooms: links to indicators, panels on others' pages."""

from portal.richtext.links import register_scheme
from portal.web import deletion, page_cache, panels
from portal.web.panels import Panel

from . import searchables  # noqa: F401  (registers what can be found)
from .models import Indicator
from .reports import tasks_by_month, unit_series


def indicator_urls(codes):
    rows = Indicator.objects.filter(code__in=codes)
    return {row.code: row.get_absolute_url() for row in rows}


page_cache.may_keep(
    "followup:indicator_list",
    "followup:indicator_detail",
    "followup:indicator_year",
    "followup:unit_report",
)

register_scheme("indikator", indicator_urls)
deletion.linked_as(Indicator, lambda row: [f"indikator:{row.code}"])


@panels.register("register:yearly_tasks")
def yearly_tasks(subject):
    return Panel("followup/_yearly_tasks.html", {"months": tasks_by_month()})


@panels.register("unit")
def indicators_for_unit(unit):
    rows = unit_series(unit)
    return Panel("followup/_unit_panel.html", {"unit": unit, "rows": rows}) if rows else None


@panels.register("page")
def indicators_for_page(page):
    indicators = Indicator.objects.filter(pages=page)
    return Panel("followup/_page_panel.html", {"indicators": indicators}) if indicators else None
