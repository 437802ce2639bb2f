"""Totals of participants: written by hand, or read from a file."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from portal.editing.model_admin import PortalAdmin
from portal.tables import FileRefused
from portal.tables.fields import TableFileField

from . import participation
from .models import Participation


class FileForm(forms.Form):
    file = TableFileField(
        label="Fil",
        help_text="CSV eller kalkylblad med rubrikerna År, Utbildning (titel eller adressnamn), "
        "Yrkesgrupp (namn eller kod), HSA-id (får vara tomt) och Antal. Antal som redan finns "
        "ersätts.",
    )


@admin.register(Participation)
class ParticipationAdmin(PortalAdmin):
    list_display = ["year", "course", "profession", "unit", "count"]
    list_filter = ["year", "course", "profession"]
    list_select_related = ["course", "profession", "unit"]
    search_fields = ["course__title", "profession__name", "unit__name"]
    autocomplete_fields = ["course", "unit"]
    fields = ["year", "course", "profession", "unit", "count", "source"]
    help_texts = {
        "unit": "Tomt när deltagarnas enheter inte är kända.",
        "count": "Bara antal, inga personer. Läsaren ser summor, och inga under 5.",
        "source": "Varifrån antalet kommer, till exempel ”kompetensportalen”. Visas inte.",
    }

    def get_urls(self):
        view = self.admin_site.admin_view(partial(upload_view, self))
        return [
            path("las-in/", view, name="education_participation_upload"),
            *super().get_urls(),
        ]


def upload_view(model_admin, request):
    if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
        raise PermissionDenied
    form, plan = FileForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            plan = participation.plan_file(file.read())
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
        if plan and not plan.faults:
            number = participation.store(plan, source="inläst från fil")
            messages.success(request, f"{number} rader är inlästa.")
            return redirect("admin:education_participation_changelist")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Läs in antal deltagare",
        "form": form,
        "faults": plan.faults[:50] if plan else [],
        "number": len(plan.faults) if plan else 0,
    }
    return TemplateResponse(request, "admin/education/participation/upload.html", context)
