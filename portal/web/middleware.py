"""What every response carries, and HTML compressed on its way out."""

import gzip
import re
from functools import cache, lru_cache

import brotli
from csp.constants import HEADER, NONCE, NONE, SELF
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from portal.observing.requests import NO_ROUTE, ROUTE

from .addresses import address_of
from .site import known_site, site_of

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
        *("geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone"),
        *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
    )
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


# For what no browser makes a page of: files, and answers given before the policy's middleware.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def security_headers(get_response):
    """The outermost of those that write headers, so that what another middleware answers by
    itself (a static file, a redirect to HTTPS, a host that is not ours) carries them too."""

    def middleware(request):
        response = get_response(request)
        match = request.resolver_match
        request.META[ROUTE] = f"/{match.route}" if match else NO_ROUTE
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Content-Security-Policy", NOTHING)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            headers.setdefault("Strict-Transport-Security", strict_transport())
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # The look follows the reader's choice, so a shared cache must keep them apart.
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def strict_transport() -> str:
    """As Django writes it, for answers that its middleware does not see."""
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        parts.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        parts.append("preload")
    return "; ".join(parts)


def body_limit(get_response):
    """Refuses what is larger than any form of ours, by what the request says of itself and before
    a byte of it is stored. Each form has its own, smaller limit besides."""

    def middleware(request):
        inside = request.path.startswith(address_of("admin:index"))
        most = settings.LARGEST_UPLOAD if inside else settings.LARGEST_FORM
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length[:18]) <= most:
            return get_response(request)
        context = {"most_megabytes": most // 1_000_000}
        response = render(request, "413.html", context, status=413)
        # What is on its way is not read, so the connection is of no more use.
        response.headers["Connection"] = "close"
        return response

    return middleware


# Addresses that answer without a database, or the same for ever.
WITHOUT_SITE = {"alive", "ready", "upkeep", "numbers", "security_txt", "theme", "logo"}


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


@cache
def site_policy() -> str:
    return build_policy()


class ContentPolicy(CSPMiddleware):
    """django-csp words two policies anew for each response; most pages have the site's own."""

    def process_response(self, request, response):
        its_own = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")
        if hasattr(request, "_csp_nonce") or any(hasattr(response, each) for each in its_own):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, site_policy())
        return response


def admin_policy(get_response):
    """Tells django-csp which policy to write, so it must stand inside its middleware."""

    def middleware(request):
        response = get_response(request)
        if request.path.startswith(address_of("admin:index")):
            response._csp_config = ADMIN_DIRECTIVES
        return response

    return middleware


@lru_cache(256)
def accepted_encodings(header: str) -> frozenset[str]:
    """The encodings that an Accept-Encoding header allows: "br, gzip;q=0" → {"br"}. Browsers have
    few of them."""
    accepted = set()
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", each) for each in parameters):
            accepted.add(name)
    return frozenset(accepted)


# Of brotli, for what is sent once: a seventh of the time that 5 takes, for 16 % more bytes. What is
# kept and sent again is worth 5 (portal.caching.page_cache).
QUICK, WORTH_IT = 1, 5


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
        response.uncompressed = response.content
        accepted = accepted_encodings(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if "br" in accepted:
            response.content = brotli.compress(response.content, quality=QUICK)
            response.headers["Content-Encoding"] = "br"
        elif "gzip" in accepted:
            response.content = gzip.compress(response.content, compresslevel=QUICK, mtime=0)
            response.headers["Content-Encoding"] = "gzip"
        else:
            return response
        response.headers["Content-Length"] = str(len(response.content))
        if response.headers.get("ETag", "").startswith('"'):
            # The same page in other bytes is no longer the strong tag's.
            response.headers["ETag"] = f"W/{response.headers['ETag']}"
        return response

    return middleware
