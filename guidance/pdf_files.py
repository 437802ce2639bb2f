"""What a PDF holds that acts when it is opened. No PDF library: names are looked for.

A PDF is objects that are named in plain bytes or stand in compressed object streams; names
may be written with #xx. Both are read here; what cannot be read is refused, since nobody
has seen what it does. (ISO 32000-1: 7.3.5 names, 7.5.7 object streams, 12.6 actions.)
"""

import re
import zlib

PROTECTED = (
    "Filen är skyddad med lösenord eller har spärrade rättigheter. Spara den utan skydd och "
    "lägg upp den igen."
)
BROKEN = "Filen är skadad eller inte en hel PDF. Spara den på nytt och lägg upp den igen."
UNREADABLE = (
    "Filen är komprimerad på ett sätt som inte kan kontrolleras. Skriv ut den till en ny PDF."
)
ACTIVE = {
    b"JavaScript": "JavaScript",
    b"Launch": "en åtgärd som startar program",
    b"EmbeddedFile": "bifogade filer",
    b"EmbeddedFiles": "bifogade filer",
    b"RichMedia": "inbäddad film eller Flash",
    b"SubmitForm": "ett formulär som skickar uppgifter",
    b"ImportData": "en åtgärd som hämtar uppgifter",
    b"XFA": "ett XFA-formulär",
}
# Long names do not come by chance in a picture's bytes; the short one is looked for only
# outside of them.
_ACTIVE = re.compile(rb"/(" + b"|".join(ACTIVE) + rb")(?=[\x00\t\n\f\r ()<>\[\]{}/%])")
_SHORT = re.compile(rb"/JS(?=[\x00\t\n\f\r ()<>\[\]{}/%])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.S)
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/N (\d{1,6})")
LONGEST_DICTIONARY = 4000
LARGEST_UNPACKED = 100_000_000


class PdfRefused(Exception):
    """Why, in Swedish for the editor."""


def check_pdf(data: bytes) -> int | None:
    """The number of pages, None where it cannot be told cheaply. Raises PdfRefused."""
    if b"%%EOF" not in data[-2048:]:
        raise PdfRefused(BROKEN)
    if data.rfind(b"PK\x05\x06") > data.rfind(b"%%EOF"):
        raise PdfRefused("Filen är både en PDF och en zip-fil. Spara den på nytt som PDF.")
    objects = [_plain(each) for each in object_streams(data)]
    data = _plain(data)
    # Names outside of streams, where those of the trailer stand too.
    outside = _STREAM.sub(b" ", data)
    if re.search(rb"/Encrypt(?![A-Za-z])", outside):
        raise PdfRefused(PROTECTED)
    for text in (data, *objects):
        if active := _ACTIVE.search(text):
            raise PdfRefused(_told(ACTIVE[active[1]]))
    if any(_SHORT.search(text) for text in (outside, *objects)):
        raise PdfRefused(_told("JavaScript"))
    return page_count(data, [outside, *objects])


def _told(found):
    return f"Filen har {found}. Skriv ut den till en ny PDF, så att bara texten blir kvar."


def _plain(data):
    """Names as they are read: /J#61vaScript → /JavaScript."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), data)


def object_streams(data: bytes) -> list[bytes]:
    """The objects that stand compressed, unpacked."""
    found, left = [], LARGEST_UNPACKED
    for match in _STREAM.finditer(data):
        start = max(0, match.start() - LONGEST_DICTIONARY)
        dictionary = _plain(data[start : match.start()]).rpartition(b"obj")[2]
        if not re.search(rb"/ObjStm(?![A-Za-z])", dictionary):
            continue
        if b"/Filter" not in dictionary:
            found.append(match[1])
            continue
        one_filter = re.search(rb"/Filter\s*\[?\s*/FlateDecode\s*[\]/>\r\n ]", dictionary)
        if not one_filter or b"/Predictor" in dictionary or dictionary.count(b"Decode") > 1:
            raise PdfRefused(UNREADABLE)
        unpack = zlib.decompressobj()
        try:
            found.append(unpack.decompress(match[1], left))
        except zlib.error:
            raise PdfRefused(BROKEN) from None
        left -= len(found[-1])
        if unpack.unconsumed_tail or left <= 0:
            raise PdfRefused(UNREADABLE)
    return found


def page_count(data: bytes, texts: list[bytes]) -> int | None:
    """Pages are counted as objects, which holds while the file was written in one go."""
    if linearized := _LINEARIZED.search(data[:2048]):
        return int(linearized[1])
    if data.count(b"startxref") > 1:
        return None
    return sum(len(_PAGE.findall(text)) for text in texts) or None
