"""History of a row in the admin: who changed what, when and why, in Swedish."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper, ObjDiffDisplay

from .conflict_admin import TOKEN, ConflictAdmin
from .values import DIGITS, readable

LONGEST_REASON = 100  # simple-history's own column
LONGEST_VALUE = 160


class ReasonForm(forms.ModelForm):
    change_reason = forms.CharField(
        label="Varför ändrar du?",
        max_length=LONGEST_REASON,
        required=False,
        help_text="Visas i historiken, till exempel ”ny chef från 1 mars”.",
    )


class _Shortened(ObjDiffDisplay):
    def shortened_str(self, prefix, num_skipped_chars, suffix):
        return f"{prefix} … {suffix}"


class _Differences(HistoricalRecordContextHelper):
    """Values as an editor reads them: labels for choices, ja and nej, days as days."""

    def prepare_delta_change_value(self, change, value):
        field = self.model._meta.get_field(change.field)
        if isinstance(value, DeletedObject):
            return f"borttagen {field.related_model._meta.verbose_name}"
        if field.is_relation and value is not None:
            return str(value)
        return readable(value, dict(field.flatchoices))

    def get_obj_diff_display(self):
        return _Shortened(max_length=LONGEST_VALUE)


class HistoryAdmin(ConflictAdmin, SimpleHistoryAdmin):
    """History with the reason for each change, and the way back to an older version."""

    form = ReasonForm
    reason_fieldset = ("Historik", {"fields": ["change_reason"]})

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj and self.has_change_permission(request, obj):
            return [*fieldsets, self.reason_fieldset]
        return fieldsets

    def save_model(self, request, obj, form, change):
        obj._change_reason = form.cleaned_data.get("change_reason") or None
        super().save_model(request, obj, form, change)

    def history_view(self, request, object_id, extra_context=None):
        _check_numbers(object_id)
        return super().history_view(request, object_id, extra_context)

    @transaction.atomic
    def history_form_view(self, request, object_id, version_id, extra_context=None):
        _check_numbers(object_id, version_id)
        # simple-history lets anybody who may see the row bring an older version back.
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        refused = request.method == "POST" and self.refuse_conflict(
            request, object_id, with_rows=False
        )
        return refused or super().history_form_view(request, object_id, version_id, extra_context)

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

    def history_view_title(self, request, obj):
        return f"Historik: {obj}"

    def history_form_view_title(self, request, obj):
        return f"Tidigare version: {obj}"

    def get_historical_record_context_helper(self, request, historical_record):
        return _Differences(self.model, historical_record)


def _check_numbers(*texts):
    """Rows and versions have numbers; simple-history asks the database about any text."""
    if not all(text.isascii() and text.isdigit() and len(text) <= DIGITS for text in texts):
        raise Http404("Ingen sådan rad.")
