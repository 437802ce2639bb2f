"""A published page's frame, for its own view and for other rooms' lists."""

from django.db.models import Q

from organisation.models import Appointment

from .models import Page, PageVersion
from .presenters import page_frame


def frame_of(version):
    """A version's frame: two queries besides the one that fetched the version."""
    section = version.page.parent or version.page
    nearby = Page.objects.public().filter(Q(parent=None) | Q(parent=section))
    contacts = Appointment.objects.public().filter(
        role=version.page.owner_id, state=Appointment.State.HELD
    )[:2]
    return page_frame(version, list(nearby), list(contacts))


def frame_for_slug(slug):
    """The frame of the page with a slug, or None while it is not published."""
    version = PageVersion.objects.for_page(slug).first()
    return frame_of(version) if version and version.is_live() else None
