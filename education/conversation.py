"""Pages with a form for anybody, under a page of the education section."""

from django.http import HttpRequest, HttpResponse

from portal.web.frames import Frame, frame_or_404
from portal.web.open_forms import OpenForm


def shown(
    request: HttpRequest, asked: OpenForm, template: str, title: str, *, below: str, **context
) -> HttpResponse:
    """A page under the page with a slug."""
    parent = frame_or_404(below)
    crumbs = [*parent.crumbs, (parent.page.nav_title, parent.page.get_absolute_url())]
    frame = Frame(title=title, crumbs=crumbs)
    return asked.page(request, f"education/{template}.html", frame=frame, **context)
