"""A page's open history and its feed. A section's own page has no segment before it, so its
addresses end alike; "versioner" is no page's slug (models.pages, TAKEN_BELOW)."""

from django.urls import path, register_converter
from django.views.decorators.http import require_safe

from . import feeds, version_views


class VersionNumberConverter:
    """A number that a database can hold."""

    regex = "[0-9]{1,9}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return str(value)


register_converter(VersionNumberConverter, "version")

app_name = "versions"

feed = require_safe(feeds.PageFeed())


def below(place, name):
    """The addresses below one page."""
    return [
        path(f"{place}/atom.xml", feed, name=f"{name}_feed"),
        path(f"{place}/versioner/", version_views.version_list, name=f"of_{name}"),
        path(
            f"{place}/versioner/<version:number>/",
            version_views.version_detail,
            name=f"version_of_{name}",
        ),
        path(
            f"{place}/versioner/<version:old>..<version:new>/",
            version_views.version_difference,
            name=f"difference_of_{name}",
        ),
    ]


urlpatterns = [
    path("aktuellt/atom.xml", require_safe(feeds.NewsFeed()), name="news_feed"),
    *below("<slug:slug>", "section"),
    *below("<slug:section>/<slug:slug>", "page"),
]
