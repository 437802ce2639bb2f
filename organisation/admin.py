from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from portal.editing.history import RowHistory
from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import REVIEW, TO_REVIEW, PortalAdmin
from portal.search.admin import SearchedAdmin

from . import (  # noqa: F401  (two register their classes)
    intake_admin,
    manager_admin,
    scope,
)
from .appointment_admin import InForceFilter
from .catalogue import WHY_LOCKED, keep_locked_fields, locked_fields
from .manager_actions import APPOINTMENTS
from .models import (
    Appointment,
    Forum,
    Profession,
    Responsibility,
    Role,
    Unit,
    UnitKind,
    UnitManager,
)
from .scoped_admin import ScopedAdmin


@admin.register(Profession)
class ProfessionAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "code", "position"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "position"]
    fixed_fields = ["code"]
    kind = "profession"
    searched = False


@admin.register(UnitKind)
class UnitKindAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "level", "code", "position"]
    list_filter = ["level"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "level", "position"]
    help_texts = {"level": "Bara enheter på nivån ”enhet” får en egen sida."}
    fixed_fields = ["code"]
    kind = "unit_kind"
    searched = False

    def found_through(self, rows):
        return {"unit": Unit.objects.filter(kind__in=rows).values_list("pk", flat=True)}


def has_listings(unit):
    """Asked several times for one form, so that the answer is kept with the row."""
    if not hasattr(unit, "_has_listings"):
        unit._has_listings = unit.listings.exists()
    return unit._has_listings


@admin.register(Unit)
class UnitAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    change_list_template = "admin/organisation/unit/change_list.html"
    list_display = ["name", "hsa_id", "kind", "town", "ownership", "parent", "last_day"]
    list_filter = [InForceFilter, "kind", "ownership"]
    list_select_related = ["kind", "parent"]
    search_fields = ["name", "hsa_id", "town"]
    autocomplete_fields = ["parent", "caregiver", "successor"]
    fieldsets = [
        (None, {"fields": ["name", "hsa_id", "kind", "ownership", "from_catalogue"]}),
        (
            "Plats i organisationen",
            {
                "fields": ["parent", "caregiver"],
                "description": "Enheten ligger under det som den tillhör. Vårdgivaren anges när "
                "den är någon annan.",
            },
        ),
        ("Kontaktuppgifter", {"fields": ["address", "town", "phone", "email"]}),
        (
            "Vem får ändra",
            {
                "fields": ["editors"],
                "description": "Den som har ett uppdrag som chef får rätten av sig själv när "
                "kontot har personens HSA-id. Annan rätt läggs in under ”Rätter att ändra "
                "enheter”.",
            },
        ),
        ("Underlag för uppföljning", {"fields": ["listed_patients"]}),
        (
            "Giltighet",
            {
                "fields": ["valid_from", "valid_to", "successor"],
                "description": "En enhet som läggs ned tas inte bort: ange dess sista dag och "
                "vilken enhet som ersätter den. Adressen till sidan finns kvar.",
            },
        ),
    ]
    help_texts = {
        "listed_patients": "Antal listade 16–66 år. Nämnare för sjukskrivna per 1 000.",
        "email": "Funktionsbrevlåda, inte en persons adress.",
        "from_catalogue": "Sätts av inläsningen. Ta bort krysset och spara om enheten inte längre "
        "finns i katalogen: då går allt att ändra här.",
    }
    readonly_fields = ["editors"]
    outer_fields = ["parent", "caregiver", "successor"]
    fixed_for_some = ["hsa_id"]
    only_all_add = True
    # Who was responsible is a question about the unit; appointments end and do not come back.
    row_histories = [APPOINTMENTS]
    kind = "unit"

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj), *sorted(locked_fields(obj))]
        return [*fields, "listed_patients"] if obj and has_listings(obj) else fields

    def get_fieldsets(self, request, obj=None):
        (_, first), *rest = super().get_fieldsets(request, obj)
        if locked_fields(obj):
            first = {**first, "description": WHY_LOCKED}
        if obj and has_listings(obj):
            said = {"description": "Det senaste årets antal, som ändras under ”Antal listade”."}
            rest = [
                (name, {**each, **(said if "listed_patients" in each["fields"] else {})})
                for name, each in rest
            ]
        return [(None, first), *rest]

    def save_model(self, request, obj, form, change):
        if change:
            keep_locked_fields(obj, Unit.objects.get(pk=obj.pk))
        super().save_model(request, obj, form, change)

    @admin.display(description="har rätt nu", empty_value="Ingen")
    def editors(self, unit):
        """Who, from when, until when and why."""
        rights = scope.rights_to([unit])[unit.pk] if unit.pk else []
        lines = [
            (
                right.who,
                UnitManager.Kind(right.kind).label,
                right.basis,
                f", från och med {right.first}" if right.first else "",
                f", till och med {right.last}" if right.last else "",
            )
            for right in rights
        ]
        return format_html_join(mark_safe("<br>"), "{}: {}, {}{}{}", lines) or None

    def found_through(self, rows):
        """Contacts bear the unit's name and address, units the name of their caregiver."""
        return {
            "contact": Appointment.objects.filter(unit__in=rows).values_list("pk", flat=True),
            "unit": [
                *rows.values_list("pk", flat=True),
                *Unit.objects.filter(caregiver__in=rows).values_list("pk", flat=True),
            ],
        }


class ResponsibilityInline(admin.StackedInline):
    model = Responsibility
    extra = 0
    fields = ["text", "kind", "position"]


@admin.register(Role)
class RoleAdmin(SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["title", "level", "code", "single_seat", "position", "has_review_note"]
    list_filter = ["level", "single_seat", TO_REVIEW]
    search_fields = ["title", "code", "mandate"]
    fieldsets = [
        (None, {"fields": ["title", "code", "level", "mandate", "position"]}),
        (
            "Förutsättningar",
            {"fields": ["time_and_competence", "single_seat", "manages_unit", "required_kinds"]},
        ),
        REVIEW,
    ]
    inlines = [ResponsibilityInline]
    row_histories = [RowHistory(Responsibility, "role", lambda record: record.text)]
    help_texts = {
        "single_seat": "Rollen kan bara ha en innehavare på enheten åt gången.",
        "manages_unit": "Den som har rollen får ändra enhetens uppgifter, och uppgifterna för "
        "enheter under den, så länge uppdraget gäller.",
        "required_kinds": "Enhetstyper där rollen måste finnas.",
    }
    fixed_fields = ["code"]
    kind = "role"

    def found_through(self, rows):
        """Units are found by the roles they have."""
        units = Appointment.objects.filter(role__in=rows).values_list("unit", flat=True)
        return {"unit": units.distinct()}


@admin.register(Forum)
class ForumAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "level", "meets", "members_as_of"]
    list_filter = ["level", TO_REVIEW]
    search_fields = ["name", "code", "purpose"]
    autocomplete_fields = ["member_roles", "member_units"]
    fieldsets = [
        (None, {"fields": ["name", "code", "level", "purpose", "meets"]}),
        (
            "Deltagare",
            {
                "fields": ["member_roles", "member_units", "members", "members_as_of"],
                "description": "Roller och enheter som finns i registren väljs där, så står "
                "forumet på deras sidor också. Samverkansaktörer får sina forum i registret över "
                "aktörer. Skriv bara de andra, en på varje rad.",
            },
        ),
        REVIEW,
    ]
    fixed_fields = ["code"]
    kind = "forum"
    searched = False
