"""What followup offers the shared rooms: links to indicators, panels on others' pages."""

from collections import defaultdict

from django.db.models import F
from django.urls import reverse

from organisation.scope import belongs_to_unit
from portal.caching import page_cache, stamp
from portal.caching.parts import kept
from portal.editing import deletion
from portal.editing.admin_site import WAITING_TEMPLATE, begin_with, shortcut
from portal.richtext.links import register_scheme
from portal.web import panels
from portal.web.panels import Panel

from . import personal_data, reminders, searchables  # noqa: F401  (they register themselves)
from .models import ImportBatch, Indicator, Release, UnitReview
from .releasing import waiting_releases
from .reports import tasks_by_month, unit_series
from .reviews import latest_year, waiting


def indicator_urls(codes):
    rows = Indicator.objects.filter(code__in=codes)
    return {row.code: row.get_absolute_url() for row in rows}


page_cache.may_keep(
    "followup:indicator_list",
    "followup:indicator_detail",
    "followup:indicator_year",
    "followup:unit_report",
)

# What is read in shows first when it is released; comments only to those signed in.
stamp.unseen("followup.ImportBatch", "followup.ImportFile", "followup.UnitName")
stamp.unseen("followup.UnitReview", "followup.HistoricalUnitReview")

register_scheme("indikator", indicator_urls)
belongs_to_unit(UnitReview, "unit")
deletion.linked_as(Indicator, lambda row: [f"indikator:{row.code}"])


@panels.register("register:yearly_tasks")
def yearly_tasks(subject):
    return Panel("followup/_yearly_tasks.html", {"months": tasks_by_month()})


@panels.register("unit")
def indicators_for_unit(unit):
    rows = unit_series(unit)
    return Panel("followup/_unit_panel.html", {"unit": unit, "rows": rows}) if rows else None


begin_with(
    Release,
    "Läs in indikatorernas värden",
    url_name="followup:desk",
    permission="followup.import_values",
)


shortcut("Läs in mätvärden", "followup:desk", "followup.import_values")
shortcut("Publicera värden", "followup:release_list", "followup.publish_release")
shortcut("Enheternas kommentarer", "followup:review_list", "followup.view_unitreview")


@panels.register("admin_index")
def values_to_release(request):
    if not request.user.has_perm("followup.publish_release"):
        return None
    number = len(waiting_releases())
    rows = {
        "label": "Värden att publicera",
        "count": number,
        "url": reverse("followup:release_list"),
    }
    return Panel(WAITING_TEMPLATE, rows) if number else None


@panels.register("my_units")
def figures_to_comment(units):
    """Of the units that somebody keeps, those that have not answered to the latest figures."""
    year = latest_year()
    silent = waiting(units, year) if year else []
    rows = {"year": year, "units": silent}
    return Panel("followup/_my_units_panel.html", rows) if silent else None


@panels.register("page")
def indicators_for_page(page):
    # All pages' in one question: most have none.
    indicators = kept("indicators of pages", None, indicators_by_page).get(page.pk)
    return Panel("followup/_page_panel.html", {"indicators": indicators}) if indicators else None


def indicators_by_page() -> dict[int, list[Indicator]]:
    by_page = defaultdict(list)
    for row in Indicator.objects.annotate(page=F("pages")).filter(page__isnull=False):
        by_page[row.page].append(row)
    return by_page


def waiting_batches(user):
    """Batches that somebody may approve; her own wait for another."""
    waiting = ImportBatch.objects.filter(state=ImportBatch.State.WAITING)
    return waiting.exclude(uploaded_by=user)


@panels.register("account")
def import_desk(user):
    if not user.has_perm("followup.import_values"):
        return None
    return Panel("followup/_account_panel.html", {"waiting": waiting_batches(user).count()})


@panels.register("admin_index")
def batches_to_approve(request):
    if not request.user.has_perm("followup.import_values"):
        return None
    if not (count := waiting_batches(request.user).count()):
        return None
    rows = {"label": "Mätvärden att godkänna", "count": count, "url": reverse("followup:desk")}
    return Panel(WAITING_TEMPLATE, rows)
