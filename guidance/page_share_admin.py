"""Sharing a draft with somebody who has no account: the address, and calling it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.publishing.models import WORKING

from . import previews


def share_view(model_admin, request, pk, number):
    version = model_admin.version_or_404(request, pk, number)
    page = version.page
    if not model_admin.has_change_permission(request, page):
        raise PermissionDenied
    try:
        link, until = shared_by(model_admin, request, version)
    except previews.PreviewEnded as refused:
        messages.error(request, refused.message)
        return redirect("admin:guidance_page_change", page.pk)
    version.refresh_from_db()
    context = model_admin.context(
        request,
        page,
        f"Dela förhandsvisning: {version.title}",
        version=version,
        link=link,
        until=until,
        days=previews.DAYS,
    )
    response = TemplateResponse(request, "admin/guidance/page/share.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def shared_by(model_admin, request, version):
    """Does what was pressed; the address and its end, when there is one to show."""
    if version.state not in WORKING:
        raise previews.PreviewEnded(previews.ONLY_DRAFTS)
    if request.method != "POST":
        return "", None
    if "call_back" in request.POST:
        previews.call_back(version, by=request.user)
        model_admin.log_change(request, version.page, f"Återkallade länkar till {version}.")
        messages.success(request, "Länken är återkallad. Ingen som har den kan läsa utkastet.")
        return "", None
    path, until = previews.share(version, by=request.user)
    model_admin.log_change(request, version.page, f"Delade en förhandsvisning av {version}.")
    return request.build_absolute_uri(path), until
