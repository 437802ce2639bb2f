"""What is new as Atom: of the whole site, of one profession's pages, of one page."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import conditional_page

from organisation.models import Profession
from portal.web.models import SiteSettings
from portal.web.site import site_of

from . import redirects
from .models import Page, PageVersion
from .models.pages import is_live
from .news import news, news_of_version
from .version_forms import NewsForm

MOST = 50
VERSION_NAMESPACE = uuid.UUID("0f0b2f5e-2b8c-5a35-9a43-7c0b6f3f5d11")


OPENED = datetime(2026, 1, 1, tzinfo=UTC)  # the date of a site without pages


def whole_second(at):
    """As readers of feeds expect a moment, and in Swedish time."""
    return timezone.localtime(at).replace(microsecond=0)


class DatedAtom(Atom1Feed):
    """A feed without entries has a date too, which does not change from one call to the next."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else self.feed["since"]


@dataclass
class Source:
    """What one feed is about."""

    site: SiteSettings
    path: str
    audience: Profession | None = None
    version: PageVersion | None = None


class NewsFeed(Feed):
    """Notices and pages' major changes; ?malgrupp=lakare for one profession."""

    feed_type = DatedAtom
    language = "sv"

    def __call__(self, request, *args, **kwargs):
        answer = conditional_page(super().__call__)
        return answer(request, *args, **kwargs)

    def get_object(self, request):
        form = NewsForm(request.GET)
        if not form.is_valid():
            raise Http404("Målgruppen finns inte.")
        return Source(
            site_of(request), request.get_full_path(), audience=form.cleaned_data["malgrupp"]
        )

    def title(self, source):
        whose = f" för {source.audience.name}" if source.audience else ""
        return f"Aktuellt i försäkringsmedicin{whose}, {source.site.name}"

    def link(self, source):
        query = {"malgrupp": source.audience.code} if source.audience else None
        return reverse("guidance:notice_list", query=query)

    def feed_url(self, source):
        return source.path

    def author_name(self, source):
        return source.site.name

    def feed_extra_kwargs(self, source):
        oldest = PageVersion.objects.filter(is_live("pk")).order_by("publish_at").first()
        return {"since": whole_second(oldest.publish_at if oldest else OPENED)}

    def items(self, source):
        return news(source.audience)[:MOST]

    def item_title(self, item):
        return item.title

    def item_description(self, item):
        return escape(item.text)

    def item_link(self, item):
        return item.url

    def item_guid(self, item):
        """The same for good, wherever the page moves: `created_at` tells one site's rows from
        another's."""
        if item.notice:
            return f"aktuellt:{item.notice.slug}"
        version = item.version
        name = f"{version.pk} {version.created_at.isoformat()}"
        return uuid.uuid5(VERSION_NAMESPACE, name).urn

    def item_pubdate(self, item):
        return whole_second(item.at)

    item_updateddate = item_pubdate


class PageFeed(NewsFeed):
    """The major changes of one page, at an address below the page's own."""

    def __call__(self, request, slug, section=""):
        page = Page.objects.addressed().named([slug]).get(slug)
        if page is not None and request.path != page.get_feed_url():
            return redirects.moved(page.get_feed_url())
        if page is not None and not PageVersion.objects.live().filter(page=page).exists():
            seen = PageVersion.objects.seen().filter(page=page).exists()
            return HttpResponse(status=410 if seen else 404)
        return super().__call__(request, slug)

    def get_object(self, request, slug):
        version = PageVersion.objects.for_page(slug).first()
        if version is None or not version.is_live():
            raise Http404("Sidan finns inte.")
        return Source(site_of(request), request.path, version=version)

    def title(self, source):
        return f"Ändringar på {source.version.title}, {source.site.name}"

    def link(self, source):
        return source.version.page.get_absolute_url()

    def feed_extra_kwargs(self, source):
        return {"since": whole_second(source.version.publish_at)}

    def items(self, source):
        changes = PageVersion.objects.announced().filter(page=source.version.page_id)
        return [news_of_version(version) for version in changes[:MOST]]
