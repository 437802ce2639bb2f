"""A published page's frame, for its own view and for other rooms' lists."""

from dataclasses import replace
from functools import cache

from django.db.models import Q
from django.utils import timezone

from organisation.models import Appointment
from portal.caching.parts import kept
from portal.caching.prepared import Question
from portal.publishing.models import WORKING
from portal.web import panels

from . import rendering
from .models import Page, PageVersion
from .page_contents import with_lasting
from .presenters import page_frame, sections_beside, side_navigation

_latest_version = Question(lambda at, slug: PageVersion.objects.for_page(slug, at)[:1])
_section_with_pages = Question(
    lambda at, section: Page.objects.public(at).filter(Q(pk=section) | Q(parent=section))
)
_contacts_of_role = Question(
    lambda on, role: Appointment.objects.public(on).filter(state=Appointment.State.HELD, role=role)[
        :2
    ]
)


def released_version(slug):
    """The latest version of a page that readers have met, if only to learn that it has ended."""
    versions = _latest_version(timezone.now(), slug)
    return versions[0] if versions else None


def frame_of(version):
    """A version's frame: two queries besides the one that fetched the version."""
    section = version.page.parent or version.page
    side_nav = kept("side nav", section.pk, lambda: side_navigation(section, pages_near(section)))
    owner = version.page.owner_id
    contacts = kept("contacts", owner, lambda: contacts_of(owner))
    return page_frame(version, side_nav, contacts)


def pages_near(section):
    """The sections that the side navigation shows with one, and its own pages."""
    beside = sections_beside(section.slug)
    ask = _section_with_pages if beside == (section.slug,) else _group_with_pages(beside)
    return ask(timezone.now(), section.pk)


@cache
def _group_with_pages(slugs):
    """A question for each group of the main menu."""
    beside = Q(parent=None, slug__in=slugs)
    return Question(lambda at, section: Page.objects.public(at).filter(beside | Q(parent=section)))


def contacts_of(role_id):
    return _contacts_of_role(timezone.localdate(), role_id)


def preview_of(version):
    """What a page's template needs to show a version that readers may not see: nothing of it
    is saved. A draft comes with the lasting part that waits in it."""
    if version.state in WORKING:
        with_lasting(version)
    rendering.make_ready(version)
    version.publish_at = version.publish_at or timezone.now()
    return {
        "frame": frame_of(version),
        "register_panels": panels.collect(f"register:{version.page.register}"),
        "panels": [],
    }


def frame_for_slug(slug):
    """The frame of the page with a slug, or None while it is not published."""
    frame = kept("frame", slug, lambda: made_frame(slug))
    return frame and replace(frame)


def made_frame(slug):
    version = released_version(slug)
    return frame_of(version) if version and version.is_live() else None
