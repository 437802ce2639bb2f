"""The log in the admin: to be read, searched and filtered by administrators."""

import json

from django.apps import apps
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.text import capfirst

from portal.web.model_admin import PortalAdmin, ReadOnly

from .models import Entry, kind_of
from .watching import watched_models

SHOWN_IN_LIST = 4


class ModelFilter(admin.SimpleListFilter):
    title = "slag"
    parameter_name = "slag"

    def lookups(self, request, model_admin):
        labels = [each._meta.label_lower for each in watched_models()]
        kinds = [(label, capfirst(kind_of(label))) for label in labels]
        return sorted(kinds, key=lambda kind: kind[1])

    def queryset(self, request, queryset):
        return queryset.filter(model=self.value()) if self.value() else queryset


def field_label(label: str, name: str) -> str:
    try:
        return str(apps.get_model(label)._meta.get_field(name).verbose_name)
    except Exception:
        return name


@admin.register(Entry)
class EntryAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "who", "action", "kind", "row", "what_fields", "source"]
    list_select_related = ["actor", "values_beside"]
    list_filter = ["action", ModelFilter]
    search_fields = ["object_id", "request_id", "actor__email", "source"]
    date_hierarchy = "at"
    show_full_result_count = False
    fields = [
        *("at", "who", "action", "kind", "row", "reason", "changes", "told", "source"),
        *("request_id", "chained"),
    ]
    readonly_fields = ["who", "kind", "row", "reason", "changes", "told", "chained"]

    @admin.display(description="konto", ordering="actor")
    def who(self, entry):
        if entry.actor_id is None:
            return "–"
        try:
            return str(entry.actor)
        except entry._meta.get_field("actor").related_model.DoesNotExist:
            return f"borttaget konto {entry.actor_id}"

    @admin.display(description="slag", ordering="model")
    def kind(self, entry):
        return kind_of(entry.model) if entry.model else "–"

    @admin.display(description="rad", ordering="object_id")
    def row(self, entry):
        name = _content(entry).get("name", "")
        return f"{name} ({entry.object_id})" if name and entry.object_id else entry.object_id or "–"

    @admin.display(description="fält")
    def what_fields(self, entry):
        labels = [field_label(entry.model, name) for name in entry.fields]
        more = f" och {len(labels) - SHOWN_IN_LIST} till" if len(labels) > SHOWN_IN_LIST else ""
        return ", ".join(labels[:SHOWN_IN_LIST]) + more or "–"

    @admin.display(description="skäl")
    def reason(self, entry):
        return _content(entry).get("reason") or "–"

    @admin.display(description="före och efter")
    def changes(self, entry):
        changes = _content(entry).get("changes", {})
        if not changes:
            return "Värdena är raderade." if entry.values_hash and not _beside(entry) else "–"
        lines = (
            (field_label(entry.model, name), _word(before), _word(after))
            for name, (before, after) in changes.items()
        )
        return format_html_join("", "<div>{}: {} → {}</div>", lines)

    @admin.display(description="uppgifter")
    def told(self, entry):
        return json.dumps(entry.facts, ensure_ascii=False) if entry.facts else "–"

    @admin.display(description="plats i kedjan")
    def chained(self, entry):
        link = getattr(entry, "link", None)
        return f"{link.number}, {link.digest}" if link else "väntar på sin länk"


def _beside(entry):
    return getattr(entry, "values_beside", None)


def _content(entry):
    beside = _beside(entry)
    return json.loads(beside.content) if beside else {}


def _word(value):
    if value is None or value == "":
        return "tomt"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return str(value)
