from functools import partial
from urllib.parse import urlencode

from django.core.signing import BadSignature
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.caching.parts import kept
from portal.web import panels
from portal.web.frames import Frame

from . import previews, redirects
from .calendars import calendar_file
from .document_list import public_versions
from .document_views import pages_using
from .framing import frame_for_slug, frame_of, preview_of, released_version
from .guide_forms import TimelineForm
from .guides import timeline_of
from .models import START_SLUG, Document, Page, PageVersion
from .models.pages import Register
from .news import news
from .version_forms import NewsForm


def show_page(request, slug):
    version = kept("version", slug, lambda: released_version(slug))
    at_home = version is not None and request.path == version.page.get_absolute_url()
    if not at_home and (page := redirects.target(request, slug)):
        return redirects.moved(page)
    if version is None:
        raise Http404("Sidan finns inte.")
    if not version.is_live():
        successor = version.successor
        context = {
            "reason": version.end_reason,
            "successor": successor,
            "versions_url": version.page.get_versions_url(),
        }
        return render(request, "410.html", context, status=410)
    # The last segment identifies the page; an address with another section leads here.
    if not at_home:
        return redirects.moved(version.page)
    register_panels = _register_panels(request, version.page)
    instead = next((panel.leave_for for panel in register_panels if panel.leave_for), "")
    if instead:
        response = redirect(instead)
    else:
        context = {
            "frame": kept("frame", slug, lambda: frame_of(version)),
            "register_panels": register_panels,
            # A page that nobody has asked anything of is the same for all.
            "kept_as": None if request.GET else version.page_id,
            "panels": kept("panels", slug, lambda: _panels(version)),
        }
        response = render(request, "guidance/page_detail.html", context)
    if any(panel.private for panel in register_panels):
        keep_private(response)
    return response


def _register_panels(request, page):
    collect = partial(panels.collect, f"register:{page.register}", request)
    return collect() if request.GET else kept("register", page.pk, collect)


def _panels(version):
    return [*panels.collect("page", version.page), *panels.collect("version", version)]


def keep_private(response):
    """The address or the answer tells of one case: nobody on the way keeps it or passes it on."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"


@require_safe
def section(request, slug):
    if slug == START_SLUG:
        return redirect("start", permanent=True)
    return show_page(request, slug)


@require_safe
def page(request, section, slug):
    return show_page(request, slug)


@require_safe
def page_calendar(request, section, slug):
    """The dates of a timeline as a calendar file, with the same query as the page."""
    version = PageVersion.objects.for_page(slug).first()
    shown = version is not None and version.is_live()
    if not shown or version.page.register != Register.TIMELINE:
        raise Http404("Sidan har ingen kalenderfil.")
    page_url = version.page.get_absolute_url()
    if page_url != f"/{section}/{slug}/":
        raise Http404("Kalenderfilen finns på sidans egen adress.")
    made = timeline_of(TimelineForm(request.GET))
    if made is None:
        text = f"Datumen kan inte läsas. Rätta dem på sidan {page_url} och hämta filen på nytt."
        response = HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    else:
        content = calendar_file(made, request.build_absolute_uri(page_url))
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    keep_private(response)
    return response


@require_safe
def shared_preview(request, token):
    """A draft for somebody who was given its address. What else stands in the address, a
    list's filters too, counts for nothing."""
    try:
        version, until = previews.shared(token)
    except BadSignature:
        raise Http404("Förhandsvisningen finns inte.") from None
    except previews.PreviewEnded as ended:
        live = ended.version and Page.objects.public().filter(pk=ended.version.page_id).first()
        context = {"message": ended.message, "live": live}
        response = render(request, "guidance/preview_ended.html", context, status=410)
    else:
        context = {**preview_of(version), "until": until}
        response = render(request, "guidance/shared_preview.html", context)
    keep_private(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def document_or_page(request, slug):
    """A document, or one of the pages in the document section: slugs of pages come first."""
    document = (
        Document.objects.filter(slug=slug)
        .select_related("page__parent")
        .prefetch_related(public_versions(), "roles")
        .first()
    )
    if document is None or Page.objects.filter(slug=slug).exists():
        return show_page(request, slug)
    frame = frame_for_slug("dokument")
    if frame is None:
        raise Http404("Dokumentlistan är inte publicerad.")
    context = {
        "frame": frame.below(document.title, frame.page.get_absolute_url(), document.description),
        "document": document,
        "used_on": pages_using(document),
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
    form = NewsForm(request.GET)
    audience = form.cleaned_data["malgrupp"] if form.is_valid() else None
    context = {
        "frame": frame,
        "form": form,
        "audience": audience,
        "items": news(audience),
        "feed_query": urlencode({"malgrupp": audience.code}) if audience else "",
    }
    return render(request, "guidance/notice_list.html", context)
