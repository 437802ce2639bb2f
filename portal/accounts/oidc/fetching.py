"""One request to the provider. Late, huge, redirected or odd answers are all the same fault.

Proxies and authorities of the region's own come from what Python and OpenSSL read by
themselves (HTTPS_PROXY, SSL_CERT_FILE).
"""

import json
import threading
import urllib.error
import urllib.request
from urllib.parse import urlencode

from .faults import Refused

MOST_BYTES = 2_000_000
HEADERS = {"Accept": "application/json", "User-Agent": "forsakringsmedicin-portal"}


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect would carry codes and secrets to somewhere nobody has agreed on."""

    def redirect_request(self, *args, **kwargs):
        return None


_opener = urllib.request.build_opener(_StayHere)


def fetch(address: str, *, seconds: float, form: dict | None = None, headers: dict | None = None):
    """(status, bytes). Raises Refused("down") when no whole answer came in time.

    The request runs in a thread of its own, so that neither a name server, a handshake nor an
    answer that drips can hold the worker longer than `seconds`.
    """
    body = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(address, body, {**HEADERS, **(headers or {})})  # noqa: S310
    box: list = []

    def ask():
        try:
            with _opener.open(request, timeout=seconds) as response:
                box.append((response.status, response.read(MOST_BYTES + 1)))
        except urllib.error.HTTPError as answer:
            with answer:
                box.append((answer.code, b""))
        except Exception as fault:
            box.append(fault)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not box:
        raise Refused("down", "timeout")
    if isinstance(box[0], Exception):
        raise Refused("down", type(box[0]).__name__)
    status, content = box[0]
    if len(content) > MOST_BYTES:
        raise Refused("down", "size")
    return status, content


def fetch_object(address: str, **rest) -> dict:
    """The JSON object at an address, from an answer with status 200."""
    status, content = fetch(address, **rest)
    if status != 200:
        raise Refused("down", f"status {status}")
    return json_object(content)


def json_object(content: bytes) -> dict:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("down", "json") from None
    if not isinstance(value, dict):
        raise Refused("down", "json")
    return value
