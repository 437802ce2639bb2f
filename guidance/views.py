from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.web import panels
from portal.web.frames import Frame

from . import redirects
from .framing import frame_for_slug, frame_of
from .models import START_SLUG, Document, Notice, Page, PageVersion


def show_page(request, slug):
    version = PageVersion.objects.for_page(slug).first()
    at_home = version is not None and request.path == version.page.get_absolute_url()
    if not at_home and (page := redirects.target(request, slug)):
        return redirects.moved(page)
    if version is None:
        raise Http404("Sidan finns inte.")
    if not version.is_live():
        successor = version.successor
        context = {"reason": version.end_reason, "successor": successor}
        return render(request, "410.html", context, status=410)
    # The last segment identifies the page; an address with another section leads here.
    if not at_home:
        return redirects.moved(version.page)
    context = {
        "frame": frame_of(version),
        "register_panels": panels.collect(f"register:{version.page.register}"),
        "panels": panels.collect("page", version.page),
    }
    return render(request, "guidance/page_detail.html", context)


@require_safe
def section(request, slug):
    if slug == START_SLUG:
        return redirect("start", permanent=True)
    return show_page(request, slug)


@require_safe
def page(request, section, slug):
    return show_page(request, slug)


@require_safe
def document_or_page(request, slug):
    """A document, or one of the pages in the document section: slugs of pages come first."""
    document = (
        Document.objects.filter(slug=slug)
        .select_related("page__parent")
        .prefetch_related("versions", "roles")
        .first()
    )
    if document is None or Page.objects.filter(slug=slug).exists():
        return show_page(request, slug)
    frame = frame_for_slug("dokument")
    if frame is None:
        raise Http404("Dokumentlistan är inte publicerad.")
    pages = Page.objects.public().select_related("parent").distinct()
    used_on = pages.filter(
        Q(versions__in=PageVersion.objects.live().filter(documents=document))
        | Q(versions__in=PageVersion.objects.live().filter(steps__documents=document))
    )
    context = {
        "frame": frame.below(document.title, frame.page.get_absolute_url(), document.description),
        "document": document,
        "used_on": used_on,
    }
    return render(request, "guidance/document_detail.html", context)


@require_safe
def notice_list(request):
    frame = Frame(
        title="Aktuellt",
        description="Nyheter om lagar, processer och webbplatsen.",
        lead="Det som är nytt i lagar, processer och på webbplatsen, med datum.",
        crumbs=[("Start", "/")],
    )
    context = {"frame": frame, "notices": Notice.objects.public()}
    return render(request, "guidance/notice_list.html", context)
