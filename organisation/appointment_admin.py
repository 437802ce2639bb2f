"""Persons and appointments in the admin: ending one, filling a vacancy, doubles and hints."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import PortalAdmin, SearchedSelect
from portal.search.admin import SearchedAdmin
from portal.search.index import forget_words
from portal.web.forms import tell_in

from . import actions, scope, seats
from .appointment_forms import NEEDED, AppointmentForm, EndForm, FillForm
from .mail_addresses import hint
from .models import Appointment, Person
from .periods import in_force
from .scoped_admin import ScopedAdmin

State = Appointment.State
MOST_NAMESAKES = 5


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

    def lookups(self, request, model_admin):
        waits = ("utan", "gäller i dag, och ingen ny är bestämd")
        return [*super().lookups(request, model_admin), waits]

    def queryset(self, request, queryset):
        if self.value() not in {"nu", "utan"}:
            return super().queryset(request, queryset)
        rows = queryset.filter(in_force(), in_force(of="unit__"))
        return rows.without_successor() if self.value() == "utan" else rows


@admin.register(Person)
class PersonAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["name", "title", "hsa_id", "email", "protected", "holds"]
    list_filter = ["protected"]
    search_fields = ["name", "hsa_id", "title", "email"]
    fieldsets = [
        (None, {"fields": ["name", "title", "hsa_id", "email"]}),
        (
            "Skydd",
            {
                "fields": ["protected"],
                "description": "Namnet visas då ingenstans för läsare, inte heller i sökningen. De "
                "ser funktionen och dess brevlåda i stället.",
            },
        ),
        ("Uppdrag", {"fields": ["all_appointments"]}),
    ]
    readonly_fields = ["all_appointments"]
    help_texts = {
        "email": "Visas inte på enhetens sida; där står funktionsbrevlådan.",
        "hsa_id": "En person med uppdrag på flera enheter är en enda rad här. Sök på HSA-id innan "
        "du lägger till någon.",
    }
    fixed_for_some = ["hsa_id"]
    only_all_add = True
    kind = "person"
    searched = False

    def get_queryset(self, request):
        rows = Appointment.objects.select_related("role", "unit").order_by("-valid_from", "pk")
        rows = scope.seen(rows, request.user)
        return super().get_queryset(request).prefetch_related(Prefetch("appointments", rows))

    @admin.display(description="uppdrag")
    def holds(self, person):
        rows = [row for row in person.appointments.all() if not row.has_ended]
        return ", ".join(f"{row.role} – {row.unit}" for row in rows) or "inget"

    @admin.display(description="uppdrag")
    def all_appointments(self, person):
        rows = [] if person.pk is None else person.appointments.all()
        lines = (
            (
                reverse("admin:organisation_appointment_change", args=[row.pk]),
                f"{row.role} – {row.unit}",
                row.period_in_words,
            )
            for row in rows
        )
        return format_html_join("", '<p><a href="{}">{}</a>, {}</p>', lines) or "Inget uppdrag."

    def found_through(self, rows):
        return {"contact": Appointment.objects.filter(person__in=rows).values_list("pk", flat=True)}

    def log_change(self, request, obj, message):
        entry = super().log_change(request, obj, message)
        if obj.protected:
            # Search has just let the name go; now it is not suggested as a word either.
            forget_words([obj.name])
        return entry

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change or {"name", "title"} & set(form.changed_data):
            warn_of_namesakes(request, obj)


def warn_of_namesakes(request, person):
    others = list(scope.seen(person.namesakes(), request.user)[:MOST_NAMESAKES])
    if others:
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            (
                (
                    reverse("admin:organisation_person_change", args=[other.pk]),
                    f"{other.name} ({other.hsa_id})",
                )
                for other in others
            ),
        )
        said = "Det finns redan någon med samma namn och titel: {}. Är det samma person ska hon ha "
        said += "en enda rad: flytta uppdragen dit och ta bort den andra."
        messages.warning(request, format_html(said, links))


@admin.register(Appointment)
class AppointmentAdmin(ScopedAdmin, SearchedAdmin, HistoryAdmin, PortalAdmin):
    form = AppointmentForm
    change_form_template = "admin/organisation/appointment/change_form.html"
    list_display = [
        "role",
        "unit",
        "state",
        "holder",
        "acting",
        "valid_from",
        "last_day",
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
        "email": "Funktionens brevlåda, inte en persons egen adress.",
        "phone_hours": "Till exempel ”mån–fre 8–9”.",
        "confirmed_on": "När någon på enheten senast såg att uppgifterna stämmer.",
    }
    kind = "contact"

    @admin.display(description="person", ordering="person__name")
    def holder(self, row):
        return row.holder or "–"

    def found_through(self, rows):
        return {"unit": rows.values_list("unit", flat=True)}

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """When two take a seat at once the database refuses the second, whose form then is
        asked again: now it sees the first one's row, and says so."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as fault:
            if not seats.is_seat_fault(fault):
                raise
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        hint_about_address(request, obj)

    # -- ending and filling --------------------------------------------------------------

    def get_urls(self):
        return [
            path(
                f"<int:pk>/{address}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"organisation_appointment_{address}",
            )
            for address, view in (("avsluta", end_view), ("tillsatt", fill_view))
        ] + super().get_urls()

    def row_to_change(self, request, pk):
        if not self.has_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("role", "unit", "person")
        row = get_object_or_404(rows, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def action_response(self, request, row, form, title, **extra):
        for name in ("person", "stand_in", "shared_with"):
            if name in form.fields:
                field = Appointment._meta.get_field("person" if name == "stand_in" else name)
                widget = SearchedSelect(field, self.admin_site)
                widget.choices = form.fields[name].widget.choices
                form.fields[name].widget = widget
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": title,
            "form": form,
            "media": self.media + form.media,
            **extra,
        }
        return TemplateResponse(request, "admin/organisation/appointment/action.html", context)


def hint_about_address(request, row):
    name = row.person.name if row.person_id else ""
    if said := hint(row.email, name):
        messages.warning(request, said)


def limit_choices(form, request):
    """People and units that somebody sees, whatever is sent."""
    for field in form.fields.values():
        rows = getattr(field, "queryset", None)
        if rows is not None and scope.is_scoped(rows.model):
            field.queryset = scope.seen(rows, request.user)


def end_view(model_admin, request, pk):
    row = model_admin.row_to_change(request, pk)
    if row.state in actions.EMPTY or row.has_ended:
        messages.error(request, "Det finns inget pågående uppdrag att avsluta här.")
        return redirect("admin:organisation_appointment_change", row.pk)
    form = EndForm(request.POST or None, initial={"last_day": timezone.localdate()})
    limit_choices(form, request)
    if row.acting:
        del form.fields["afterwards"], form.fields["stand_in"]
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            ended = actions.end_appointment(
                appointment=row,
                last_day=values["last_day"],
                stand_in=values.get("stand_in"),
                still_needed=values.get("afterwards", NEEDED) == NEEDED,
                reason=values["reason"],
                by=request.user,
            )
        except ValidationError as fault:
            tell_in(form, fault)
        else:
            messages.success(request, what_ended(ended))
            return redirect("admin:organisation_appointment_change", row.pk)
    return model_admin.action_response(
        request, row, form, f"Avsluta uppdrag: {row.role}, {row.unit}", button="Avsluta uppdraget"
    )


def fill_view(model_admin, request, pk):
    row = model_admin.row_to_change(request, pk)
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if row.state not in actions.EMPTY or row.has_ended:
        messages.error(request, "Rollen är inte vakant här: avsluta först det som gäller.")
        return redirect("admin:organisation_appointment_change", row.pk)
    today = timezone.localdate()
    first = max(today, row.valid_from or today)
    initial = {"valid_from": first, "email": row.email, "state": State.HELD}
    new = Appointment(unit=row.unit, role=row.role)
    form = FillForm(request.POST or None, instance=new, initial=initial)
    limit_choices(form, request)
    if request.method == "POST" and form.is_valid():
        try:
            actions.start_appointment(
                appointment=new, by=request.user, reason=form.cleaned_data["reason"]
            )
        except ValidationError as fault:
            tell_in(form, fault)
        else:
            hint_about_address(request, new)
            messages.success(request, f"Tillsatt: {new}, {new.period_in_words}.")
            return redirect("admin:organisation_appointment_change", new.pk)
    return model_admin.action_response(
        request, row, form, f"Tillsätt: {row.role}, {row.unit}", button="Tillsätt"
    )


def what_ended(ended):
    said = f"Uppdraget är avslutat, {ended.appointment.period_in_words}."
    if ended.stand_in:
        said += f" {ended.stand_in.holder} är tillförordnad under vakansen."
    elif ended.vacancy and ended.vacancy.state == State.VACANT:
        said += " Rollen visas som vakant från dagen efter."
    return said
