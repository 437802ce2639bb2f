"""Asks an address on the internet whether it answers, without being led astray.

Texts are written by people, and other websites redirect as they like, so an address may lead
to a machine inside the region's own network. Names are looked up here, every address that a
name has is judged, and the connection goes to the one that was judged: a name cannot change
its mind in between. No body is read, so none is too large; `download` reads one, with a limit.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.utils.encoding import iri_to_uri

MOST_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
# The website is there, but does not talk with machines: no fault of the link's.
UNTELLING = {401, 403, 429, 451, 999}
LONGEST_ADDRESS = 2000
HEADERS = {"Accept": "*/*", "Connection": "close"}


@dataclass(frozen=True)
class Answer:
    """status  the last HTTP status, None when there was none
    fault   why it counts as failed, "" when it does not
    note    why nothing can be said ("" when something can)
    url     where redirects led
    """

    status: int | None
    fault: str = ""
    note: str = ""
    url: str = ""


class Unreachable(Exception):
    """The address cannot be asked; the message says why."""


class NotAllowed(Unreachable):
    """The address leads where this machine must not ask."""


def probe(url: str, *, agent: str, timeout: float, allowed: Collection[str] = ()) -> Answer:
    """What an address answers: first asked without its content, then as a browser would.

    allowed  hosts that may be asked though they stand inside the region's network
    """
    answer = _follow("HEAD", url, agent, timeout, allowed)
    if answer.fault or answer.status == 405:
        answer = _follow("GET", url, agent, timeout, allowed)
    return answer


def _follow(method, url, agent, timeout, allowed):
    for _ in range(MOST_REDIRECTS + 1):
        try:
            status, location = _ask(method, url, agent, timeout, allowed)
        except NotAllowed as refused:
            return Answer(None, note=str(refused), url=url)
        except Unreachable as fault:
            return Answer(None, fault=str(fault), url=url)
        if status not in REDIRECTS or not location:
            return _judged(status, url)
        url = urljoin(url, location)
    return Answer(status, fault="för många omdirigeringar", url=url)


def _judged(status, url):
    if status in UNTELLING:
        return Answer(status, note=f"webbplatsen släpper inte in kontrollen ({status})", url=url)
    if status == 405 or 200 <= status < 400:
        return Answer(status, url=url)
    return Answer(status, fault=f"svarar med fel {status}", url=url)


class _Connection(http.client.HTTPConnection):
    """line  its socket, which `sock` no longer is while an answer's body is read"""

    line: socket.socket | None = None


def _ask(method, url, agent, timeout, allowed):
    """(status, where to go on) of one request."""
    headers = {"User-Agent": agent, **HEADERS}
    with answered(method, url, headers, timeout, allowed) as response:
        return response.status, response.getheader("Location")


@contextlib.contextmanager
def answered(
    method: str, url: str, headers: dict, timeout: float, allowed: Collection[str]
) -> Iterator[http.client.HTTPResponse]:
    """The answer to one request, to be read within `timeout` seconds from now.

    Whatever goes wrong, also while it is read, is Unreachable and says why.
    """
    parts = _parts(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = parts.hostname
    address = _judged_address(host, port, allowed)
    connection = _Connection(host, port)
    # A website that drips its answer is not let keep us longer than a silent one.
    guard = threading.Timer(timeout, _hang_up, [connection])
    guard.daemon = True
    ends = time.monotonic() + timeout
    try:
        connection.sock = connection.line = socket.create_connection((address, port), timeout)
        guard.start()
        if secure:
            _secure(connection, host)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request(method, path, headers=headers)
        yield connection.getresponse()
        if time.monotonic() >= ends:
            raise TimeoutError
    except ssl.SSLCertVerificationError:
        raise Unreachable("webbplatsens certifikat går inte att lita på") from None
    except (OSError, http.client.HTTPException, ValueError) as fault:
        if isinstance(fault, TimeoutError) or time.monotonic() >= ends:
            raise Unreachable("svarar inte i tid") from None
        if isinstance(fault, ssl.SSLError):
            raise Unreachable("webbplatsen svarar inte med https") from None
        raise Unreachable("svarar inte begripligt") from None
    finally:
        guard.cancel()
        connection.close()


def _secure(connection, host):
    # Not in one step: until the handshake is done there would be nothing to hang up.
    connection.sock = connection.line = ssl.create_default_context().wrap_socket(
        connection.sock, server_hostname=host, do_handshake_on_connect=False
    )
    connection.sock.do_handshake()


def _hang_up(connection):
    with contextlib.suppress(OSError, AttributeError):
        connection.line.shutdown(socket.SHUT_RDWR)


def _parts(url):
    if len(url) > LONGEST_ADDRESS:
        raise Unreachable("adressen är för lång")
    try:
        parts = urlsplit(iri_to_uri(url.partition("#")[0]))
        host, _ = parts.hostname, parts.port
        parts = parts._replace(netloc=_plain_host(parts))
    except ValueError:
        raise Unreachable("adressen går inte att tolka") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise NotAllowed("leder till något annat än en webbplats")
    if any(ord(letter) < 33 for letter in url):
        raise Unreachable("adressen går inte att tolka")
    return parts


def _plain_host(parts):
    """Host and port in ASCII, without a name and password that an address may carry."""
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port else host


def _judged_address(host, port, allowed):
    """An internet address of a host; refused if any that it has is inside a network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("webbplatsen finns inte") from None
    addresses = [row[4][0] for row in found]
    if host not in allowed and not all(is_public(address) for address in addresses):
        raise NotAllowed("leder till en adress i ett internt nät")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is on the open internet, also one that is written as another kind."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if not inner and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast
