"""History of a row in the admin: who changed what, when and why, in Swedish."""

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import to_historic

from portal.web.personal_numbers import refuse_personal_numbers

from .conflict_admin import TOKEN, ConflictAdmin
from .history import RowHistory
from .history_timeline import Timeline, value_in_words
from .values import DIGITS

LONGEST_REASON = 100  # simple-history's own column


class ReasonForm(forms.ModelForm):
    """A row's form that asks why; an older version has its choices of then ticked."""

    change_reason = forms.CharField(
        label="Varför ändrar du?",
        max_length=LONGEST_REASON,
        required=False,
        validators=[refuse_personal_numbers],
        help_text="Visas i historiken, till exempel ”ny chef från 1 mars”.",
    )

    def __init__(self, *args, **kwargs):
        if record := to_historic(kwargs.get("instance")):
            kwargs["initial"] = {**_choices_then(record), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


def _choices_then(record):
    choices = {}
    for field in record._history_m2m_fields:
        rows = getattr(record, field.name).model.objects.filter(history=record)
        key = f"{field.m2m_reverse_field_name()}_id"
        choices[field.name] = list(rows.values_list(key, flat=True))
    return choices


class HistoryAdmin(ConflictAdmin, SimpleHistoryAdmin):
    """History with the reason for each change, and the way back to an older version.

    row_histories  kinds of rows whose changes are seen here too
    """

    form = ReasonForm
    row_histories: list[RowHistory] = []
    reason_fieldset = ("Historik", {"fields": ["change_reason"]})
    history_list_per_page = 25

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj and self.has_change_permission(request, obj):
            return [*fieldsets, self.reason_fieldset]
        return fieldsets

    # One save is one moment of history, whatever it stores.

    def save_model(self, request, obj, form, change):
        obj._change_reason = form.cleaned_data.get("change_reason") or None
        obj._history_date = timezone.now()
        super().save_model(request, obj, form, change)
        if record := to_historic(obj):
            for kind in self._returning(request):
                kind.bring_back(obj.pk, record.history_date, lambda row: _mark(row, obj))

    def save_formset(self, request, form, formset, change):
        for each in formset.forms:
            _mark(each.instance, form.instance)
        super().save_formset(request, form, formset, change)

    def history_view(self, request, object_id, extra_context=None):
        _check_numbers(object_id)
        row = self._row(request, int(object_id))
        timeline = Timeline(self.model, row.pk, self._seen(request))
        paginator = Paginator(timeline.moments(), self.history_list_per_page)
        page = paginator.get_page(request.GET.get(PAGE_VAR))
        entries = timeline.entries(page.object_list)
        for entry in entries:
            for change in entry.rows:
                change.url = self._history_url(change)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Historik: {row}",
            "entries": entries,
            "page_obj": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "object": row,
            "opts": self.opts,
            "revert_disabled": self.revert_disabled(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    @transaction.atomic
    def history_form_view(self, request, object_id, version_id, extra_context=None):
        _check_numbers(object_id, version_id)
        # simple-history lets anybody who may see the row bring an older version back.
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        row = self._row(request, int(object_id))
        record = self.model.history.filter(id=row.pk, pk=version_id).exclude(history_type="-")
        if (record := record.first()) is None:
            raise Http404("Ingen sådan version.")
        returning = self._returning(request)
        context = {
            "record": record,
            "has_choices": bool(record._history_m2m_fields),
            "returning": [_rows_then(kind, record) for kind in returning],
            "staying": [kind for kind in self._seen(request) if kind not in returning],
            **(extra_context or {}),
        }
        refused = request.method == "POST" and self.refuse_conflict(
            request, object_id, with_rows=False
        )
        return refused or super().history_form_view(request, object_id, version_id, context)

    def render_history_view(self, request, template, context, **kwargs):
        if template == self.object_history_form_template:
            context["opened_as"] = request.POST.get(TOKEN) or self._row_as_it_is(
                request, context["object_id"]
            )
        return super().render_history_view(request, template, context, **kwargs)

    def _row_as_it_is(self, request, object_id):
        """An older version is brought back over the row as it is now, if it still is there."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_change_permission(request, row):
            return self.opened_as(object_id, None)
        return self.opened_as(row.pk, self.shape_of(request, row, with_rows=False).stored())

    def history_form_view_title(self, request, obj):
        return f"Tidigare version: {obj}"

    def _row(self, request, pk):
        """The row, or what it last was if it is gone; 404 for one that is another's to see."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None and not self.model._base_manager.filter(pk=pk).exists():
            record = self.model.history.filter(id=pk).first()
            row = record and record.instance
        if row is None:
            raise Http404("Ingen sådan rad.")
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return row

    def _seen(self, request):
        return [kind for kind in self.row_histories if _may_see(request, kind)]

    def _returning(self, request):
        """Kinds that come back with an older version, by somebody who may change all of them."""
        needed = ("add", "change", "delete")
        return [
            kind
            for kind in self.row_histories
            if kind.returns and all(_may(request, kind, action) for action in needed)
        ]

    def _history_url(self, change):
        if not isinstance(admin.site._registry.get(change.model), HistoryAdmin):
            return None
        meta = change.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[change.pk])


def _may(request, kind, action):
    meta = kind.model._meta
    return request.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}")


def _may_see(request, kind):
    return _may(request, kind, "view") or _may(request, kind, "change")


def _mark(row, obj):
    """A row that is stored with another has the other's moment and reason."""
    row._history_date = obj._history_date
    row._change_reason = obj._change_reason


def _rows_then(kind, record):
    """{"label": "ansvar", "rows": [{"name", "values": [(label, text)]}]} as they stood then."""
    rows = []
    for row in kind.standing(record.id, record.history_date):
        values = [
            (field.verbose_name, value_in_words(row, field))
            for field in row.tracked_fields
            if field.editable and not field.primary_key and field.name != kind.parent
        ]
        rows.append({"name": kind.name(row), "values": values})
    return {"label": kind.label, "rows": rows}


def _check_numbers(*texts):
    """Rows and versions have numbers; simple-history asks the database about any text."""
    if not all(text.isascii() and text.isdigit() and len(text) <= DIGITS for text in texts):
        raise Http404("Ingen sådan rad.")
