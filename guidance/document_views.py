"""The addresses below a document: its versions, their files, and the one that is in force."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portal.web.frames import frame_or_404

from .document_responses import file_response
from .models import Document, DocumentVersion, Page, PageVersion, ProcessStep
from .models.pages import is_live


def pages_using(document):
    """Published pages that name a document, in their sources or in a step."""
    sources = PageVersion.objects.filter(documents=document)
    steps = ProcessStep.objects.filter(documents=document)
    naming = PageVersion.objects.filter(
        Q(pk__in=sources.values("pk")) | Q(pk__in=steps.values("version")), is_live("pk")
    )
    return Page.objects.select_related("parent").filter(pk__in=naming.values("page"))


def published_version(slug, version):
    versions = DocumentVersion.objects.published().select_related("document__page__parent")
    return get_object_or_404(versions, document__slug=slug, slug=version)


@require_safe
def document_version(request, slug, version):
    """One version, with a word on what replaced it."""
    shown = published_version(slug, version)
    frame = frame_or_404("dokument")
    current = None
    if not shown.is_in_force:
        current = shown.document.versions.in_force().first()
    crumbs = frame.below(shown.label, shown.document.get_absolute_url(), shown.document.description)
    context = {"frame": crumbs, "version": shown, "document": shown.document, "current": current}
    return render(request, "guidance/document_version.html", context)


@require_safe
def document_file(request, slug, version, name):
    shown = published_version(slug, version)
    if not shown.file or name != shown.download_name:
        raise Http404("Versionen har ingen sådan fil.")
    return file_response(request, shown, keep=request.GET.get("v") == shown.checksum[:12])


@require_safe
def latest(request, slug):
    """What is in force today: a file, or the way to where it is. Never kept by anybody."""
    document = get_object_or_404(Document, slug=slug)
    version = document.versions.in_force().select_related("document").first()
    if version and version.file:
        return file_response(request, version, keep=False)
    page = Page.objects.public().filter(pk=document.page_id).select_related("parent").first()
    page_url = page.get_absolute_url() if page else ""
    address = (version.url if version else "") or page_url or document.url
    if not address:
        raise Http404("Ingen version av dokumentet gäller i dag.")
    response = redirect(address)
    response.headers["Cache-Control"] = "no-cache"
    return response
