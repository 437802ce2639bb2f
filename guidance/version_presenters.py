"""A page's open history: rows → the shapes that its templates place."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from portal.web.frames import Frame
from portal.web.menu import menu_item

from .models import Page, PageVersion
from .version_parts import PartDifference


@dataclass
class Period:
    """The days when a version counted; `last` is None while it does."""

    first: date
    last: date | None

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    @property
    def is_in_one_year(self) -> bool:
        return self.last is not None and self.first.year == self.last.year


def period_of(version: PageVersion, now: datetime) -> Period:
    """A version from `with_end()`: until the next came, or it expired or was withdrawn."""
    ends = [version.superseded_at, version.withdrawn_at, version.expire_at]
    end = min((at for at in ends if at is not None and at <= now), default=None)
    first = timezone.localtime(version.publish_at).date()
    return Period(first, end and timezone.localtime(end).date())


def history_frame(page: Page, title: str, *, below: bool = False) -> Frame:
    """The frame of a page's history, or of what stands below it."""
    crumbs = [("Start", "/")]
    if page.parent:
        crumbs.append((page.parent.nav_title, page.parent.get_absolute_url()))
    crumbs.append((page.nav_title, page.get_absolute_url()))
    if below:
        crumbs.append(("Versioner", page.get_versions_url()))
    item = menu_item(page.slug, page.parent.slug if page.parent else "")
    return Frame(title=title, crumbs=crumbs, menu=item.key if item else "", page=page)


def folded(parts: list[PartDifference]) -> str:
    """The parts that are the same, in a few words: "Rubrik, Ingress och 3 avsnitt"."""
    titles = [part.title for part in parts if part.change == "same"]
    names = [title for title in titles if not title.startswith(("Avsnittet ", "Steget "))]
    for word, start in (("avsnitt", "Avsnittet "), ("steg", "Steget ")):
        if count := sum(title.startswith(start) for title in titles):
            names.append(f"{count} {word}")
    return " och ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
