"""The log in the admin: to be read, searched and filtered by administrators."""

import json

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Case, CharField, OuterRef, Subquery, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime

from portal.editing.model_admin import PortalAdmin, ReadOnly

from .models import Entry, kind_of
from .shown import changes_of, facts_of, field_label
from .sign_ins import USER
from .watching import watched_models

SHOWN_IN_LIST = 4
NOTHING = "–"
CHANGES = mark_safe("<thead><tr><th>Fält</th><th>Före</th><th>Efter</th></tr></thead>")


class ModelFilter(admin.SimpleListFilter):
    title = "slag"
    parameter_name = "slag"

    def lookups(self, request, model_admin):
        labels = [each._meta.label_lower for each in watched_models()]
        kinds = [(label, capfirst(kind_of(label))) for label in labels]
        return sorted(kinds, key=lambda kind: kind[1])

    def queryset(self, request, queryset):
        return queryset.filter(model=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(ReadOnly, PortalAdmin):
    list_display = ["when", "who", "action", "row", "what_fields"]
    list_select_related = ["actor", "values_beside"]
    list_filter = ["action", ModelFilter]
    search_fields = ["object_id", "request_id", "actor__email", "source"]
    date_hierarchy = "at"
    show_full_result_count = False
    empty_value_display = NOTHING
    change_form_template = "admin/audit/entry/change_form.html"
    fields = [
        *("when", "who", "action", "kind", "linked_row", "reason", "changes", "told", "source"),
        *("request_id", "chained"),
    ]
    readonly_fields = [
        *("when", "who", "kind", "linked_row", "reason", "changes", "told", "chained"),
    ]

    def get_queryset(self, request):
        """With the address of the account that a sign-in tells of, since it has no values."""
        accounts = get_user_model().objects.annotate(text=Cast("pk", CharField()))
        address = accounts.filter(text=OuterRef("object_id")).values("email")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(address=Case(When(model=USER, then=Subquery(address))))
        )

    @admin.display(description="när", ordering="at")
    def when(self, entry):
        return f"{localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="konto", ordering="actor")
    def who(self, entry):
        if entry.actor_id is None:
            return NOTHING
        try:
            return str(entry.actor)
        except entry._meta.get_field("actor").related_model.DoesNotExist:
            return f"borttaget konto {entry.actor_id}"

    @admin.display(description="slag")
    def kind(self, entry):
        return _kind(entry) or NOTHING

    @admin.display(description="rad", ordering="object_id")
    def row(self, entry):
        kind, name = _kind(entry), _name(entry)
        return f"{kind}: {name}" if kind and name else kind or name or NOTHING

    @admin.display(description="rad")
    def linked_row(self, entry):
        """Leads to the row's own form; one that is gone is answered by the admin."""
        name = _name(entry)
        for model in admin.site._registry if name and entry.object_id else ():
            if model._meta.label_lower == entry.model:
                to = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
                return format_html('<a href="{}">{}</a>', reverse(to, args=[entry.object_id]), name)
        return name or NOTHING

    @admin.display(description="fält")
    def what_fields(self, entry):
        labels = [field_label(entry.model, name) for name in entry.fields]
        more = f" och {len(labels) - SHOWN_IN_LIST} till" if len(labels) > SHOWN_IN_LIST else ""
        return ", ".join(labels[:SHOWN_IN_LIST]) + more or NOTHING

    @admin.display(description="skäl")
    def reason(self, entry):
        return _content(entry).get("reason") or NOTHING

    @admin.display(description="före och efter")
    def changes(self, entry):
        changes = _content(entry).get("changes", {})
        if not changes:
            return "Värdena är raderade." if entry.values_hash and not _beside(entry) else NOTHING
        rows = changes_of(entry.model, changes)
        lines = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table>{}<tbody>{}</tbody></table>", CHANGES, lines)

    @admin.display(description="uppgifter")
    def told(self, entry):
        facts = facts_of(entry.model, entry.facts)
        return format_html_join("", "<div>{}: {}</div>", facts) or NOTHING

    @admin.display(description="plats i kedjan")
    def chained(self, entry):
        link = getattr(entry, "link", None)
        return f"{link.number}, {link.digest}" if link else "väntar på sin länk"


def _beside(entry):
    return getattr(entry, "values_beside", None)


def _content(entry):
    beside = _beside(entry)
    return json.loads(beside.content) if beside else {}


def _kind(entry):
    return capfirst(kind_of(entry.model)) if entry.model else ""


def _name(entry):
    """What the row was called, and its number."""
    name = _content(entry).get("name") or getattr(entry, "address", None)
    return f"{name} ({entry.object_id})" if name and entry.object_id else entry.object_id or name
