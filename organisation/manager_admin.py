"""Who may edit which unit, and when each was last said to be right, as administrators see it."""

from django.contrib import admin
from django.db.models import Exists, OuterRef

from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import PortalAdmin, ReadOnly

from . import scope
from .appointment_admin import InForceFilter
from .models import Attestation, UnitManager
from .scoped_admin import ScopedAdmin


@admin.register(UnitManager)
class UnitManagerAdmin(ScopedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["who", "unit", "kind", "gives_right", "valid_from", "last_day", "rests_on"]
    list_filter = [InForceFilter, "kind"]
    list_select_related = [
        "user",
        "unit",
        "appointment__role",
        "appointment__person",
        "appointment__unit",
        "deputy_for__user",
        "deputy_for__unit",
    ]
    search_fields = ["unit__name", "unit__hsa_id", "user__email", "email", "hsa_id"]
    autocomplete_fields = ["unit", "user", "appointment", "deputy_for"]
    fieldsets = [
        (None, {"fields": ["unit", "kind"]}),
        (
            "Vem",
            {
                "fields": ["user", "email", "hsa_id"],
                "description": "Fyll i ett av fälten. E-postadress eller HSA-id räcker om kontot "
                "inte finns än: rätten börjar när någon loggar in med det.",
            },
        ),
        ("Vilar på", {"fields": ["appointment", "deputy_for"]}),
        ("Giltighet", {"fields": ["valid_from", "valid_to"]}),
    ]
    help_texts = {
        "appointment": "Rätten gäller bara medan uppdraget gäller och har samma innehavare. Lämna "
        "tomt för en rätt utan uppdrag.",
        "deputy_for": "Bara för en ersättare: chefens egen rätt. Tar den slut gör ersättarens det "
        "också.",
    }
    # Who has an account is nothing for one unit's editor; she gives deputies on the site.
    only_all_add = True

    def get_queryset(self, request):
        giving = UnitManager.objects.giving_right().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(gives=Exists(giving))

    def has_change_permission(self, request, obj=None):
        return scope.edits_all(request.user) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return scope.edits_all(request.user) and super().has_delete_permission(request, obj)

    @admin.display(description="vem")
    def who(self, row):
        return row.who

    @admin.display(description="gäller nu", boolean=True)
    def gives_right(self, row):
        return row.gives

    @admin.display(description="vilar på")
    def rests_on(self, row):
        return row.appointment or (row.deputy_for and row.deputy_for.who) or "egen rad"


@admin.register(Attestation)
class AttestationAdmin(ScopedAdmin, ReadOnly, PortalAdmin):
    list_display = ["unit", "on", "by"]
    list_select_related = ["unit", "by"]
    search_fields = ["unit__name", "unit__hsa_id"]
    date_hierarchy = "on"
    fields = ["unit", "on", "at", "by"]
