"""What HTML a text may hold. The same rules on save and on display."""

import nh3

TAGS = {
    "p", "br", "strong", "em", "a", "h2", "h3", "h4", "ul", "ol", "li", "blockquote",
    "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
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


def sanitise(html: str) -> str:
    """HTML with only the markup that texts may use; everything else is taken out.

    Scripts and styles go with their content; other unknown tags leave their text.
    """
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=URL_SCHEMES | REFERENCE_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def plain_text(html: str) -> str:
    """The words of some HTML, blocks apart by blanks; for search and for counting."""
    spaced = html.replace("<", " <")
    text = nh3.clean(spaced, tags=set(), attributes={})
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&nbsp;", " ")):
        text = text.replace(entity, character)
    return " ".join(text.split())
