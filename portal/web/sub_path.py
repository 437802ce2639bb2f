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
    r"""((?:\s(?:href|src|action|formaction|data-url|data-ajax--url)=["'])|"[\w@/-]+":\s?")/(?!/)"""
)


def below_a_path(get_response):
    prefix = settings.SUB_PATH
    if not prefix:
        raise MiddlewareNotUsed
    links = re.compile(ADDRESS.pattern + rf"(?!{re.escape(prefix[1:])}/)")
    host = re.compile(rf"^(https?://[^/]+)/(?!{re.escape(prefix[1:])}/)")

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
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        if is_html and not response.streaming and not response.headers.get("Content-Encoding"):
            text = response.content.decode(response.charset)
            response.content = links.sub(rf"\1{prefix}/", text)
            if "Content-Length" in response.headers:
                response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware
