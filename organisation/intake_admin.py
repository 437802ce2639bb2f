"""Units and listed patients by file in the admin: choose a file, see what happens, then press."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from portal.editing.last_day import LastDayField
from portal.editing.model_admin import PortalAdmin, ReadOnly
from portal.tables import FileRefused
from portal.tables.books import ALLOWED
from portal.tables.fields import MEGABYTES, TableFileField
from portal.web.sensible_days import refuse_odd_days, refuse_odd_years

from . import intake
from .listing_files import plan_listings
from .models import FileImport, Listing, UnitKind
from .scoped_admin import ScopedAdmin
from .unit_plan import plan_units

SHOWN = 200
DONE = "Filen är redan inläst eller avbruten."
CHANGED = "Uppgifterna i portalen har ändrats sedan du såg förhandsvisningen. Se vad som gäller nu."
NEEDED = {
    FileImport.Kind.UNITS: ("organisation.add_unit", "organisation.change_unit"),
    FileImport.Kind.LISTINGS: ("organisation.add_listing", "organisation.change_listing"),
}


class UploadForm(forms.Form):
    file = TableFileField(
        label="Fil", help_text=f"{ALLOWED}, högst {MEGABYTES} MB. Det första bladet läses."
    )


class UnitsForm(UploadForm):
    standard_kind = forms.ModelChoiceField(
        UnitKind.objects.all(),
        to_field_name="code",
        label="Enhetstyp för nya rader som inte anger någon",
        empty_label="Ingen: varje rad ska ange sin typ",
        required=False,
        error_messages={"invalid_choice": "Välj en enhetstyp i listan."},
    )
    end_missing = LastDayField(
        label="Avsluta enheter som saknas i filen",
        required=False,
        help_text="Lämna tomt för att bara få dem uppräknade. Annars den sista dagen som de "
        "gäller. Bara enheter som har kommit ur katalogen avslutas.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[refuse_odd_days],
    )

    def options(self):
        kind, end = self.cleaned_data["standard_kind"], self.cleaned_data["end_missing"]
        return {"standard_kind": kind.code if kind else "", "end_missing": end}


class ListingsForm(UploadForm):
    year = forms.IntegerField(
        label="År som listan gäller", min_value=1990, validators=[refuse_odd_years]
    )

    def options(self):
        return {"year": self.cleaned_data["year"]}


FORMS = {FileImport.Kind.UNITS: UnitsForm, FileImport.Kind.LISTINGS: ListingsForm}
PLANS = {FileImport.Kind.UNITS: plan_units, FileImport.Kind.LISTINGS: plan_listings}
TOLD = [("new", "nya"), ("changed", "ändrade"), ("unchanged", "oförändrade"), ("aside", "åt sidan")]
TITLES = {
    FileImport.Kind.UNITS: "Läs in enheter",
    FileImport.Kind.LISTINGS: "Läs in antal listade",
}


@admin.register(FileImport)
class FileImportAdmin(ReadOnly, PortalAdmin):
    change_list_template = "admin/organisation/fileimport/change_list.html"
    list_display = ["file_name", "kind", "state", "outcome", "uploaded_at", "uploaded_by"]
    list_filter = ["kind", "state"]
    list_select_related = ["uploaded_by"]
    search_fields = ["file_name", "checksum"]
    fields = ["file_name", "kind", "state", "outcome", "uploaded_at", "uploaded_by", "stored_at",
              "checksum"]  # fmt: skip
    readonly_fields = ["outcome", "checksum"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")

    @admin.display(description="utfall")
    def outcome(self, batch):
        told = [f"{batch.result[key]} {word}" for key, word in TOLD if batch.result.get(key)]
        return ", ".join(told) or "–"

    def get_urls(self):
        def view(name, route, function, *args):
            return path(
                route,
                self.admin_site.admin_view(partial(function, self, *args)),
                name=f"organisation_fileimport_{name}",
            )

        return [
            view("units", "enheter/", upload_view, FileImport.Kind.UNITS),
            view("listings", "listade/", upload_view, FileImport.Kind.LISTINGS),
            view("preview", "<int:pk>/granska/", preview_view),
            view("cancel", "<int:pk>/avbryt/", cancel_view),
            *super().get_urls(),
        ]

    def context(self, request, title, **extra):
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "is_popup": False,
            **extra,
        }


@admin.register(Listing)
class ListingAdmin(ScopedAdmin, PortalAdmin):
    list_display = ["unit", "year", "listed_patients", "source"]
    list_filter = ["year"]
    list_select_related = ["unit"]
    search_fields = ["unit__name", "unit__hsa_id"]
    autocomplete_fields = ["unit"]
    fields = ["unit", "year", "listed_patients", "source"]
    help_texts = {
        "listed_patients": "Antal listade 16–66 år. Nämnare för årets sjukskrivna per 1 000.",
        "source": "Till exempel filen som listan kom i.",
    }

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        intake.refresh_listed([obj.unit], by=request.user)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        intake.refresh_listed([obj.unit], by=request.user)

    def delete_queryset(self, request, queryset):
        units = [row.unit for row in queryset.select_related("unit")]
        super().delete_queryset(request, queryset)
        intake.refresh_listed(units, by=request.user)


def check_permission(request, kind):
    if not request.user.has_perms(("organisation.view_fileimport", *NEEDED[kind])):
        raise PermissionDenied


def upload_view(model_admin, kind, request):
    check_permission(request, kind)
    initial = {"year": timezone.localdate().year}
    form = FORMS[kind](request.POST or None, request.FILES or None, initial=initial)
    plan = None
    if request.method == "POST" and form.is_valid():
        file, options = form.cleaned_data["file"], form.options()
        content = file.read()
        try:
            plan = PLANS[kind](content, **options)
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
        if plan and not plan.faults:
            kept = {name: str(value) if value and name == "end_missing" else value
                    for name, value in options.items()}  # fmt: skip
            batch = intake.keep_waiting(kind, file.name, content, options=kept, by=request.user)
            return redirect("admin:organisation_fileimport_preview", batch.pk)
    context = model_admin.context(
        request, TITLES[kind], form=form, plan=plan, kind=kind, shown=SHOWN
    )
    return TemplateResponse(request, "admin/organisation/fileimport/upload.html", context)


def preview_view(model_admin, request, pk):
    batch = get_object_or_404(FileImport, pk=pk)
    check_permission(request, batch.kind)
    plan = None
    if request.method == "POST":
        digest = request.POST.get("digest", "")
        try:
            intake.store_waiting(batch.pk, by=request.user, previewed=digest)
        except intake.NotWaiting:
            messages.error(request, DONE)
        except (intake.PlanChanged, intake.ImportStopped) as stop:
            plan = stop.plan
            messages.error(request, CHANGED)
        else:
            messages.success(request, f"Filen {batch.file_name} är inläst.")
            return redirect("admin:organisation_fileimport_preview", batch.pk)
        batch.refresh_from_db()
    if batch.state == FileImport.State.WAITING:
        plan = plan or intake.plan_of(batch)
    context = model_admin.context(
        request, str(batch), batch=batch, plan=plan, kind=batch.kind, shown=SHOWN
    )
    return TemplateResponse(request, "admin/organisation/fileimport/preview.html", context)


def cancel_view(model_admin, request, pk):
    batch = get_object_or_404(FileImport, pk=pk)
    check_permission(request, batch.kind)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if intake.cancel(batch):
        messages.success(request, f"Filen {batch.file_name} läses inte in. Inget har ändrats.")
    else:
        messages.error(request, DONE)
    return redirect("admin:organisation_fileimport_changelist")
