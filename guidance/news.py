"""What is new: notices, and the major changes of pages, in one list."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from organisation.models import Profession
from portal.web.days import add_months, midnight

from .models import Notice, Page, PageVersion

MONTHS = 12  # how long a page's change stands in the list; it stays in the page's history


@dataclass
class NewsItem:
    """`url` leads to the notice, or to what is new on the page."""

    at: datetime
    title: str
    text: str
    url: str
    notice: Notice | None = None
    version: PageVersion | None = None

    @property
    def day(self) -> date:
        return timezone.localtime(self.at).date()


def news(audience: Profession | None = None) -> list[NewsItem]:
    """Notices, and major changes of the last twelve months on pages that are public, the
    latest first.

    audience  leave out what is on pages for other professions only; a page without audiences
              is for everybody, and so is a notice without a page
    """
    since = midnight(add_months(timezone.localdate(), -MONTHS))
    changes = PageVersion.objects.announced().filter(publish_at__gte=since)
    notices = Notice.objects.public()
    if audience:
        pages = pages_for(audience)
        changes = changes.filter(page__in=pages)
        notices = notices.filter(Q(page=None) | Q(page__in=pages))
    items = [*map(_from_notice, notices), *map(news_of_version, changes)]
    return sorted(items, key=lambda item: item.at, reverse=True)


def pages_for(audience: Profession):
    meant = Q(audiences__code__in=[audience.code, Profession.EVERYONE]) | Q(audiences=None)
    return Page.objects.filter(meant).values("pk")


def _from_notice(notice):
    at = midnight(notice.published_on)
    return NewsItem(at, notice.title, notice.text, notice.get_absolute_url(), notice=notice)


def news_of_version(version: PageVersion) -> NewsItem:
    """A version from `announced()`."""
    page = version.page
    before = version.previous_number
    numbers = version.number if before is None else f"{before}..{version.number}"
    return NewsItem(
        version.publish_at,
        f"{'Ny sida' if version.is_first else 'Ändrad'}: {version.title}",
        version.change_note or f"Version {version.number} av sidan.",
        f"{page.get_versions_url()}{numbers}/",
        version=version,
    )
