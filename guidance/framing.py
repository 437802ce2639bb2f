"""A published page's frame, for its own view and for other rooms' lists."""

from dataclasses import replace

from django.db.models import Q
from django.utils import timezone

from organisation.models import Appointment
from portal.publishing.models import VersionState
from portal.web import panels
from portal.web.kept import kept

from . import rendering
from .models import Page, PageVersion
from .page_contents import with_lasting
from .presenters import page_frame, sections_beside


def frame_of(version):
    """A version's frame: two queries besides the one that fetched the version."""
    section = version.page.parent or version.page
    nearby = kept("nearby", section.pk, lambda: pages_near(section))
    owner = version.page.owner_id
    contacts = kept("contacts", owner, lambda: contacts_of(owner))
    return page_frame(version, nearby, contacts)


def pages_near(section):
    """The sections that the side navigation shows with one, and its own pages."""
    beside = Q(parent=None, slug__in=sections_beside(section.slug))
    return list(Page.objects.public().filter(beside | Q(parent=section)))


def contacts_of(role_id):
    held = Appointment.objects.public().filter(role=role_id, state=Appointment.State.HELD)
    return list(held[:2])


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
    version = PageVersion.objects.for_page(slug).first()
    return frame_of(version) if version and version.is_live() else None
