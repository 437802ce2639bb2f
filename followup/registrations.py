"""What followup offers the shared rooms: links to indicators, panels on others' pages."""

from django.urls import reverse

from portal.richtext.links import register_scheme
from portal.web import deletion, panels
from portal.web.admin_site import WAITING_TEMPLATE
from portal.web.panels import Panel

from . import (
    personal_data,  # noqa: F401  (registers what it holds about people)
    searchables,  # noqa: F401  (registers what can be found)
)
from .models import ImportBatch, Indicator
from .reports import tasks_by_month, unit_series


def indicator_urls(codes):
    rows = Indicator.objects.filter(code__in=codes)
    return {row.code: row.get_absolute_url() for row in rows}


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
