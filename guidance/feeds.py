from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy
from django.utils.feedgenerator import Atom1Feed

from portal.web.days import midnight

from .models import Notice


class NoticeFeed(Feed):
    feed_type = Atom1Feed
    link = reverse_lazy("guidance:notice_list")
    language = "sv"

    def title(self):
        return f"Aktuellt i försäkringsmedicin, {settings.REGION_NAME}"

    def items(self):
        return Notice.objects.public()[:50]

    def item_title(self, notice):
        return notice.title

    def item_description(self, notice):
        return notice.text

    def item_guid(self, notice):
        return f"aktuellt:{notice.slug}"

    def item_pubdate(self, notice):
        return midnight(notice.published_on)

    item_updateddate = item_pubdate
