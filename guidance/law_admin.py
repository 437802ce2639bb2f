"""The law register as editors see it, with what rests on each law."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from portal.editing.model_admin import REVIEW, TO_REVIEW

from .law_register import resting_on
from .models import LegalReference, ProcessStep
from .register_admin import RegisterAdmin


@admin.register(LegalReference)
class LegalReferenceAdmin(RegisterAdmin):
    list_display = [
        "short_name",
        "number",
        "kind",
        "wording_checked_on",
        "is_checked",
        "has_review_note",
    ]
    list_filter = ["kind", TO_REVIEW]
    search_fields = ["short_name", "title", "number", "code"]
    date_hierarchy = "wording_checked_on"
    fieldsets = [
        (None, {"fields": ["short_name", "title", "number", "code", "kind"]}),
        ("Innehåll", {"fields": ["governs", "chapter", "parts", "position"]}),
        (
            "Giltighet",
            {
                "fields": [
                    "in_force_from",
                    "latest_amendment",
                    "amended_in_force_on",
                    "wording_checked_on",
                ],
                "description": "En ny ändring visas för läsaren på det som vilar på lagrummet, "
                "tills lydelsen är kontrollerad den dag ändringen gäller eller senare. En sida som "
                "någon bekräftar, eller publicerar som granskad, räknas som läst mot ändringen.",
            },
        ),
        REVIEW,
        ("Vilar på lagrummet", {"fields": ["uses"]}),
    ]
    readonly_fields = ["uses"]
    help_texts = {
        "number": "Till exempel 2019:1297. För lagar och förordningar leder länken hit.",
        "wording_checked_on": "Dagen då någon senast jämförde med den gällande lydelsen.",
    }
    kind = "law"

    @admin.display(description="kontrollerad mot ändring", boolean=True)
    def is_checked(self, law):
        return not law.needs_check

    @admin.display(description="att kontrollera när lagrummet ändras")
    def uses(self, law):
        """Links to the forms where what rests on the law is edited."""
        found = resting_on([law]).get(law.pk) if law.pk else None
        if not found:
            return "Inget i portalen vilar på lagrummet."
        rows = [
            (row._meta.verbose_name, change_url(row), row)
            for each in vars(found).values()
            for row in each
        ]
        items = format_html_join("", '<li>{}: <a href="{}">{}</a></li>', rows)
        return format_html("<ul>{}</ul>", items)


def change_url(row):
    """The form where a row is edited; a step's is its page's."""
    if isinstance(row, ProcessStep):
        row = row.version.page
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
