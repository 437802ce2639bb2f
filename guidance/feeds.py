from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from portal.web.days import midnight
from portal.web.site import site_of

from .models import Notice


class NoticeFeed(Feed):
    feed_type = Atom1Feed
    link = reverse_lazy("guidance:notice_list")
    language = "sv"

    def get_object(self, request):
        return site_of(request)

    def title(self, site):
        return f"Aktuellt i försäkringsmedicin, {site.name}"

    def items(self, site):
        return Notice.objects.public()[:50]

    def item_title(self, notice):
        return notice.title

    def item_description(self, notice):
        # An Atom reader takes a summary for HTML, and the text is none.
        return escape(notice.text)

    def item_guid(self, notice):
        return f"aktuellt:{notice.slug}"

    def item_pubdate(self, notice):
        return midnight(notice.published_on)

    item_updateddate = item_pubdate
