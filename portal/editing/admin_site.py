"""The admin site: whose it is, and what waits for an editor on its first page."""

from typing import NamedTuple

from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from portal.web import panels
from portal.web.panels import Panel
from portal.web.site import site_of

from .deletion import delete_selected

WAITING_TEMPLATE = "admin/_waiting.html"
# Django's own groups belong with the accounts, for whoever hands them out.
SHOWN_WITH = {"auth": "accounts"}
# An app says in its config where it stands on the first page; one that says nothing is last.
LAST = 99


class PortalAdminSite(AdminSite):
    index_title = "Redigering"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")
        self.add_action(delete_selected, "delete_selected")

    def get_app_list(self, request, app_label=None):
        """Apps and their models in the editor's order, each app with a sentence on what it holds.

        The order is the app config's: `admin_position`, `admin_intro`, `admin_models`.
        """
        found = {app["app_label"]: app for app in super().get_app_list(request, app_label)}
        if app_label is None:
            for label, host in SHOWN_WITH.items():
                if label in found and host in found:
                    found[host]["models"] += found.pop(label)["models"]
        for label, app in found.items():
            config = apps.get_app_config(label)
            app["intro"] = getattr(config, "admin_intro", "")
            order = getattr(config, "admin_models", [])
            # sort() is stable: what the config does not name stays in alphabetical order, last.
            app["models"].sort(key=lambda row, order=order: _place(row, order))
        return sorted(found.values(), key=_position)

    def admin_view(self, view, cacheable=False):
        wrapped = super().admin_view(view, cacheable)

        def without_nul(request, *args, **kwargs):
            # PostgreSQL takes no NUL in a text; a filter's value never passes a form.
            if any("\x00" in value for _, values in request.GET.lists() for value in values):
                raise BadRequest("NUL i adressen")
            return wrapped(request, *args, **kwargs)

        return without_nul

    def each_context(self, request):
        site = site_of(request)
        return {
            **super().each_context(request),
            "site_title": f"Redigering, {site.name}",
            "site_header": f"Försäkringsmedicin, {site.name}",
        }

    def index(self, request, extra_context=None):
        shown = {
            "beginning": first_steps(request.user),
            "waiting": panels.collect("admin_index", request),
            "shortcuts": shortcuts_of(request.user),
        }
        return super().index(request, {**shown, **(extra_context or {})})


def _place(row, order):
    name = row["model"]._meta.model_name
    return order.index(name) if name in order else len(order)


def _position(app):
    return getattr(apps.get_app_config(app["app_label"]), "admin_position", LAST)


def waiting(
    request: HttpRequest, model, label: str, count, *, permission: str = "", **query
) -> Panel | None:
    """A row of "Väntar på dig": a label, how many, and the list that shows exactly those.

    count       called only for somebody it waits for, so that nobody else pays or learns
    permission  what it takes to do something about it, where that is not to change the rows
    """
    from django.contrib import admin

    model_admin = admin.site._registry.get(model)
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    if permission:
        may = request.user.has_perm(permission)
    else:
        may = model_admin.has_change_permission(request)
    if not may:
        return None
    number = count()
    if not number:
        return None
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", query=query)
    return Panel(WAITING_TEMPLATE, {"label": label, "count": number, "url": url})


class Shortcut(NamedTuple):
    label: str
    url_name: str
    permission: str


_shortcuts: list[Shortcut] = []


def shortcut(label: str, url_name: str, permission: str) -> None:
    """Registers a row of "Genvägar": work that is done on a page of its own, which the list of
    what can be edited does not lead to."""
    _shortcuts.append(Shortcut(label, url_name, permission))


def shortcuts_of(user) -> list[dict[str, str]]:
    return [
        {"label": each.label, "url": reverse(each.url_name)}
        for each in _shortcuts
        if user.has_perm(each.permission)
    ]


class FirstStep(NamedTuple):
    model: type[Model]
    label: str
    url_name: str
    permission: str


_first_steps: list[FirstStep] = []


def begin_with(model: type[Model], label: str, *, url_name: str = "", permission: str = "") -> None:
    """Registers a row of "Börja här", which stands while there is none of a model: where the first
    is brought in, by default the admin's own form, for those who may add one."""
    meta = model._meta
    form = f"admin:{meta.app_label}_{meta.model_name}_add"
    add = f"{meta.app_label}.add_{meta.model_name}"
    _first_steps.append(FirstStep(model, label, url_name or form, permission or add))


def first_steps(user) -> list[dict[str, str]]:
    """What is not there yet and the user may bring in, in one query: [{"label", "url"}]."""
    steps = [step for step in _first_steps if user.has_perm(step.permission)]
    if not steps:
        return []
    tables = [connection.ops.quote_name(step.model._meta.db_table) for step in steps]
    any_rows = [f"EXISTS (SELECT 1 FROM {table})" for table in tables]  # noqa: S608  (our own)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(any_rows)}")
        is_there = cursor.fetchone()
    return [
        {"label": step.label, "url": reverse(step.url_name)}
        for step, there in zip(steps, is_there, strict=True)
        if not there
    ]
