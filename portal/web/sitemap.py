"""The addresses of the site for search engines: one file, or an index of parts when they are many.

A kind is a queryset in a fixed order and a function that gives each row's address and the
moment its text was last changed (or None):
{"sidor": (PageVersion.objects.live(), lambda version: ("/intyg/", moment))}.
Written by hand, since a template a row takes seconds for thousands of rows.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse

# The protocol allows 50,000; a part has to be made while somebody waits.
PART = 1000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

Kinds = dict[str, tuple[QuerySet, Callable]]


def sitemap_response(request, kinds: Kinds, *, besides: Iterable[str] = ()) -> HttpResponse:
    """All addresses, those `besides` first; or the parts, when they are more than one."""
    counts = {name: rows.count() for name, (rows, _) in kinds.items()}
    if sum(counts.values()) <= PART:
        found = [(url, None) for url in besides]
        for rows, entry in kinds.values():
            found += map(entry, rows)
        return _addresses(request, found)
    parts = [
        reverse("sitemap_part", args=[name, number + 1])
        for name, count in counts.items()
        for number in range(-(-count // PART))
    ]
    locations = "".join(f"<sitemap>{_location(request, url)}</sitemap>" for url in parts)
    return _xml(f'<sitemapindex xmlns="{NAMESPACE}">{locations}</sitemapindex>')


def part_response(request, kinds: Kinds, kind: str, number: int, *, besides=()) -> HttpResponse:
    """One part of one kind; the first part of the first kind has what is besides, too."""
    if kind not in kinds:
        raise Http404("Webbplatskartan har ingen sådan del.")
    rows, entry = kinds[kind]
    if not 1 <= number <= -(-rows.count() // PART):
        raise Http404("Webbplatskartan har ingen sådan del.")
    found = [*map(entry, rows[(number - 1) * PART : number * PART])]
    if number == 1 and kind == next(iter(kinds)):
        found = [*((url, None) for url in besides), *found]
    return _addresses(request, found)


def _addresses(request, found: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """Each address once, with its moment when one is known."""
    moments: dict[str, datetime | None] = {}
    for url, moment in found:
        moments[url] = moments.get(url) or moment
    rows = "".join(
        f"<url>{_location(request, url)}"
        + (f"<lastmod>{moment.isoformat(timespec='seconds')}</lastmod>" if moment else "")
        + "</url>"
        for url, moment in moments.items()
    )
    return _xml(f'<urlset xmlns="{NAMESPACE}">{rows}</urlset>')


def _location(request, url):
    return f"<loc>{escape(f'{request.scheme}://{request.get_host()}{url}')}</loc>"


def _xml(root):
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'
    return HttpResponse(text, content_type="application/xml")
