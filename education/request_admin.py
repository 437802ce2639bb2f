"""Training that units have asked for, as a queue for who answers for courses."""

from django.contrib import admin

from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import PortalAdmin

from . import training_requests
from .models import TrainingRequest


@admin.register(TrainingRequest)
class TrainingRequestAdmin(HistoryAdmin, PortalAdmin):
    list_display = ["created_at", "unit_name", "audience", "number", "when", "status", "handler"]
    list_filter = ["status", ("unit", admin.EmptyFieldListFilter)]
    list_select_related = ["handler"]
    search_fields = ["unit_name", "what", "audience", "contact_name", "email"]
    date_hierarchy = "created_at"
    autocomplete_fields = ["unit"]
    fieldsets = [
        ("Önskemål", {"fields": ["what", "audience", "number", "when", "unit_name", "unit"]}),
        ("Kontakt", {"fields": ["contact_name", "email", "phone"]}),
        (
            "Handläggning",
            {
                "fields": ["status", "note", "handler", "created_at", "closed_at"],
                "description": "Beställningen är en allmän handling. När den är genomförd eller "
                "avböjd sparas den tills tiden för gallring har gått.",
            },
        ),
    ]
    readonly_fields = ["handler", "created_at", "closed_at"]
    help_texts = {
        "note": "Vad ni har kommit överens om. Skriv inget om en patient.",
        "unit": "Tomt när enheten inte finns i registret.",
    }

    def save_model(self, request, obj, form, change):
        if "status" in form.changed_data:
            training_requests.handle(obj, by=request.user)
        super().save_model(request, obj, form, change)
