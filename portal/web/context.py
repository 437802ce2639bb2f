from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.utils.functional import SimpleLazyObject

from .chosen_unit import COOKIE, chosen_unit
from .forms import APPEARANCE_COOKIE, APPEARANCES
from .menu import MENU
from .site import site_of


def site(request):
    """What every page's frame shows. One query, and only where a template asks for the site's
    settings; no cookie set, the same for all readers but for the appearance and the unit that
    a reader has chosen."""
    return {
        "site_settings": SimpleLazyObject(lambda: site_of(request)),
        "demo_data": settings.DEMO_DATA,
        "main_menu": MENU,
        "printed_address": printed_address(request),
        "appearance": chosen_appearance(request),
        "my_unit": SimpleLazyObject(lambda: chosen_unit(request))
        if COOKIE in request.COOKIES
        else None,
        # What kept parts that show something of it are told apart by.
        "my_unit_code": lambda: request.COOKIES[COOKIE] if chosen_unit(request) else "",
    }


def chosen_appearance(request):
    """ "light", "dark", or "" for most, who have no cookie."""
    chosen = request.COOKIES.get(APPEARANCE_COOKIE, "")
    return chosen if chosen in APPEARANCES else ""


def printed_address(request):
    """Where a printed sheet came from; nothing for a host that is not ours."""
    try:
        return request.get_host() + settings.SUB_PATH + request.path
    except DisallowedHost:
        return ""
