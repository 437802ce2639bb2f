from django.contrib import admin

from portal.editing.model_admin import PortalAdmin, ReadOnly

from .models import BackupRun


@admin.register(BackupRun)
class BackupRunAdmin(ReadOnly, PortalAdmin):
    """Seen, not written: the commands tell what they have done."""

    list_display = ["kind", "file_name", "finished_at", "rows", "documents", "error"]
    list_filter = ["kind"]
    search_fields = ["file_name", "error"]
    date_hierarchy = "finished_at"
    fields = ["kind", "file_name", "started_at", "finished_at", "rows", "documents", "error"]
