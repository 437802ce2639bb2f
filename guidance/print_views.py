"""A whole section, or one page, as a document to print."""

from copy import copy

from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from organisation.models import Appointment
from portal.web import panels
from portal.web.frames import Frame

from . import guides, redirects
from .models import START_SLUG, PageVersion
from .models.pages import is_live
from .presenters import page_frame
from .printing import Notes, parts_of, place_in_document

ENDING = "utskrift/"


@require_safe
def print_document(request, slug, section=""):
    version = PageVersion.objects.for_page(slug).exclude(page__slug=START_SLUG).first()
    url = request.path.removesuffix(ENDING)
    if version is None or version.page.get_absolute_url() != url:
        page = version.page if version else redirects.named(slug)
        if page is None or page.slug == START_SLUG:
            raise Http404("Sidan finns inte.")
        return redirects.kept_fresh(redirect(page.get_absolute_url() + ENDING, permanent=True))
    if not version.is_live():
        context = {"reason": version.end_reason, "successor": version.successor}
        return render(request, "410.html", context, status=410)
    context = document(request, [version, *live_below(version.page)])
    return render(request, "guidance/print.html", context)


def live_below(page):
    """What readers may read below a section, in the menu's order; nothing below a page."""
    if page.parent_id:
        return []
    return (
        PageVersion.objects.filter(is_live("pk"), page__parent=page)
        .select_related("page__parent", "page__owner")
        .order_by("page__position", "page__slug")
    )


def document(request, versions):
    parts = parts_of(versions)
    first = parts[0].version
    site = f"{request.scheme}://{request.get_host()}"
    shown = {}
    for part in parts:
        part.html = mark_safe(
            render_to_string("guidance/_print_part.html", part_rows(request, part, shown))
        )
    notes = Notes()
    place_in_document(parts, notes)
    owners = {part.version.page.owner_id for part in parts}
    return {
        "frame": Frame(title=first.title, crumbs=[], menu=page_frame(first, [], []).menu),
        "parts": parts,
        "first": first,
        "joined": len(parts) > 1,
        "changed": max(part.version.publish_at for part in parts),
        "site": site,
        "canonical": site + parts[0].url,
        "today": timezone.localdate(),
        "addresses": notes.addresses,
        "stylesheets": sorted({each.stylesheet for rows in shown.values() for each in rows} - {""}),
        "contacts": Appointment.objects.public().filter(
            role__in=owners, state=Appointment.State.HELD
        ),
    }


def request_of(request, part):
    """The request for a part's own page with nothing chosen: a list knows from it where it
    stands, as the process of a section does."""
    asked = copy(request)
    asked.path = asked.path_info = part.url
    asked.GET = QueryDict()
    return asked


def part_rows(request, part, shown):
    """What a part's template needs; each list is fetched once, whoever shows it."""
    page = part.version.page
    if page.register and page.register not in shown:
        shown[page.register] = panels.collect(
            f"register:{page.register}", request_of(request, part)
        )
    lists = shown.get(page.register, [])
    return {
        "part": part,
        "version": part.version,
        "body": page_frame(part.version, [], []).body,
        "lists": lists,
        "elsewhere": page.kind == page.Kind.LISTING and not page.register,
        "is_form": any(panel.stylesheet == guides.STYLESHEET for panel in lists),
    }
