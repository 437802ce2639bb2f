"""What the admin classes of all registers share."""

from portal.editing.model_admin import PortalAdmin
from portal.search.admin import SearchedAdmin

ADDRESS_HELP = "Sista delen av adressen. Länkar leder hit, så det kan inte ändras efteråt."
OUTDATED_HELP = "Visas som äldre uppgift, skild från det som gäller."


class RegisterAdmin(SearchedAdmin, PortalAdmin):
    """A register whose rows have entries of their own in search."""

    fixed_fields = ["code"]
