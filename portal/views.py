"""The start page, search, and what a reader sees when something is wrong."""

import errno
import sys

from csp.constants import SELF
from csp.decorators import csp_update
from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.models import Course
from followup.models import Indicator
from guidance.models import START_SLUG, Document, PageVersion
from organisation.models import Role, Unit
from portal.caching import page_cache
from portal.search import missed
from portal.search.forms import SearchForm, SuggestionForm
from portal.search.query import search as find
from portal.search.query import suggest
from portal.web import panels
from portal.web.frames import Frame, frame_or_404
from portal.web.models import SiteSettings
from portal.web.rate_limit import limited_search
from portal.web.site import known_site
from portal.web.sitemap import part_response, sitemap_response

page_cache.may_keep("start", "sitemap", "sitemap_part")

# The two pages that a search begins on have a script of their own, which proposes words while
# the reader writes. It is the only one, and they work without it.
with_suggestions = csp_update({"script-src": [SELF], "connect-src": [SELF]})


@require_safe
@with_suggestions
def start(request):
    context = {
        "frame": frame_or_404(START_SLUG),
        # Asked for by the template, where what they stand in was not kept.
        "main_panels": lambda: panels.collect("start", request),
        "side_panels": lambda: panels.collect("start_side", request),
    }
    return render(request, "start.html", context)


@require_safe
@limited_search
@with_suggestions
def search(request):
    form = SearchForm(request.GET)
    results = None
    if form.is_valid() and form.cleaned_data["q"]:
        chosen = form.cleaned_data
        results = find(
            chosen["q"], kinds=[chosen["typ"]] if chosen["typ"] else [], page=chosen["page"] or 1
        )
        if not results.total and not chosen["typ"] and request.method == "GET":
            missed.note(chosen["q"], request)
    context = {
        "frame": frame_or_404("sok"),
        "form": form,
        "results": results,
    }
    return render(request, "search.html", context)


@require_safe
@limited_search
def suggestions(request):
    """For the script of the search box: titles with their addresses, words without."""
    form = SuggestionForm(request.GET)
    found = suggest(form.cleaned_data["q"]) if form.is_valid() else []
    response = JsonResponse({"suggestions": [{"text": s.text, "url": s.url} for s in found]})
    response["Cache-Control"] = "public, max-age=300"
    response["X-Robots-Tag"] = "noindex"
    return response


def address_of(row):
    return row.get_absolute_url(), None


def page_address(version):
    return version.page.get_absolute_url(), version.publish_at


def public_addresses():
    """What has an address of its own, kind by kind, for portal.web.sitemap."""
    pages = PageVersion.objects.live().select_related("page__parent").order_by("page")
    pages = pages.only("publish_at", "page__slug", "page__parent__slug")
    return {
        "sidor": (pages, page_address),
        "roller": (Role.objects.order_by("pk"), address_of),
        "enheter": (Unit.objects.public().order_by("pk"), address_of),
        "utbildningar": (Course.objects.public().order_by("pk"), address_of),
        "indikatorer": (Indicator.objects.order_by("pk"), address_of),
        "dokument": (Document.objects.order_by("pk"), address_of),
    }


@require_safe
def sitemap(request):
    return sitemap_response(request, public_addresses(), besides=[reverse("guidance:notice_list")])


@require_safe
def sitemap_part(request, kind, number):
    lists = [reverse("guidance:notice_list")]
    return part_response(request, public_addresses(), kind, number, besides=lists)


def _problem(request, template, status, title):
    frame = Frame(title=title, crumbs=[("Start", "/")])
    return render(request, template, {"frame": frame}, status=status)


def bad_request(request, exception):
    return _problem(request, "400.html", 400, "Förfrågan kunde inte tolkas")


def not_found(request, exception):
    return _problem(request, "404.html", 404, "Sidan finns inte")


def forbidden(request, exception):
    return _problem(request, "403.html", 403, "Du har inte tillgång till sidan")


def server_error(request):
    # Nothing here may query or fail in its turn: the page stands on its own.
    context = {"site_settings": known_site(request) or SiteSettings()}
    # Django asks for this page while the fault is being handled.
    fault = sys.exception()
    if isinstance(fault, OperationalError | InterfaceError):
        # The database is gone, or had too much to do: soon it answers again.
        response = render(request, "503_database.html", context, status=503)
        response.headers["Retry-After"] = "30"
        return response
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return render(request, "507.html", context, status=507)
    return render(request, "500.html", context, status=500)
