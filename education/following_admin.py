"""Those who follow courses, and what they have been told: seen, not written."""

from django.contrib import admin

from portal.editing.model_admin import PortalAdmin, ReadOnly

from .models import CourseNews, NewsDelivery, NewsKind, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, PortalAdmin):
    list_display = ["address", "course", "rhythm", "created_at", "confirmed_at", "told_at"]
    list_filter = ["rhythm", ("confirmed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["course"]
    search_fields = ["address", "course__title"]
    fields = ["address", "course", "wants", "rhythm", "created_at", "confirmed_at", "told_at"]
    readonly_fields = ["wants"]

    def has_delete_permission(self, request, obj=None):
        """For who asks to be forgotten and cannot find the letter's own way out."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="vill veta")
    def wants(self, row):
        return ", ".join(NewsKind(kind).label for kind in row.kinds)


@admin.register(CourseNews)
class CourseNewsAdmin(ReadOnly, PortalAdmin):
    list_display = ["occasion", "kind", "noticed_at"]
    list_filter = ["kind"]
    list_select_related = ["occasion__course"]
    search_fields = ["occasion__course__title", "occasion__uid"]
    fields = ["occasion", "kind", "noticed_at"]


@admin.register(NewsDelivery)
class NewsDeliveryAdmin(ReadOnly, PortalAdmin):
    """Without the follower: who it was is nobody's business but the letter's."""

    list_display = ["queued_at", "rhythm", "count"]
    list_filter = ["rhythm"]
    date_hierarchy = "queued_at"
    fields = ["queued_at", "rhythm", "count"]
