from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from portal.search.admin import SearchedAdmin
from portal.web.history import RowHistory
from portal.web.history_admin import HistoryAdmin
from portal.web.model_admin import PortalAdmin, ReadOnly

from . import scope
from .manager_actions import APPOINTMENTS
from .models import (
    Appointment,
    Attestation,
    Forum,
    Person,
    Profession,
    Responsibility,
    Role,
    Unit,
    UnitKind,
    UnitManager,
)
from .periods import in_force
from .scoped_admin import ScopedAdmin

CODE_HELP = "Används i adresser och innehållspaket och kan inte ändras efteråt."
POSITION_HELP = "Lägst nummer visas först."
REVIEW_HELP = "Vad en sakkunnig ska kontrollera. Visas för läsaren."
CODE_AND_POSITION = {"code": CODE_HELP, "position": POSITION_HELP}


class InForceFilter(admin.SimpleListFilter):
    title = "giltighet"
    parameter_name = "galler"

    def lookups(self, request, model_admin):
        return [("nu", "gäller i dag"), ("upphort", "har upphört"), ("kommande", "börjar senare")]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        match self.value():
            case "nu":
                return queryset.filter(in_force(today))
            case "upphort":
                return queryset.filter(valid_to__lte=today)
            case "kommande":
                return queryset.filter(valid_from__gt=today)
        return queryset


class InForceAppointmentFilter(InForceFilter):
    """In force at a unit that exists, as readers see it."""

    def queryset(self, request, queryset):
        rows = super().queryset(request, queryset)
        if self.value() == "nu":
            return rows.filter(in_force(timezone.localdate(), of="unit__"))
        return rows


@admin.register(Profession)
class ProfessionAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "code", "position"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "position"]
    help_texts = CODE_AND_POSITION
    fixed_fields = ["code"]
    kind = "profession"
    searched = False


@admin.register(UnitKind)
class UnitKindAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "level", "code", "position"]
    list_filter = ["level"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "level", "position"]
    help_texts = {
        **CODE_AND_POSITION,
        "level": "Bara enheter på nivån ”enhet” får en egen sida.",
    }
    fixed_fields = ["code"]
    kind = "unit_kind"
    searched = False

    def found_through(self, rows):
        return {"unit": Unit.objects.filter(kind__in=rows).values_list("pk", flat=True)}


@admin.register(Unit)
class UnitAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["name", "hsa_id", "kind", "town", "ownership", "parent", "valid_to"]
    list_filter = [InForceFilter, "kind", "ownership"]
    list_select_related = ["kind", "parent"]
    search_fields = ["name", "hsa_id", "town"]
    autocomplete_fields = ["parent", "caregiver", "successor"]
    fieldsets = [
        (None, {"fields": ["name", "hsa_id", "kind", "ownership"]}),
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
                "description": "En enhet som läggs ned tas inte bort: ange när den upphör och "
                "vilken enhet som ersätter den. Adressen till sidan finns kvar.",
            },
        ),
    ]
    help_texts = {
        "listed_patients": "Antal listade 16–66 år. Nämnare för sjukskrivna per 1 000.",
        "email": "Funktionsbrevlåda, inte en persons adress.",
    }
    readonly_fields = ["editors"]
    outer_fields = ["parent", "caregiver", "successor"]
    fixed_for_some = ["hsa_id"]
    only_all_add = True
    # Who was responsible is a question about the unit; appointments end and do not come back.
    row_histories = [APPOINTMENTS]
    kind = "unit"

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
    list_filter = ["level", "single_seat", ("review_note", admin.EmptyFieldListFilter)]
    search_fields = ["title", "code", "mandate"]
    fieldsets = [
        (None, {"fields": ["title", "code", "level", "mandate", "position"]}),
        (
            "Förutsättningar",
            {"fields": ["time_and_competence", "single_seat", "manages_unit", "required_kinds"]},
        ),
        ("Granskning", {"fields": ["review_note"]}),
    ]
    inlines = [ResponsibilityInline]
    row_histories = [RowHistory(Responsibility, "role", lambda record: record.text)]
    help_texts = {
        **CODE_AND_POSITION,
        "review_note": REVIEW_HELP,
        "single_seat": "Rollen kan bara ha en innehavare på enheten åt gången.",
        "manages_unit": "Den som har rollen får ändra enhetens uppgifter, och uppgifterna för "
        "enheter under den, så länge uppdraget gäller.",
        "required_kinds": "Enhetstyper där rollen måste finnas.",
    }
    fixed_fields = ["code"]
    kind = "role"

    @admin.display(description="att granska", boolean=True)
    def has_review_note(self, role):
        return bool(role.review_note)

    def found_through(self, rows):
        """Units are found by the roles they have."""
        units = Appointment.objects.filter(role__in=rows).values_list("unit", flat=True)
        return {"unit": units.distinct()}


@admin.register(Person)
class PersonAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["name", "title", "hsa_id", "email"]
    search_fields = ["name", "hsa_id", "title", "email"]
    fieldsets = [
        (None, {"fields": ["name", "title", "hsa_id", "email"]}),
    ]
    help_texts = {"email": "Visas inte på enhetens sida; där står funktionsbrevlådan."}
    fixed_for_some = ["hsa_id"]
    only_all_add = True
    kind = "person"
    searched = False

    def found_through(self, rows):
        return {"contact": Appointment.objects.filter(person__in=rows).values_list("pk", flat=True)}


@admin.register(Appointment)
class AppointmentAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = [
        "role",
        "unit",
        "state",
        "person",
        "acting",
        "valid_from",
        "valid_to",
        "confirmed_on",
    ]
    list_filter = [InForceAppointmentFilter, "state", "acting", "role"]
    list_select_related = ["role", "unit", "person"]
    search_fields = ["unit__name", "unit__hsa_id", "role__title", "person__name"]
    date_hierarchy = "confirmed_on"
    autocomplete_fields = ["unit", "role", "person", "shared_with"]
    fieldsets = [
        (None, {"fields": ["unit", "role", "state", "person", "shared_with", "acting"]}),
        ("Kontaktuppgifter", {"fields": ["email", "phone", "phone_hours"]}),
        ("Giltighet", {"fields": ["valid_from", "valid_to", "confirmed_on", "note"]}),
    ]
    help_texts = {
        "state": "Vakant: enheten ska ha rollen men ingen har den. Ej aktuell: enheten ska inte "
        "ha den.",
        "person": "Bara när rollen har en innehavare.",
        "shared_with": "Bara när rollen delas: enheten där den finns.",
        "acting": "Tillförordnad under en vakans.",
        "phone_hours": "Till exempel ”mån–fre 8–9”.",
        "confirmed_on": "När någon på enheten senast såg att uppgifterna stämmer.",
    }
    kind = "contact"

    def found_through(self, rows):
        return {"unit": rows.values_list("unit", flat=True)}


@admin.register(UnitManager)
class UnitManagerAdmin(ScopedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["who", "unit", "kind", "gives_right", "valid_from", "valid_to", "rests_on"]
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


@admin.register(Forum)
class ForumAdmin(SearchedAdmin, PortalAdmin):
    list_display = ["name", "level", "meets", "members_as_of"]
    list_filter = ["level", ("review_note", admin.EmptyFieldListFilter)]
    search_fields = ["name", "code", "purpose"]
    fieldsets = [
        (None, {"fields": ["name", "code", "level", "purpose", "meets"]}),
        ("Deltagare", {"fields": ["members", "members_as_of"]}),
        ("Granskning", {"fields": ["review_note"]}),
    ]
    help_texts = {"code": CODE_HELP, "review_note": REVIEW_HELP}
    fixed_fields = ["code"]
    kind = "forum"
    searched = False
