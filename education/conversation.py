"""What pages with a form for anybody share: how they are shown, and what stops a form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from portal.web.form_token import token_is_valid
from portal.web.frames import Frame, frame_or_404
from portal.web.rate_limit import within_limit

OLD_FORM = "Sidan hade legat öppen för länge. Skicka en gång till, så tas det emot."
TOO_MANY = "Det har kommit många formulär från ditt nätverk. Vänta en stund och skicka igen."


def shown(
    request: HttpRequest, template: str, title: str, *, below: str, fault: str = "", **context
) -> HttpResponse:
    """A page under the page with a slug: for this reader only, and nothing for search engines."""
    parent = frame_or_404(below)
    crumbs = [*parent.crumbs, (parent.page.nav_title, parent.page.get_absolute_url())]
    context |= {"frame": Frame(title=title, crumbs=crumbs), "fault": fault}
    status = 429 if fault == TOO_MANY else 200
    response = render(request, f"education/{template}.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_store=True)
    return response


def obstacle(request: HttpRequest, token: str, form_name: str, *, per_hour: int) -> str:
    """Why a form without faults is not taken, in Swedish; "" when it is."""
    if not token_is_valid(token, form_name):
        return OLD_FORM
    return "" if within_limit(request, form_name, per_hour=per_hour) else TOO_MANY
