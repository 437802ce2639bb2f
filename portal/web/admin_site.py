"""The admin site: whose it is, and what waits for an editor on its first page."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse

from . import panels
from .deletion import delete_selected
from .panels import Panel

WAITING_TEMPLATE = "admin/_waiting.html"


class PortalAdminSite(AdminSite):
    site_title = f"Redigering, {settings.REGION_NAME}"
    site_header = f"Försäkringsmedicin, {settings.REGION_NAME}"
    index_title = "Redigering"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")
        self.add_action(delete_selected, "delete_selected")

    def admin_view(self, view, cacheable=False):
        wrapped = super().admin_view(view, cacheable)

        def without_nul(request, *args, **kwargs):
            # PostgreSQL takes no NUL in a text; a filter's value never passes a form.
            if any("\x00" in value for _, values in request.GET.lists() for value in values):
                raise BadRequest("NUL i adressen")
            return wrapped(request, *args, **kwargs)

        return without_nul

    def index(self, request, extra_context=None):
        waiting = panels.collect("admin_index", request)
        return super().index(request, {"waiting": waiting, **(extra_context or {})})


def waiting(request: HttpRequest, model, label: str, count, **query) -> Panel | None:
    """A row of "Väntar på dig": a label, how many, and the list that shows exactly those.

    count  called only for somebody who may see the list, so that nobody else pays or learns
    """
    from django.contrib import admin

    model_admin = admin.site._registry.get(model)
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    number = count()
    if not number:
        return None
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", query=query)
    return Panel(WAITING_TEMPLATE, {"label": label, "count": number, "url": url})
