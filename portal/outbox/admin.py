from django.contrib import admin, messages

from portal.editing.model_admin import PortalAdmin, ReadOnly

from . import actions
from .models import OutgoingMail

HIDDEN = (
    "Visas inte: brevet har en personlig länk eller någons nätverksadress. Texten raderas när "
    "brevet är skickat."
)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, PortalAdmin):
    """Seen, not written: letters come from the site and are never changed afterwards."""

    list_display = ["created_at", "to", "subject", "state", "tries", "error"]
    list_filter = ["state"]
    search_fields = ["to", "subject"]
    date_hierarchy = "created_at"
    fields = [
        *("to", "subject", "text", "state", "tries", "error"),
        *("created_at", "next_try_at", "sent_at"),
    ]
    readonly_fields = ["text"]
    actions = ["try_again"]

    @admin.display(description="text")
    def text(self, mail):
        """Who may see letters need not see from where somebody signs in."""
        return HIDDEN if mail.is_confidential else mail.body

    @admin.action(description="Försök skicka igen", permissions=["view"])
    def try_again(self, request, queryset):
        count = actions.try_again(queryset)
        self.message_user(
            request, f"{count} brev försöks igen vid nästa utskick.", messages.SUCCESS
        )
