"""Moving a page or changing its address: a form, what it means, and then the press that does it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from . import actions, moving
from .models import Page
from .transition_forms import MoveForm

CONFLICT = "Någon annan har sparat sidan sedan du öppnade den. Se vad som är nytt och försök igen."


def move_view(model_admin, request, pk):
    page = get_object_or_404(Page.objects.select_related("parent"), pk=pk)
    if not request.user.has_perm("guidance.move_page"):
        raise PermissionDenied
    initial = {"parent": page.parent_id, "slug": page.slug, "revision": page.revision}
    form = MoveForm(request.POST or None, initial=initial, page=page)
    plan = None
    if request.method == "POST" and form.is_valid():
        plan = planned(form, page)
        if plan and form.cleaned_data["confirm"] and done(form, page, request.user):
            said = f"{plan.old} har blivit {plan.new}."
            model_admin.log_change(request, page, f"Bytte adress: {said}")
            messages.success(request, f"{said} Den gamla adressen leder till den nya.")
            return redirect("admin:guidance_page_change", page.pk)
    context = model_admin.context(
        request,
        page,
        f"Flytta eller byt adress: {page.nav_title}",
        form=form,
        plan=plan if form.is_valid() else None,
        obstacle=moving.obstacle(page),
        former=page.former_slugs.all(),
        redirects=page.redirect_set.all(),
    )
    return TemplateResponse(request, "admin/guidance/page/move.html", context)


def planned(form, page):
    """The plan, or None with what stops it told in the form."""
    values = form.cleaned_data
    current = Page.objects.select_related("parent").get(pk=page.pk)
    plan = moving.plan_for(current, parent=values["parent"], slug=values["slug"])
    stops = moving.faults(current, plan)
    for name, message in stops:
        form.add_error(name, message)
    return None if stops else plan


def done(form, page, user):
    """Whether the page was moved; if not, the form tells why."""
    values = {name: form.cleaned_data[name] for name in ("parent", "slug", "revision")}
    try:
        actions.move_page(page, by=user, **values)
    except actions.TransitionRefused as refused:
        for message in refused.messages:
            form.add_error(None, message)
    except actions.EditConflict:
        page.refresh_from_db()
        form.data = {**form.data.dict(), "revision": page.revision}
        form.add_error(None, CONFLICT)
    else:
        return True
    return False
