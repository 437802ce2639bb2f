"""A page's form in the admin: writing beside the live version, and what two at once see."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from js_asset import Media

from . import actions, page_forms, page_presenters
from .models import Page
from .page_contents import snapshot
from .page_transition_admin import coming, next_step, transitions, waits_for_another
from .page_view_admin import views_of

AFTER_SAVING = {
    "_preview": "preview",
    "_check": "check",
    "_submit": "transition_granska",
    "_publish": "transition_publicera",
}


def change_view(model_admin, request, object_id):
    page = page_to_change(model_admin, request, object_id)
    working = page.versions.working().first() if page.pk else None
    shown = working or (page.versions.order_by("-number").first() if page.pk else None)
    current = snapshot(page, shown)
    if request.method != "POST":
        # On a page without changes of its own the note is about the change to come.
        if working is None and shown is not None:
            current["texts"] = {**current["texts"], "change_note": "", "is_major": False}
        return form_response(
            model_admin, request, page, shown, page_forms.PageForms(page, current), current
        )
    if not may_save(model_admin, request, page):
        raise PermissionDenied
    forms = page_forms.PageForms(page, current, request.POST)
    extra = page_forms.SaveForm(request.POST)
    if not (forms.is_valid() & extra.is_valid()):
        base = extra.cleaned_data.get("base") or current
        return form_response(model_admin, request, page, shown, forms, base, failed=True)
    content = forms.posted()
    base, revision = extra.cleaned_data["base"], extra.cleaned_data["revision"]
    if extra.cleaned_data["keep_other"]:
        content = page_presenters.merged(base, current, content)
    try:
        if not page.pk:
            page = forms.lasting.save()
            revision = page.revision
        elif content == base and not extra.cleaned_data["keep_other"]:
            # A text in review stays there, and nobody counts as having written in it.
            messages.info(request, "Inget är ändrat, så inget nytt är sparat.")
            return after_saving(request, page, working)
        draft = actions.save_draft(
            page,
            content=content,
            revision=revision,
            by=request.user,
            keep_other=extra.cleaned_data["keep_other"],
        )
    except actions.EditConflict:
        page.refresh_from_db()
        return conflict_response(model_admin, request, page, shown, base, current, content)
    model_admin.log_change(request, page, f"Sparade utkast, version {draft.number}.")
    messages.success(
        request,
        f"Utkastet är sparat som version {draft.number}. Läsaren ser inget av det än.",
    )
    return after_saving(request, page, draft)


def after_saving(request, page, draft):
    """Where the button that was pressed leads."""
    for button, view in AFTER_SAVING.items():
        if draft and button in request.POST:
            return redirect(f"admin:guidance_page_{view}", page.pk, draft.number)
    return redirect("admin:guidance_page_change", page.pk)


def page_to_change(model_admin, request, object_id):
    if object_id is None:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return Page()
    page = model_admin.get_object(request, object_id)
    if page is None:
        raise Http404("Sidan finns inte.")
    if not model_admin.has_view_or_change_permission(request, page):
        raise PermissionDenied
    return page


def may_save(model_admin, request, page):
    return model_admin.has_change_permission(request, page) and (
        page.pk is not None or model_admin.has_add_permission(request)
    )


def form_response(model_admin, request, page, shown, forms, base, *, failed=False):
    media = Media.from_media(model_admin.media + forms.media, nonce=str(request.csp_nonce))
    writable = may_save(model_admin, request, page)
    context = model_admin.context(
        request,
        page,
        f"Ändra {page.nav_title}" if page.pk else "Ny sida",
        forms=forms,
        base=json.dumps(base, ensure_ascii=False),
        revision=request.POST.get("revision", page.revision) if failed else page.revision,
        failed=failed,
        shown=shown,
        may_save=writable,
        media=media,
        transitions=transitions(request.user, page, shown),
        waits_for_another=waits_for_another(request.user, shown),
        standing=page_presenters.standing(page, shown),
        next_step=next_step(request.user, shown),
        coming=coming(page),
        views=views_of(page) if page.pk else None,
        may_move=page.pk and request.user.has_perm("guidance.move_page"),
    )
    return TemplateResponse(request, "admin/guidance/page/change_form.html", context)


def conflict_response(model_admin, request, page, shown, base, theirs, mine):
    kept = [
        (name, value)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "revision", "keep_other", *AFTER_SAVING}
        for value in request.POST.getlist(name)
    ]
    event = shown and shown.events.select_related("by").first()
    context = model_admin.context(
        request,
        page,
        "Någon annan har sparat sidan",
        rows=page_presenters.conflict_rows(base, theirs, mine),
        kept=kept,
        event=event,
    )
    return TemplateResponse(request, "admin/guidance/page/conflict.html", context, status=409)
