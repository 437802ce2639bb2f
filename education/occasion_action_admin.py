"""The actions on occasions as pages of the admin; a term is shown before it is stored."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from portal.web.forms import tell_in

from . import actions
from .occasion_action_forms import CancelForm, CopyForm, TermForm

LIST = "admin:education_occasion_changelist"
ROW = "admin:education_occasion_change"


class OccasionActions:
    """A ModelAdmin's part."""

    def get_urls(self):
        pages = [("termin", "termin/", term_view), ("kopiera", "<int:pk>/kopiera/", copy_view)]
        pages.append(("stall_in", "<int:pk>/stall-in/", cancel_view))
        return [
            path(
                address,
                self.admin_site.admin_view(partial(view, self)),
                name=f"education_occasion_{name}",
            )
            for name, address, view in pages
        ] + super().get_urls()


def shown(model_admin, request, form, title, *, original=None, **extra):
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": original,
        "title": title,
        "form": form,
        **extra,
    }
    return TemplateResponse(request, "admin/education/occasion/action.html", context)


def row_of(model_admin, request, pk):
    return get_object_or_404(model_admin.get_queryset(request).select_related("course"), pk=pk)


def term_view(model_admin, request):
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form, plan, digest = TermForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            plan = form.term.plan()
            digest = form.term.digest(plan)
            if request.POST.get("visat") == digest and "spara" in request.POST:
                made = actions.make_term(
                    form.term,
                    by=request.user,
                    closes_before=form.cleaned_data["closes_before"],
                    **form.values,
                )
                messages.success(request, f"{len(made)} tillfällen är skapade.")
                return redirect(LIST)
        except ValidationError as fault:
            plan = None
            tell_in(form, fault)
    number = sum(not each.left_out for each in plan or [])
    return shown(
        model_admin,
        request,
        form,
        "Skapa en termin",
        plan=plan,
        digest=digest,
        has_changed="spara" in request.POST,
        number=number,
        button="Visa dagarna",
    )


def copy_view(model_admin, request, pk):
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    row = row_of(model_admin, request, pk)
    form = CopyForm(request.POST or None, initial={"title_suffix": row.title_suffix})
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.copy_occasion(row, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            tell_in(form, fault)
        else:
            messages.success(request, "Tillfället är kopierat. Kontrollera uppgifterna.")
            return redirect(ROW, new.pk)
    return shown(model_admin, request, form, f"Kopiera: {row}", original=row, button="Kopiera")


def cancel_view(model_admin, request, pk):
    row = row_of(model_admin, request, pk)
    if not model_admin.has_change_permission(request, row):
        raise PermissionDenied
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_occasion(row, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            tell_in(form, fault, renamed={"cancel_reason": "reason"})
        else:
            messages.success(request, "Tillfället är inställt. De som följer kursen får brev.")
            return redirect(ROW, row.pk)
    return shown(model_admin, request, form, f"Ställ in: {row}", original=row, button="Ställ in")
