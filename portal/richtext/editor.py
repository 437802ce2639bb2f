"""The editing box of texts: what it offers, and its HTML made into what is stored.

The box (static/js/text-editor.js) knows neither captions nor table heads and puts a
paragraph in every list item and cell; what it sends is brought back to the markup that
`sanitise` allows and the stylesheet expects.
"""

import re

from django_prose_editor.fields import ProseEditorFormField
from django_prose_editor.widgets import AdminProseEditorWidget

from .sanitise import sanitise
from .sections import with_heading_ids

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "HardBreak": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "PortalLink": True,
    "PortalTable": {"resizable": False},
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "PortalText": True,
    "PortalPaste": True,
    "Menu": {
        "defaultItems": False,
        "groups": [
            {"group": f"portal-{name}"}
            for name in ("headings", "marks", "lists", "boxes", "links", "tables", "history")
        ],
    },
}

_DATA_CAPTION = re.compile(r'<table\b[^>]*?\bdata-caption="([^"]*)"[^>]*>', re.I)
_ONE_SPAN = re.compile(r' (?:col|row)span="1"')
_BLOCK = r"(?:p|ul|ol|li|blockquote|table|caption|thead|tbody|tr|th|td|h[2-4])\b"
_LONE_PARAGRAPH = re.compile(
    rf"(<(?:li|th|td)(?: [^>]*)?>)<p>((?:(?!</?{_BLOCK}).)*)</p>(?=</(?:li|th|td)>|<[uo]l\b)",
    re.S,
)
_HEAD_ROW = re.compile(
    r"(<table>(?:<caption>(?:(?!</caption>).)*</caption>)?)<tbody>"
    r"<tr>((?:<th\b[^>]*>(?:(?!</th>).)*</th>)+)</tr>",
    re.S,
)
_PLAIN_HEADER = re.compile(r"<th(?![^>]*\bscope=)((?: [^>]*)?)>")
_EMPTY = re.compile(r"<p(?: [^>]*)?>(?:\s|&nbsp;|\xa0|<br>)*</p>")
_HEAD = re.compile(r"<thead>.*?</thead>", re.S)


def from_editor(html: str) -> str:
    """What the editing box sent, as it is stored: sanitised, every heading with an id.

    A text that already is in that form comes back unchanged.
    """
    html = _DATA_CAPTION.sub(r"<table><caption>\1</caption>", html)
    html = _ONE_SPAN.sub("", sanitise(html))
    html = _LONE_PARAGRAPH.sub(r"\1\2", _EMPTY.sub("", html))
    html = _HEAD_ROW.sub(r"\1<thead><tr>\2</tr></thead><tbody>", html)
    html = html.replace("<tbody></tbody>", "")
    html = _HEAD.sub(lambda head: _PLAIN_HEADER.sub(r'<th\1 scope="col">', head[0]), html)
    html = _PLAIN_HEADER.sub(r'<th\1 scope="row">', html)
    # As people and packs write it; otherwise every text with one would look changed.
    return with_heading_ids(html).replace("&nbsp;", "\xa0").strip()


class TextWidget(AdminProseEditorWidget):
    """The box, named for screen readers by its label (the script reads the label)."""


class TextField(ProseEditorFormField):
    """A form field with the editing box; its value is what is stored."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(extensions=EXTENSIONS, sanitize=from_editor, widget=TextWidget(), **kwargs)
