"""What HTML a text may hold, and what becomes of its headings, tables and links."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest

from portal.richtext import links
from portal.richtext.links import references, resolve_references
from portal.richtext.sanitise import ATTRIBUTES, CLASSES, TAGS, plain_text, sanitise
from portal.richtext.sections import (
    Section,
    headings,
    split_sections,
    with_heading_ids,
    with_scroll_boxes,
)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Text med <strong>fet</strong> och <em>kursiv</em>.<br>Ny rad</p>",
        '<h2 id="ett">Ett</h2><h3 id="tva">Två</h3><h4>Fyra</h4>',
        "<ul><li>a</li></ul><ol><li>b</li></ol>",
        '<ul class="fakta"><li>a</li></ul><ul class="checklista"><li>a</li></ul>',
        '<blockquote class="viktigt"><p>Obs</p></blockquote>',
        '<table><caption>C</caption><thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><td colspan="2" rowspan="3">b</td></tr></tbody></table>',
        '<a href="/intyg/">a</a><a href="#ankare">b</a><a href="?q=x">c</a>',
        '<a href="https://example.org/?a=1&amp;b=2#c">d</a><a href="http://example.org">e</a>',
        '<a href="mailto:a@example.org">f</a><a href="tel:+4684650041">g</a>',
        '<a href="sida:samtycke#muntligt">h</a><a href="roll:fma">i</a><a href="lag:hsl">j</a>',
    ],
)
def test_allowed_markup_survives_unchanged(html):
    assert sanitise(html) == html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<style>p{}</style>a", "a"),
        ("<SCRIPT SRC=//evil.example></SCRIPT>a", "a"),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>a", "a"),
        ('<p onclick="alert(1)" style="color:red" title="t" data-x="1">a</p>', "<p>a</p>"),
        ('<img src="https://evil.example/x.png" onerror="alert(1)">a', "a"),
        ('<iframe src="https://evil.example"></iframe>a', "a"),
        ('<form action="/x"><button>a</button></form>', "a"),
        ('<p lang="en" dir="rtl">a</p>', '<p lang="en">a</p>'),
        ("<h1>a</h1><div>b</div><u>c</u>", "abc"),
        ("<!-- dold --><!--register-->a", "a"),
        ('<p class="viktigt">a</p>', "<p>a</p>"),
        ('<ul class="fakta ond">a</ul>', '<ul class="fakta">a</ul>'),
        ('<a href="/x" target="_blank" rel="opener" ping="/p">a</a>', '<a href="/x">a</a>'),
        ('<h2 id="två ord">a</h2>', "<h2>a</h2>"),
        ('<h2 id="a&quot;b&lt;">a</h2>', "<h2>a</h2>"),
        ('<p id="x">a</p>', "<p>a</p>"),
        ('<meta http-equiv="refresh" content="0;url=//evil.example"><base href="//e">a', "a"),
    ],
)
def test_what_is_not_allowed_goes(html, left):
    assert sanitise(html) == left


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        " //evil.example",
        "https:evil.example",
        "HTTP:/evil.example",
        "ftp://evil.example",
    ],
)
def test_address_that_may_lead_astray_goes(address):
    assert sanitise(f'<a href="{address}">a</a>') == "<a>a</a>"


@pytest.mark.parametrize("address", [" sida:x", "SIDA:x", "si\nda:x", "\tsida:x "])
def test_link_by_identity_gets_its_plain_form(address):
    assert sanitise(f'<a href="{address}">a</a>') == '<a href="sida:x">a</a>'


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<p>b</p></p>",
        "<table><td>a<table><td>b</table></table>",
        '<blockquote class="fras ond tips">x',
        '<a href="https://example.org/?a&b">x<a href="/y">z',
        "<h2><strong>a<h3>b",
        "&lt;script&gt;&amp;amp; &nbsp;x",
    ],
)
def test_sanitising_twice_changes_nothing_more(html):
    assert sanitise(sanitise(html)) == sanitise(html)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Ett</p><p>två</p>", "Ett två"),
        ("<p>Se <a href='/x/'>lagen</a>.</p>", "Se lagen."),
        ("sjuk<strong>skrivning</strong>", "sjukskrivning"),
        ("<ul><li>a</li><li>b</li></ul>c<br>d", "a b c d"),
        ("<table><tr><th>a</th><td>b</td></tr></table>", "a b"),
        ("5 &lt; 6 &amp; 7 &gt; 3", "5 < 6 & 7 > 3"),
        ("a&nbsp;b&amp;nbsp;c&amp;lt;d", "a b&nbsp;c&lt;d"),
        ("<script>x</script> a \n\t b ", "a b"),
        ("", ""),
    ],
)
def test_plain_text(html, text):
    assert plain_text(html) == text


def test_heading_ids_stay_and_are_made_from_the_words():
    html = '<h2 id="kvar">Annat</h2><h3>Så här gör du</h3><h4>?!</h4>'

    assert with_heading_ids(html) == (
        '<h2 id="kvar">Annat</h2><h3 id="sa-har-gor-du">Så här gör du</h3><h4 id="avsnitt">?!</h4>'
    )


def test_doubled_heading_ids_get_a_number_and_none_takes_one_that_is_there():
    html = '<h2>Vem</h2><h2>Vem</h2><h2 id="vem-2">Tredje</h2><h2 id="vem-2">Fjärde</h2>'
    made = with_heading_ids(html)

    assert headings(made) == [
        ("h2", "vem", "Vem"),
        ("h2", "vem-3", "Vem"),
        ("h2", "vem-2", "Tredje"),
        ("h2", "vem-2-2", "Fjärde"),
    ]
    assert with_heading_ids(made) == made


def test_heading_that_has_an_id_keeps_it_from_an_earlier_one_with_the_same_words():
    html = '<h2>Vem</h2><h2 id="vem">Den rätta</h2>'

    assert headings(with_heading_ids(html)) == [("h2", "vem-2", "Vem"), ("h2", "vem", "Den rätta")]


def test_sections_are_the_text_before_and_under_each_h2():
    html = '<p>Först</p><h2 id="a">A <em>b</em></h2><p>1</p><h3 id="c">C</h3> <h2 id="d">D</h2>'

    assert split_sections(html) == (
        "<p>Först</p>",
        [Section("a", "A b", '<p>1</p><h3 id="c">C</h3>'), Section("d", "D", "")],
    )
    assert split_sections("") == ("", [])


def test_heading_inside_a_list_leaves_whole_halves():
    intro, sections = split_sections('<ul><li>x<h2 id="a">A</h2>y</li></ul><p>z</p>')

    assert intro == "<ul><li>x</li></ul>"
    assert sections == [Section("a", "A", "y<p>z</p>")]


def test_table_gets_a_scroll_box_named_by_its_caption_or_number():
    html = "<table><caption>C</caption><tbody></tbody></table><table><tbody></tbody></table>"

    assert with_scroll_boxes(html) == (
        '<div class="table-scroll" tabindex="0" role="region" aria-labelledby="tabell-1">'
        '<table><caption id="tabell-1">C</caption><tbody></tbody></table></div>'
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Tabell 2">'
        "<table><tbody></tbody></table></div>"
    )


def test_scroll_box_takes_no_id_that_is_there():
    html = '<h2 id="tabell-1">T</h2><table><caption>C</caption></table>'

    assert 'aria-labelledby="tabell-1-2"><table><caption id="tabell-1-2">' in with_scroll_boxes(
        html
    )


def test_table_in_a_table_keeps_its_tags_in_pairs():
    inner = "<table><tbody><tr><td>b</td></tr></tbody></table>"
    boxed = with_scroll_boxes(f"<table><tbody><tr><td>{inner}</td></tr></tbody></table>")

    assert boxed == (
        "<table><tbody><tr><td>"
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="Tabell 1">{inner}</div>'
        "</td></tr></tbody></table>"
    )


@pytest.fixture
def scheme(monkeypatch):
    """A scheme of the tests' own, beside the rooms' schemes; remembers what it was asked."""
    asked = []
    known = {"a": "/a/", "rad": "/lista/#rad", "å": "/aring/"}

    def resolve(keys):
        asked.append(keys)
        return {key: known[key] for key in keys if key in known}

    monkeypatch.setitem(links._resolvers, "prov", resolve)
    return asked


def test_references_names_scheme_key_and_anchor(scheme):
    html = '<a href="prov:a">1</a><a href="prov:b#c">2</a><a href="https://x.example">3</a>'

    assert references(html) == [("prov", "a", ""), ("prov", "b", "c")]


def test_references_become_addresses_with_one_lookup_a_scheme(scheme):
    html = (
        '<a href="prov:a">1</a> <a href="prov:a#x"><em>2</em></a> <a href="prov:rad#y">3</a> '
        '<a href="prov:borta">4</a> <a href="mailto:a@b.example">5</a> <a href="/c/">6</a>'
    )

    assert resolve_references(html) == (
        '<a href="/a/">1</a> <a href="/a/#x"><em>2</em></a> <a href="/lista/#rad">3</a> '
        '4 <a href="mailto:a@b.example">5</a> <a href="/c/">6</a>'
    )
    assert scheme == [{"a", "rad", "borta"}]


@pytest.mark.parametrize(
    "key", ["", "a/b", "../a", "//evil.example", "a?b", "%00", "a&quot;b", "\x00", "a" * 5000, "🙂"]
)
@pytest.mark.parametrize("of", ["sida", "roll", "dokument", "lag", "kurs", "indikator"])
def test_hostile_key_leaves_only_the_text(db, of, key):
    assert resolve_references(sanitise(f'<a href="{of}:{key}">text</a>')) == "text"


def test_hostile_anchor_stays_inside_its_attribute(db):
    html = sanitise('<a href="sida:samtycke#&quot; onclick=&quot;x">t</a>')

    assert resolve_references(html) == (
        '<a href="/sekretess-och-samtycke/samtycke/#&quot; onclick=&quot;x">t</a>'
    )


def test_resolved_text_of_a_real_page(db):
    html = sanitise('<a href="sida:samtycke">S</a>, <a href="roll:rehabkoordinator">R</a>')

    assert resolve_references(html) == (
        '<a href="/sekretess-och-samtycke/samtycke/">S</a>, '
        '<a href="/organisation/roller-och-ansvar/rehabkoordinator/">R</a>'
    )


def leads_somewhere_harmless(href):
    """Whether a browser stays on the site, or goes where the text plainly says."""
    if re.match(r"https?://|mailto:|tel:", href, re.I):
        return True
    return urljoin("https://site.example/x/", href.replace("\\", "/")).startswith(
        "https://site.example/"
    )


class Allowed(HTMLParser):
    """Collects what is not on the lists."""

    box = {"class": "table-scroll", "tabindex": "0", "role": "region"}

    def __init__(self):
        super().__init__()
        self.wrong = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "div":
            name = {**given}
            for each in ("aria-label", "aria-labelledby"):
                name.pop(each, None)
            if name != self.box:
                self.wrong.append((tag, given))
            return
        if tag not in TAGS:
            self.wrong.append((tag, given))
        for name, value in attributes:
            if name == "class":
                ok = set(value.split()) <= CLASSES.get(tag, set())
            elif name == "id" and tag == "caption":
                ok = re.fullmatch(r"tabell-[\d-]+", value)
            elif name == "href":
                ok = tag == "a" and leads_somewhere_harmless(value)
            else:
                ok = name in ATTRIBUTES.get(tag, set()) | ATTRIBUTES["*"]
            if not ok:
                self.wrong.append((tag, name, value))

    def handle_comment(self, data):
        self.wrong.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


def not_allowed(html):
    """What stands in some HTML, made ready as a text is, that may not."""
    ready = with_scroll_boxes(resolve_references(with_heading_ids(sanitise(html))))
    parser = Allowed()
    parser.feed(ready)
    parser.close()
    return parser.wrong


def test_check_for_what_is_not_allowed_sees_planted_faults():
    parser = Allowed()
    parser.feed('<div></div><p onclick="x"><a href="//e">a</a><img><a href="javascript:x"></a>')

    assert len(parser.wrong) == 5


def samples(pattern):
    folder = os.environ.get("PORTAL_SAMPLE_DATA")
    found = sorted(Path(folder).glob(pattern)) if folder else []
    return found or [pytest.param(None, marks=pytest.mark.skip("PORTAL_SAMPLE_DATA is not set"))]


@pytest.mark.parametrize(
    "path",
    [*samples("html-xss/bleach/*.test"), *samples("html-paste/*/*.html")],
    ids=lambda path: f"{path.parent.name}-{path.name}" if path else "unset",
)
def test_nothing_live_is_left_of_a_sample(path, db):
    assert not_allowed(path.read_text(encoding="utf-8").partition("\n--\n")[0]) == []


@pytest.mark.parametrize("path", samples("html-xss/naughty-strings/blns.json"), ids=["blns"])
def test_nothing_live_is_left_of_naughty_strings(path, db):
    wrong = {}
    for text in json.loads(path.read_text(encoding="utf-8")):
        for html in (text, f'<a href="{text}">a</a>', f'<p class="{text}" id="{text}">a</p>'):
            if found := not_allowed(html):
                wrong[html] = found

    assert wrong == {}
