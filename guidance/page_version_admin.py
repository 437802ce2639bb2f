"""A page's versions in the admin: the list, the difference, the preview, and the text's check."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.utils import timezone

from portal.publishing.models import WORKING

from . import page_presenters
from .framing import preview_of
from .models import Page, PageVersion
from .text_control import control
from .version_parts import changed_parts


def versions_view(model_admin, request, pk):
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    page = get_object_or_404(Page.objects.select_related("parent"), pk=pk)
    versions = list(page.versions.select_related("author", "reviewer"))
    live = PageVersion.objects.live().filter(page=page).values_list("pk", flat=True)
    seen = page.versions.seen().filter(suppressed_at=None)
    past = {*seen.values_list("pk", flat=True)} - {*live}
    events = page_presenters.events_by_version(versions)
    working = next((version for version in versions if version.state in WORKING), None)
    rows = [
        {
            "version": version,
            "live": version.pk in set(live),
            "events": events[version.pk],
            "before": older.number if older else None,
            "may_suppress": version.pk in past,
            "may_restore": version != working,
        }
        for version, older in zip(versions, [*versions[1:], None], strict=True)
    ]
    context = model_admin.context(
        request,
        page,
        f"Versioner av {page.nav_title}",
        rows=rows,
        now=timezone.now(),
        may_suppress=request.user.has_perm("guidance.suppress_pageversion"),
        may_restore=request.user.has_perm("guidance.change_page"),
    )
    return TemplateResponse(request, "admin/guidance/page/versions.html", context)


def difference_view(model_admin, request, pk, old, new):
    before = model_admin.version_or_404(request, pk, old)
    after = model_admin.version_or_404(request, pk, new)
    context = model_admin.context(
        request,
        after.page,
        f"Skillnad mellan version {old} och {new}",
        before=before,
        after=after,
        sections=changed_parts(before, after),
    )
    return TemplateResponse(request, "admin/guidance/page/difference.html", context)


def preview_view(model_admin, request, pk, number):
    """A version in the site's own look, with the lasting part that comes with it."""
    version = model_admin.version_or_404(request, pk, number)
    public = PageVersion.objects.live().filter(pk=version.pk).exists()
    context = {**preview_of(version), "version": version, "public": public}
    return render(request, "admin/guidance/page/preview.html", context)


def check_view(model_admin, request, pk, number):
    """What stands in the way of publishing a version, or is wrong with the live one now."""
    version = model_admin.version_or_404(request, pk, number)
    checked = control(version)
    if PageVersion.objects.live().filter(pk=version.pk).exists():
        PageVersion.objects.filter(pk=version.pk).update(faults=len(checked["errors"]))
    context = model_admin.context(
        request,
        version.page,
        f"Textkontroll: {version.title}",
        version=version,
        checked=checked,
    )
    return TemplateResponse(request, "admin/guidance/page/check.html", context)
