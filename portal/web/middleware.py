"""What every response carries, and HTML compressed on its way out."""

import gzip
import re

import brotli
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from .site import known_site, site_of

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")
)

# The stock admin brings scripts of its own, and the editing box an inline import map that
# carries the nonce.
ADMIN_DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}


def security_headers(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # The look follows the reader's choice, so a shared cache must keep them apart.
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


# Addresses that answer without a database, or the same for ever.
WITHOUT_SITE = {"alive", "ready", "upkeep", "theme", "logo"}


def search_engines(get_response):
    """Tells search engines to leave out a site that wants it, whatever kind of answer it is."""

    def middleware(request):
        response = get_response(request)
        match = request.resolver_match
        found = match and response.status_code == 200 and match.url_name not in WITHOUT_SITE
        site = site_of(request) if found else known_site(request)
        if site and site.noindex:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return middleware


def admin_policy(get_response):
    """Tells django-csp which policy to write, so it must stand inside its middleware."""

    def middleware(request):
        response = get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response._csp_config = ADMIN_DIRECTIVES
        return response

    return middleware


def accepted_encodings(header: str) -> set[str]:
    """The encodings that an Accept-Encoding header allows: "br, gzip;q=0" → {"br"}."""
    accepted = set()
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", each) for each in parameters):
            accepted.add(name)
    return accepted


def compress_html(get_response):
    """Brotli, or gzip where the reader lacks it, for pages and feeds.

    Safe from BREACH on public pages: they hold no secret. Signed-in pages carry a CSRF
    token, which Django masks anew in every response.
    """
    kinds = ("text/", "application/json", "application/xml", "application/atom+xml")

    def middleware(request):
        response = get_response(request)
        if (
            response.streaming
            or response.has_header("Content-Encoding")
            or not response.headers.get("Content-Type", "").startswith(kinds)
            or len(response.content) < 500
        ):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        accepted = accepted_encodings(request.headers.get("Accept-Encoding", ""))
        if "br" in accepted:
            response.content = brotli.compress(response.content, quality=5)
            response.headers["Content-Encoding"] = "br"
        elif "gzip" in accepted:
            response.content = gzip.compress(response.content, compresslevel=6, mtime=0)
            response.headers["Content-Encoding"] = "gzip"
        else:
            return response
        response.headers["Content-Length"] = str(len(response.content))
        if response.headers.get("ETag", "").startswith('"'):
            # The same page in other bytes is no longer the strong tag's.
            response.headers["ETag"] = f"W/{response.headers['ETag']}"
        return response

    return middleware
