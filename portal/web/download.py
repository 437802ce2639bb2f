"""Fetches a file from the internet with the caution of `probe`, and with a limit to its size."""

import time
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

from .probe import REDIRECTS, Unreachable, answered

MOST_REDIRECTS = 3
CHUNK = 64 * 1024
PACKINGS = {"", "identity", "gzip", "x-gzip"}


@dataclass(frozen=True)
class Download:
    """body  None when nothing has changed since the tag or moment that was given"""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""


def download(
    url: str,
    *,
    agent: str,
    timeout: float,
    most_bytes: int,
    allowed: Collection[str] = (),
    accept: str = "*/*",
    etag: str = "",
    last_modified: str = "",
) -> Download:
    """A file, or Unreachable with the reason.

    timeout     seconds for all of it, redirects included
    most_bytes  of the file as sent, and of the file unpacked
    allowed     hosts that may be asked though they stand inside the region's network
    """
    headers = {
        "User-Agent": agent,
        "Accept": accept,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    ends = time.monotonic() + timeout
    for _ in range(MOST_REDIRECTS + 1):
        left = ends - time.monotonic()
        if left <= 0:
            raise Unreachable("svarar inte i tid")
        with answered("GET", url, headers, left, allowed) as response:
            location = response.getheader("Location")
            if response.status in REDIRECTS and location:
                url = urljoin(url, location)
                continue
            if response.status == 304:
                return Download(None, etag, last_modified)
            if response.status != 200:
                raise Unreachable(f"svarar med fel {response.status}")
            return Download(
                _body(response, most_bytes),
                _header(response, "ETag"),
                _header(response, "Last-Modified"),
            )
    raise Unreachable("för många omdirigeringar")


def _header(response, name):
    """A header that can be sent back as it came, "" for one that cannot."""
    value = response.getheader(name) or ""
    return value if len(value) <= 100 and value.isascii() and value.isprintable() else ""


def _body(response, most_bytes):
    packing = (response.getheader("Content-Encoding") or "").strip().lower()
    if packing not in PACKINGS:
        raise Unreachable("svaret är packat på ett sätt som inte kan läsas")
    # A small packed file may hold a very large one: it is unpacked piece by piece.
    unpacked = zlib.decompressobj(wbits=31) if packing.endswith("gzip") else None
    pieces, sent, size = [], 0, 0
    while piece := response.read(CHUNK):
        sent += len(piece)
        if unpacked:
            try:
                piece = unpacked.decompress(piece, most_bytes + 1 - size)
            except zlib.error:
                raise Unreachable("svaret går inte att packa upp") from None
        size += len(piece)
        if max(sent, size) > most_bytes:
            raise Unreachable(f"filen är större än {most_bytes // 1_000_000} MB")
        pieces.append(piece)
    if response.length or (unpacked and sent and not unpacked.eof):
        raise Unreachable("svaret är avbrutet")
    return b"".join(pieces)
