"""A document's file on its way to a reader."""

import logging

from django.http import FileResponse, Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, urlencode

from portal.web.choices import YEAR_IN_SECONDS

from .byte_ranges import OutOfRange, Part, asked_range

log = logging.getLogger(__name__)
# A file never runs here, whatever a reader's browser makes of it.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


def file_response(request, version, *, keep):
    """A version's file to save.

    keep  the address says which content it is, so that it may be kept for long; otherwise
          who has it asks each time whether it is still the same
    """
    etag = quote_etag(version.checksum)
    response = get_conditional_response(request, etag=etag) or content(request, version, etag)
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR_IN_SECONDS}, immutable" if keep else "no-cache"
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def content(request, version, etag):
    """All of the file, or the part that a reader asks for while it is the file she has."""
    header = request.headers.get("Range", "") if request.method == "GET" else ""
    if request.headers.get("If-Range", etag) != etag:
        header = ""
    size = version.file_size
    try:
        part = asked_range(header, size)
    except OutOfRange:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    file = opened(version)
    if part is None:
        response = FileResponse(file, content_type=version.content_type)
        response.headers["Content-Length"] = str(size)
    else:
        first, last = part
        file.seek(first)
        length = last - first + 1
        response = FileResponse(Part(file, length), content_type=version.content_type, status=206)
        response.headers["Content-Length"] = str(length)
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Content-Disposition"] = disposition(version)
    return response


def opened(version):
    try:
        return version.file.open("rb")
    except FileNotFoundError:
        # The folder is not there: not the reader's fault, and nothing she can do.
        log.error("The file of document version %s is missing from the folder.", version.pk)
        raise Http404("Filen saknas på servern.") from None


def disposition(version):
    """As RFC 6266 wants it for all readers: a plain name, and the one with å, ä and ö."""
    name = f"{version.document.title}, {version.label}.{version.file_kind}"
    readable = "".join(" " if letter in '/\\:*?"<>|' else letter for letter in name)
    printable = "".join(letter for letter in readable if letter.isprintable())
    encoded = urlencode({"": " ".join(printable.split())}).removeprefix("=").replace("+", "%20")
    return f"attachment; filename=\"{version.download_name}\"; filename*=UTF-8''{encoded}"
