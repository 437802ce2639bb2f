from django.contrib import admin
from django.db.models import OuterRef, Subquery

from organisation.scoped_admin import ScopedAdmin
from portal.editing.history import RowHistory
from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import REVIEW, TO_REVIEW, PortalAdmin, ReadOnly
from portal.search.admin import SearchedAdmin

from .models import (
    ImportBatch,
    ImportFile,
    Indicator,
    IndicatorVersion,
    Measurement,
    Release,
    UnitName,
    UnitReview,
    YearlyTask,
)


class VersionInline(admin.StackedInline):
    model = IndicatorVersion
    extra = 0
    fields = ["first_year", "change", "breaks_series", "author", "checker", "checked_on"]
    autocomplete_fields = ["author", "checker"]


@admin.register(Indicator)
class IndicatorAdmin(SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["name", "code", "kind", "direction", "threshold", "due_month", "position"]
    list_filter = [
        "kind",
        "direction",
        "sex_split",
        TO_REVIEW,
    ]
    search_fields = ["name", "code", "why"]
    autocomplete_fields = ["derived_from", "counts_on", "pages"]
    fieldsets = [
        (None, {"fields": ["name", "code", "why", "position"]}),
        (
            "Så räknas den",
            {
                "fields": [
                    "kind",
                    "derived_from",
                    "numerator_label",
                    "denominator_label",
                    "counts_on",
                    "direction",
                    "sex_split",
                    "threshold",
                ]
            },
        ),
        ("Källa och period", {"fields": ["source", "period", "level", "due_month"]}),
        (
            "Vem som ser enheternas värden",
            {
                "fields": ["visibility", "private_visibility"],
                "description": "Gäller från nästa publicering. Små tal döljs alltid, utom för "
                "den som ansvarar för enheten.",
            },
        ),
        ("Så läses den", {"fields": ["limits", "action", "comparison_kinds", "pages"]}),
        REVIEW,
    ]
    inlines = [VersionInline]
    row_histories = [
        RowHistory(IndicatorVersion, "indicator", lambda record: f"från {record.first_year}")
    ]
    fixed_fields = ["code"]
    help_texts = {
        "threshold": "Antal under gränsen döljs för läsaren. Minst 3.",
        "private_visibility": "Det snävare av de två gäller. En vårdgivare som själv vill visa "
        "sina värden kan få det ändrat.",
        "comparison_kinds": "Vilka enheter det blev ett år sparas när året publiceras.",
        "derived_from": "Bara för slaget ”avstånd till median”.",
        "counts_on": "När samma antal är täljare i en annan indikator, som sjukfall över 90 dagar. "
        "Då avslöjar ingen av dem vad den andra döljer.",
        "due_month": "1–12, den månad då enheterna följer upp.",
    }
    kind = "indicator"


class YearFilter(admin.SimpleListFilter):
    """Years from each indicator's first and last, which an index knows."""

    title = "år"
    parameter_name = "year"

    def lookups(self, request, model_admin):
        of_indicator = Measurement.objects.filter(indicator=OuterRef("pk")).values("year")
        spans = Indicator.objects.values_list(
            Subquery(of_indicator.order_by("year")[:1]),
            Subquery(of_indicator.order_by("-year")[:1]),
        )
        ends = [year for span in spans for year in span if year is not None]
        years = range(max(ends), min(ends) - 1, -1) if ends else []
        return [(str(year), str(year)) for year in years]

    def queryset(self, request, queryset):
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(year=self.value()) if self.value() in known else queryset


@admin.register(Measurement)
class MeasurementAdmin(ReadOnly, PortalAdmin):
    """True values, small counts among them: to look at only, and only for superusers.
    Values come in through a pack or an import, never by hand."""

    list_display = ["indicator", "unit", "year", "sex", "numerator", "denominator", "state"]
    list_filter = ["indicator", YearFilter, "sex", "state"]
    list_select_related = ["indicator", "unit"]
    # As an index stands, so that no page needs half a million rows sorted.
    ordering = ["unit_id", "indicator_id", "year", "sex"]
    show_full_result_count = False
    search_fields = ["unit__name", "unit__hsa_id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "indicator",
                    "unit",
                    "year",
                    "sex",
                    "numerator",
                    "denominator",
                    "reported",
                    "state",
                    "batch",
                    "source_cell",
                ],
                "description": "Sanna värden, också de som är dolda för läsare. Sprid dem inte.",
            },
        )
    ]

    def has_view_permission(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request):
        return self.has_view_permission(request)


@admin.register(Release)
class ReleaseAdmin(ReadOnly, PortalAdmin):
    """What was let out and when. A release is made on the site, where its values are seen."""

    when_empty = (
        "Inget är publicerat ännu. Det görs under ”Publicera värden”, på redigeringens första sida."
    )
    list_display = ["indicator", "year", "number", "is_current", "released_at", "released_by"]
    list_filter = ["is_current", "indicator"]
    list_select_related = ["indicator", "released_by"]
    search_fields = ["indicator__name", "indicator__code", "reason"]
    fields = [
        "indicator",
        "year",
        "number",
        "is_current",
        "released_at",
        "released_by",
        "reason",
        "threshold",
    ]


@admin.register(UnitReview)
class UnitReviewAdmin(ScopedAdmin, HistoryAdmin, ReadOnly, PortalAdmin):
    """What units have said of their figures. They write it on the site."""

    list_display = ["unit", "year", "owner", "due", "saved_at", "saved_by"]
    list_filter = ["year"]
    list_select_related = ["unit", "saved_by"]
    search_fields = ["unit__name", "unit__hsa_id", "owner"]
    fields = [
        "unit",
        "year",
        "comment",
        "cause",
        "action",
        "owner",
        "due",
        "outcome",
        "saved_at",
        "saved_by",
    ]
    readonly_fields = ["saved_at"]


@admin.register(YearlyTask)
class YearlyTaskAdmin(PortalAdmin):
    list_display = ["title", "month", "owner", "indicator", "position"]
    list_filter = ["month", "owner"]
    list_select_related = ["owner", "indicator"]
    search_fields = ["title", "code", "text"]
    autocomplete_fields = ["owner", "indicator"]
    fieldsets = [
        (None, {"fields": ["title", "code", "month", "position"]}),
        ("Innehåll", {"fields": ["text", "owner", "indicator"]}),
    ]
    fixed_fields = ["code"]
    help_texts = {
        "month": "1–12.",
        "position": "Ordning inom månaden, lägst först.",
    }


class ImportFileInline(ReadOnly, admin.StackedInline):
    model = ImportFile
    fields = ["name", "part", "size", "checksum"]
    readonly_fields = ["size", "checksum"]
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly, PortalAdmin):
    """Who read in what, and when. It is done, with the values in sight, at the import desk."""

    when_empty = (
        "Inget är inläst ännu. Det görs under ”Läs in mätvärden”, på redigeringens första sida."
    )
    list_display = ["__str__", "state", "outcome", "uploaded_at", "uploaded_by", "decided_by"]
    list_filter = ["state", "indicator", "year"]
    list_select_related = ["indicator", "uploaded_by", "decided_by"]
    search_fields = ["indicator__name", "files__name", "files__checksum"]
    fields = ["indicator", "year", "state", "outcome", "uploaded_at", "uploaded_by", "decided_at",
              "decided_by", "reason", "undone_at", "undone_by"]  # fmt: skip
    readonly_fields = ["outcome"]
    inlines = [ImportFileInline]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("replaced", "choices")

    @admin.display(description="utfall")
    def outcome(self, batch):
        words = [("new", "nya"), ("changed", "ändrade"), ("unchanged", "oförändrade")]
        told = [f"{batch.result[key]} {word}" for key, word in words if batch.result.get(key)]
        return ", ".join(told) or "–"


@admin.register(UnitName)
class UnitNameAdmin(PortalAdmin):
    """Chosen at the import desk. A choice that was wrong is deleted here, and asked about again."""

    list_display = ["name", "unit", "batch"]
    list_select_related = ["unit", "batch__indicator"]
    search_fields = ["name", "unit__name", "unit__hsa_id"]
    fields = ["name", "unit", "batch"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
