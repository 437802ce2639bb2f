"""What the admin classes of all registers share."""

from django.contrib import admin

from portal.editing.model_admin import PortalAdmin
from portal.search.admin import SearchedAdmin

CODE_HELP = "Används i länkar och innehållspaket och kan inte ändras efteråt."
ADDRESS_HELP = "Sista delen av adressen. Länkar leder hit, så det kan inte ändras efteråt."
POSITION_HELP = "Lägst nummer visas först."
OUTDATED_HELP = "Visas som äldre uppgift, skild från det som gäller."
REVIEW = ("Granskning", {"fields": ["review_note"]})
TO_REVIEW = ("review_note", admin.EmptyFieldListFilter)


class RegisterAdmin(SearchedAdmin, PortalAdmin):
    """A register whose rows have entries of their own in search."""

    fixed_fields = ["code"]
    help_texts = {"code": CODE_HELP, "position": POSITION_HELP}

    @admin.display(description="att granska", boolean=True)
    def has_review_note(self, row):
        return bool(row.review_note)
