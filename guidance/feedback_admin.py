"""Readers' feedback as a queue: read, answered, done, and kept until its time is over."""

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone

from organisation.models import Appointment
from portal.audit.models import Action
from portal.audit.notes import note
from portal.editing.model_admin import PortalAdmin
from portal.web.spreadsheets import csv_response

from . import feedback as rules
from .models import Feedback

CSV_FIELDS = [
    *("pk", "receipt", "created_at", "page", "address", "version_number", "answer", "comment"),
    *("status", "handler", "done_at", "diary_number", "note"),
]
SHORT = 80


class MineFilter(admin.SimpleListFilter):
    """The pages whose owner is a role that the signed-in person holds."""

    title = "ansvar"
    parameter_name = "ansvar"

    def lookups(self, request, model_admin):
        return [("mina", "Sidor som jag ansvarar för")]

    def queryset(self, request, queryset):
        if self.value() != "mina":
            return queryset
        user = request.user
        me = Q(person__email__iexact=user.email)
        if user.hsa_id:
            me |= Q(person__hsa_id=user.hsa_id)
        roles = Appointment.objects.public().filter(me).order_by().values("role")
        return queryset.filter(page__owner__in=roles)


@admin.register(Feedback)
class FeedbackAdmin(PortalAdmin):
    list_display = ["created_at", "page", "answer", "short_comment", "status", "handler"]
    list_filter = [
        "status",
        "answer",
        MineFilter,
        ("page", admin.RelatedOnlyFieldListFilter),
        ("comment", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["page", "handler"]
    search_fields = ["comment", "note", "diary_number", "page__nav_title"]
    date_hierarchy = "created_at"
    fieldsets = [
        ("Från läsaren", {"fields": ["page", "version_number", "answer", "comment", "created_at"]}),
        (
            "Handläggning",
            {
                "fields": ["status", "diary_number", "note", "handler", "done_at"],
                "description": "Synpunkten är en allmän handling. När den är klar sparas den "
                "tills tiden för gallring har gått.",
            },
        ),
    ]
    readonly_fields = [
        *("page", "version_number", "answer", "comment", "created_at"),
        *("handler", "done_at"),
    ]
    actions = ["export_csv"]
    help_texts = {
        "status": "Läst: någon har sett den. Besvarad: texten är ändrad eller någon har svarat.",
        "note": "Vad som gjordes. Skriv inget om en patient.",
    }

    def has_add_permission(self, request):
        """Readers write it; nobody else does."""
        return False

    @admin.display(description="kommentar")
    def short_comment(self, row):
        return f"{row.comment[:SHORT]} …" if len(row.comment) > SHORT else row.comment or "–"

    def save_model(self, request, obj, form, change):
        if "status" in form.changed_data:
            rules.handle(obj, by=request.user)
        super().save_model(request, obj, form, change)

    @admin.action(description="Exportera som CSV", permissions=["view"])
    def export_csv(self, request, queryset):
        rows = queryset.select_related("page__parent", "handler").order_by("created_at", "pk")
        labels = {"pk": "nummer", "address": "adress", "receipt": "kvitto"}
        header = [
            labels.get(name) or Feedback._meta.get_field(name).verbose_name for name in CSV_FIELDS
        ]
        note(Action.EXPORT, "guidance.feedback", facts={"rows": rows.count()})
        return csv_response("synpunkter.csv", header, map(_csv_row, rows.iterator()))


def _csv_row(row):
    moments = {
        name: timezone.localtime(at).isoformat(" ", "seconds") if (at := getattr(row, name)) else ""
        for name in ("created_at", "done_at")
    }
    shown = {
        "address": row.page.get_absolute_url(),
        "answer": row.get_answer_display(),
        "status": row.get_status_display(),
        **moments,
    }
    return [shown.get(name, getattr(row, name, "")) for name in CSV_FIELDS]
