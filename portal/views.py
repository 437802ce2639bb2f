"""The start page, search, and what a reader sees when something is wrong."""

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.models import Course
from followup.models import Indicator
from guidance.models import START_SLUG, Document, Page
from guidance.reviews import overdue_among
from organisation.models import Role, Unit
from portal.search.forms import SearchForm
from portal.search.query import search as find
from portal.web import panels
from portal.web.frames import Frame, frame_or_404
from portal.web.models import SiteSettings
from portal.web.site import known_site


@require_safe
def start(request):
    context = {
        "frame": frame_or_404(START_SLUG),
        "main_panels": panels.collect("start", request),
        "side_panels": panels.collect("start_side", request),
    }
    return render(request, "start.html", context)


@require_safe
def search(request):
    form = SearchForm(request.GET)
    results = None
    if form.is_valid() and form.cleaned_data["q"]:
        chosen = form.cleaned_data
        results = find(
            chosen["q"], kinds=[chosen["typ"]] if chosen["typ"] else [], page=chosen["page"] or 1
        )
    context = {
        "frame": frame_or_404("sok"),
        "form": form,
        "results": results,
        "overdue": overdue_among(results.hits) if results else (),
    }
    return render(request, "search.html", context)


class PublicSitemap(Sitemap):
    """All addresses with a page of their own, each kind of row in its own order."""

    def items(self):
        lists = ["organisation:unit_list", "education:calendar", "guidance:notice_list"]
        rows = [
            *Page.objects.public().select_related("parent"),
            *Role.objects.all(),
            *Unit.objects.public(),
            *Course.objects.public(),
            *Indicator.objects.all(),
            *Document.objects.all(),
        ]
        # The unit directory is a page's address too.
        urls = [*(reverse(name) for name in lists), *(row.get_absolute_url() for row in rows)]
        return [*dict.fromkeys(urls)]

    def location(self, url):
        return url


@require_safe
def sitemap(request):
    return sitemap_view(request, sitemaps={"sidor": PublicSitemap})


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
    return render(request, "500.html", context, status=500)
