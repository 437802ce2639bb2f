"""The site's own settings and service messages as administrators see them."""

from django.contrib import admin
from django.utils.html import format_html_join

from portal.editing.admin_site import begin_with
from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import PortalAdmin

from .models import ServiceMessage, SiteSettings
from .site_forms import ServiceMessageForm, SiteSettingsForm
from .theme import tokens


@admin.register(SiteSettings)
class SiteSettingsAdmin(HistoryAdmin, PortalAdmin):
    """One row: whoever may change it may also make it, as long as it does not exist."""

    form = SiteSettingsForm
    list_display = ["__str__", "region_name", "contact_name", "noindex"]
    fieldsets = [
        (None, {"fields": ["region_name"]}),
        (
            "Utseende",
            {"fields": ["hue", "colours", "shown_logos", "logo", "logo_dark", "remove_logo"]},
        ),
        (
            "Kontakt",
            {
                "fields": ["contact_name", "contact_email", "contact_phone"],
                "description": "Visas längst ned på varje sida. Ange hellre en funktion än en "
                "person.",
            },
        ),
        ("Sökmotorer", {"fields": ["noindex"]}),
    ]
    readonly_fields = ["colours", "shown_logos"]
    help_texts = {
        "region_name": "Visas i sidhuvudet, i sidornas titlar och i brev. Om fältet är tomt "
        "används namnet som webbplatsen startades med.",
        "noindex": "Webbplatsen kan fortfarande läsas av den som har adressen. Använd för "
        "provmiljöer och innan webbplatsen öppnas.",
    }

    @admin.display(description="färger nu")
    def colours(self, site):
        """A field of each mode's colour; attributes of a drawing need no style."""
        modes = tokens((site or SiteSettings()).theme_hue)
        return format_html_join(
            " ",
            '<svg width="64" height="32" role="img" aria-label="{}: {}">'
            '<rect width="64" height="32" rx="4" fill="{}"/></svg>',
            (
                (label, modes[mode]["brand"], modes[mode]["brand"])
                for mode, label in (("light", "Ljust läge"), ("dark", "Mörkt läge"))
            ),
        )

    @admin.display(description="logotyper nu")
    def shown_logos(self, site):
        shown = site and [
            (logo.url, logo.width, logo.height, label)
            for logo, label in ((site.light_logo, "Ljust läge"), (site.dark_logo, "Mörkt läge"))
            if logo
        ]
        if not shown:
            return "Inga"
        return format_html_join(" ", '<img src="{}" width="{}" height="{}" alt="{}">', shown)

    def has_add_permission(self, request):
        return self.has_change_permission(request) and not SiteSettings.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


begin_with(
    SiteSettings,
    "Ange regionens namn, färg och kontakt",
    permission="web.change_sitesettings",
)


@admin.register(ServiceMessage)
class ServiceMessageAdmin(PortalAdmin):
    form = ServiceMessageForm
    list_display = ["text", "kind", "starts_at", "ends_at", "state"]
    list_filter = ["kind"]
    search_fields = ["text"]
    date_hierarchy = "starts_at"
    fields = ["text", "kind", "starts_at", "ends_at"]
    help_texts = {
        "text": "Högst 300 tecken, utan formatering. Visas överst på varje sida.",
        "kind": "Varning när något inte går att lita på eller använda just nu.",
        "starts_at": "Svensk tid. Flera kan planeras; de visas den som började först överst.",
        "ends_at": "Från den här tiden visas texten inte längre.",
    }

    @admin.display(description="läge")
    def state(self, message):
        return message.state

    def save_model(self, request, obj, form, change):
        obj.site, _ = SiteSettings.objects.get_or_create()
        super().save_model(request, obj, form, change)
