"""A published page's frame, for its own view and for other rooms' lists."""

from dataclasses import replace

from django.utils import timezone

from organisation.models import Appointment
from portal.publishing.models import VersionState
from portal.web import panels
from portal.web.kept import kept
from portal.web.prepared import Question

from . import rendering
from .models import Page, PageVersion
from .page_contents import with_lasting
from .presenters import page_frame, sections_beside, side_navigation

_latest_version = Question(lambda at, slug: PageVersion.objects.for_page(slug, at)[:1])
_sections = Question(lambda at, slug: Page.objects.public(at).filter(parent=None, slug=slug))
_pages_of = Question(lambda at, section: Page.objects.public(at).filter(parent=section))
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
    now = timezone.now()
    beside = [row for slug in sections_beside(section.slug) for row in _sections(now, slug)]
    return beside + _pages_of(now, section.pk)


def contacts_of(role_id):
    return _contacts_of_role(timezone.localdate(), role_id)


def preview_of(version):
    """What a page's template needs to show a version that readers may not see: nothing of it
    is saved. A draft comes with the lasting part that waits in it."""
    if version.state in {VersionState.DRAFT, VersionState.IN_REVIEW}:
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
