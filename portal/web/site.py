"""The site's settings as one request sees them: read once, when first asked for."""

from portal.caching.parts import kept

from .models import SiteSettings


def site_of(request):
    """The settings and messages of this moment, one query a request at most."""
    if known_site(request) is None:
        request._portal_site = kept("site", None, SiteSettings.objects.current)
    return request._portal_site


def known_site(request):
    """The settings if this request has read them; never a query."""
    return getattr(request, "_portal_site", None)
