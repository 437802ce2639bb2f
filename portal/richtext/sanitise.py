"""What HTML a text may hold. The same rules on save and on display."""

import re
from functools import lru_cache
from html import unescape

import nh3

TAGS = {
    "p", "br", "strong", "em", "a", "h2", "h3", "h4", "ul", "ol", "li", "blockquote",
    "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "*": set(),
    **{tag: {"lang"} for tag in ("p", "li", "em", "strong", "blockquote")},
    "a": {"href"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
CLASSES = {"blockquote": {"viktigt", "tips", "fras"}, "ul": {"fakta", "checklista"}}
REFERENCE_SCHEMES = {"sida", "roll", "dokument", "lag", "kurs", "indikator"}
URL_SCHEMES = {"http", "https", "mailto", "tel"}

_ID = re.compile(r"[\w-]+")
_DROPPED_IN_ADDRESS = str.maketrans("", "", "\t\n\r")
_NOT_INLINE = re.compile(r"<(?!/?(?:a|b|em|i|span|strong)\b)", re.I)


def _attribute(tag, name, value):
    """An attribute's value, or None to take the attribute out."""
    if name == "id":
        return value if _ID.fullmatch(value) else None
    return _address(value) if name == "href" else value


def _address(href):
    """An address as a browser reads it, or None if it leads to another host in disguise.

    Browsers drop blanks round an address and line breaks in it, and take \\ for /; so
    "/\\evil.example" would be another host (WHATWG URL, "basic URL parser").
    """
    href = href.translate(_DROPPED_IN_ADDRESS).strip("".join(map(chr, range(33))))
    scheme, _, rest = href.partition(":")
    slashed, rest = href.replace("\\", "/"), rest.replace("\\", "/")
    if slashed.startswith("//"):
        return None
    if scheme.lower() in {"http", "https"} and not rest.startswith("//"):
        return None
    if scheme.lower() in REFERENCE_SCHEMES:
        return f"{scheme.lower()}:{rest}"
    return href


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes=URL_SCHEMES | REFERENCE_SCHEMES,
    link_rel=None,
    strip_comments=True,
    attribute_filter=_attribute,
)
_WITHOUT_TAGS = nh3.Cleaner(tags=set(), attributes={})


# The same text is asked for as it is checked, made ready and compared.
@lru_cache(maxsize=32)
def sanitise(html: str) -> str:
    """HTML with only the markup that texts may use; everything else is taken out.

    Scripts and styles go with their content; other unknown tags leave their text.
    """
    return _CLEANER.clean(html)


def plain_text(html: str) -> str:
    """The words of some HTML, blocks apart by blanks; for search and for counting."""
    text = _WITHOUT_TAGS.clean(_NOT_INLINE.sub(" <", html))
    return " ".join(unescape(text).split())
