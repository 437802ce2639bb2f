"""Rows → the shapes that page templates place."""

import re
from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from portal.web.frames import Frame, NavItem
from portal.web.menu import menu_item

from .models import Page, PageVersion
from .rendering import REGISTER_PLACE

# As templates/guidance/_section_label.html writes it.
LABEL = re.compile(r"<!--label ([\d-]{10})-->(.*?)<!--/label-->", re.S)


def sections_beside(slug: str) -> tuple[str, ...]:
    """The sections that the side navigation shows together with one: the main menu's group."""
    item = menu_item(slug)
    return item.sections if item and slug in item.sections else (slug,)


def side_title(section: Page) -> str:
    item = menu_item(section.slug)
    return item.label if item else section.nav_title


def side_navigation(section: Page, nearby: Iterable[Page]) -> list[NavItem]:
    """The side navigation of a section's pages.

    nearby  published sections and the pages in this section. Sections that the main menu
            groups are shown together, this one with its pages under it.
    """
    grouped = sections_beside(section.slug)
    sections = [row for row in nearby if row.parent_id is None and row.slug in grouped]
    sections.sort(key=lambda row: grouped.index(row.slug))
    children = [
        NavItem(row.nav_title, f"/{section.slug}/{row.slug}/")
        for row in nearby
        if row.parent_id == section.pk
    ]
    return [
        NavItem(row.nav_title, f"/{row.slug}/", children if row.pk == section.pk else [])
        for row in sections
    ]


def with_current_labels(rendered: str, today: date) -> str:
    """A ready-made text without the labels of sections whose time is over, and without the
    marks that say when that is."""
    return LABEL.sub(lambda match: match[2] if match[1] > today.isoformat() else "", rendered)


def page_frame(version: PageVersion, side_nav: list[NavItem], contacts: list) -> Frame:
    """The frame of a published page, from what the caller has fetched."""
    page = version.page
    section = page.parent or page
    item = menu_item(page.slug, page.parent.slug if page.parent else "")
    before, _, after = with_current_labels(version.rendered, timezone.localdate()).partition(
        REGISTER_PLACE
    )
    crumbs = [("Start", "/")]
    if page.parent:
        crumbs.append((page.parent.nav_title, f"/{page.parent.slug}/"))
    return Frame(
        title=version.title,
        description=page.purpose,
        kicker=page.get_kind_display().capitalize() if page.kind == Page.Kind.GUIDELINE else "",
        lead=version.lead,
        brief=version.brief,
        crumbs=crumbs,
        address=page.get_absolute_url(),
        section=section.slug,
        side_title=side_title(section),
        side_nav=side_nav,
        body=(before, after),
        contents=version.contents,
        review_note=version.review_note,
        menu=item.key if item else "",
        page=page,
        version=version,
        contacts=contacts,
    )
