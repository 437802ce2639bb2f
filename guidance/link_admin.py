"""Links to other websites in the admin: read there, mended where they stand."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from organisation.models import Role
from portal.editing.model_admin import ReadOnly

from .models import ExternalLink


class StateFilter(admin.SimpleListFilter):
    title = "svar"
    parameter_name = "svar"

    def lookups(self, request, model_admin):
        return [("dod", "död"), ("fel", "svarade inte senast"), ("oklart", "kan inte kontrolleras")]

    def queryset(self, request, queryset):
        chosen = {
            "dod": queryset.dead,
            "fel": lambda: queryset.exclude(fault=""),
            "oklart": lambda: queryset.exclude(note=""),
        }.get(self.value())
        return chosen() if chosen else queryset


class OwnerFilter(admin.SimpleListFilter):
    title = "ägare"
    parameter_name = "agare"

    def lookups(self, request, model_admin):
        owners = ExternalLink.places.rel.related_model.objects.values("owner")
        return list(Role.objects.filter(pk__in=owners).values_list("code", "title"))

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(places__owner__code=self.value()).distinct()


@admin.register(ExternalLink)
class ExternalLinkAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["url", "answer", "first_failed_on", "checked_at", "used_on"]
    list_filter = [StateFilter, OwnerFilter]
    search_fields = ["url", "places__place"]
    fields = [
        "address",
        "answer",
        "status",
        "leads_to",
        "first_failed_on",
        "failed_days",
        "checked_at",
        "places_shown",
    ]
    readonly_fields = fields
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("places__owner")

    @admin.display(description="adress")
    def address(self, link):
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', link.url)

    @admin.display(description="svar")
    def answer(self, link):
        if link.checked_at is None:
            return "inte kontrollerad"
        if link.fault:
            return f"{'död: ' if link.is_dead else ''}{link.fault}"
        return link.note or "svarar"

    @admin.display(description="finns på")
    def used_on(self, link):
        places = [place.place for place in link.places.all()]
        more = f" och {len(places) - 2} till" if len(places) > 2 else ""
        return ", ".join(places[:2]) + more

    @admin.display(description="finns på")
    def places_shown(self, link):
        return format_html_join(
            "\n",
            '<p><a href="{}">{}</a> ({})</p>',
            (
                (place.place_url, place.place, place.owner.title if place.owner else "utan ägare")
                for place in link.places.all()
            ),
        )
