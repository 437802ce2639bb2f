"""The site below a path of another one: https://intranet.example.org/forsakringsmedicin/.

The proxy in front takes the path away, so that inside all addresses are as ever, also those in
stored texts; on the way out it is put before them. Ruled out: Django's FORCE_SCRIPT_NAME, since
texts, menus and the register of addresses tell pages apart by their whole path.
"""

import re

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed

# Attributes that hold addresses, and the editing box's import map. Never `value`: what somebody
# has written in a form is hers.
ADDRESS = re.compile(
    r"""((?:\s(?:href|src|srcset|action|formaction|data-url|data-ajax--url)=["'])|"[\w@/-]+":\s?")/(?!/)"""
)

# What may tell the site's own whole addresses: feeds, the site map, robots.txt.
TEXT = re.compile(r"text/(?:html|plain|xml)|application/(?:\w+\+)?(?:xml|json)")


def below_a_path(get_response):
    prefix = settings.SUB_PATH
    if not prefix:
        raise MiddlewareNotUsed
    outside = rf"(?!{re.escape(prefix[1:])}/)"
    links = re.compile(ADDRESS.pattern + outside)
    host = re.compile(rf"^(https?://[^/]+)/{outside}")

    def with_prefix(url):
        if url.startswith("/") and not url.startswith(("//", f"{prefix}/")):
            return prefix + url
        return url

    def middleware(request):
        absolute = request.build_absolute_uri
        request.build_absolute_uri = lambda location=None: host.sub(
            rf"\1{prefix}/", absolute(location)
        )
        response = get_response(request)
        if location := response.headers.get("Location"):
            response.headers["Location"] = with_prefix(location)
        # No other site on the host meets a cookie of ours.
        for cookie in response.cookies.values():
            if cookie["path"] == "/":
                cookie["path"] = f"{prefix}/"
        kind = response.headers.get("Content-Type", "")
        if TEXT.match(kind) and not response.streaming and "Content-Encoding" not in response:
            own = rf"({re.escape(f'{request.scheme}://{request.get_host()}')})/{outside}"
            text = re.sub(own, rf"\1{prefix}/", response.content.decode(response.charset))
            if kind.startswith("text/html"):
                text = links.sub(rf"\1{prefix}/", text)
            response.content = text
            if "Content-Length" in response:
                response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware
