"""An uploaded logo can only draw: everything else is refused by name."""

from xml.etree import ElementTree

import pytest

from portal.web.svg import SVG, XML_SPACE, SvgRefused, read_svg

ROOT = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
DOCTYPE = (
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
)
PREFIXED = 's:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 9 9"'


def svg(inside, more=""):
    return f"<svg {ROOT}{more}>{inside}</svg>".encode()


def uses(*, each, levels):
    """Groups that each show the next one several times."""
    use = '<use href="#a{}"/>'
    groups = [f'<g id="a{n}">{use.format(n + 1) * each}</g>' for n in range(levels)]
    return svg("".join(groups))


REFUSED = {
    "script": (svg("<script>alert(1)</script>"), "elementet ”script”"),
    "script in UTF-16": (svg("<script/>").decode().encode("utf-16"), "elementet ”script”"),
    "prefixed script": (f"<{PREFIXED}><s:script/></s:svg>".encode(), "elementet ”script”"),
    "script of HTML": (
        svg('<script xmlns="http://www.w3.org/1999/xhtml">1</script>'),
        "elementet ”script”",
    ),
    "script of HTML in a group of the program's": (
        svg('<g xmlns:h="http://www.w3.org/1999/xhtml"><h:script/></g>'),
        "elementet ”script”",
    ),
    "no namespace inside": (svg('<rect xmlns=""/>'), "elementet ”rect”"),
    "foreignObject": (svg("<foreignObject/>"), "elementet ”foreignObject”"),
    "link": (svg('<a href="javascript:alert(1)"/>'), "elementet ”a”"),
    "image": (svg('<image href="https://example.org/x.png"/>'), "elementet ”image”"),
    "animation": (svg('<animate attributeName="href"/>'), "elementet ”animate”"),
    "event handler": (svg("", ' onload="alert(1)"'), "attributet ”onload”"),
    "event handler beside a program's own": (
        svg("", ' xmlns:i="urn:i" i:fill="1" onclick="x"'),
        "attributet ”onclick”",
    ),
    "import around a program's own": (
        svg('<style>@im<i:x xmlns:i="urn:i"/>port "x"</style>'),
        "innehåller ”@”",
    ),
    "use from elsewhere": (svg('<use href="https://example.org/a.svg#a"/>'), "länkar till"),
    "use with data": (svg(f'<use {XLINK} xlink:href="data:x"/>'), "länkar till ”data:x”"),
    "fill from elsewhere": (svg('<rect fill="url(//example.org/#a)"/>'), "”fill” i ”rect”"),
    "import": (svg('<style>@import "x"</style>'), "innehåller ”@”"),
    "import around a comment": (svg('<style>@im<!-- -->port "x"</style>'), "innehåller ”@”"),
    "url in CDATA": (svg("<style><![CDATA[g{fill:url(//x)}]]></style>"), "innehåller ”url”"),
    "url in numbers": (svg("<style>g{fill:\\75rl(x)}</style>"), "innehåller ”\\”"),
    "clip in a style": (svg("<style>g{clip-path:url(#a)}</style>"), "innehåller ”url”"),
    "url in a style attribute": (svg('<g style="fill:URL(http://x)"/>'), "innehåller ”url”"),
    "element in style": (svg("<style><g/></style>"), "element i ”style”"),
    "document type with attributes of its own": (
        b'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>' + svg(""),
        "dokumenttyp",
    ),
    "entity from elsewhere": (
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        "dokumenttyp",
    ),
    "entity of parameters": (
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://example.org/a"> %a;]><svg/>',
        "dokumenttyp",
    ),
    "entity that the outer document type would explain": (
        DOCTYPE + svg("<text>&rubrik;</text>"),
        "”&rubrik;”",
    ),
    "billion laughs": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + svg("&b;"),
        "dokumenttyp",
    ),
    "undefined entity": (svg("&nbsp;"), "rad 1"),
    "instruction": (b'<?xml-stylesheet href="x"?>' + svg(""), "instruktion (<?xml-stylesheet"),
    "deep": (svg("<g>" * 6000 + "</g>" * 6000), "mer än 40 element"),
    "uses of uses": (uses(each=10, levels=8), "hänvisar till sig själv"),
    "long chain of uses": (uses(each=1, levels=900), "hänvisar till sig själv"),
    "circle": (svg('<g id="a"><use href="#a"/></g>'), "hänvisar till sig själv"),
    "PNG": (b"\x89PNG\r\n\x1a\n\x00", "en PNG-bild"),
    "text": ("Vår logotyp".encode(), "rad 1"),
    "unclosed": (svg("")[:-3], "rad 1"),
    "empty": (b"", "rad 1"),
    "NUL": (svg("\0"), "rad 1"),
    "unknown encoding": (b'<?xml version="1.0" encoding="foo"?><svg/>', "teckenkodningen"),
    "UTF-7": (b'<?xml version="1.0" encoding="utf-7"?><svg/>', "teckenkodningen"),
    "half a character": (b'<svg xmlns="x">\xed\xa0\x80</svg>', "rad 1"),
    "HTML": (b"<html/>", "första element är ”html”"),
    "no namespace": (b'<svg viewBox="0 0 1 1"/>', "första element är ”svg”"),
    "no size": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "hur stor"),
    "size of nothing": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 0"/>',
        "hur stor",
    ),
    "ribbon": (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 9"/>', "avlång"),
    "51 kB": (svg(" " * 51_000), "Filen är 52 kB"),
    "10 MB": (b"<" * 10_000_000, "Filen är 10000 kB"),
}


@pytest.mark.parametrize(("content", "named"), REFUSED.values(), ids=REFUSED)
def test_refuses_by_name(content, named):
    with pytest.raises(SvgRefused) as refused:
        read_svg(content)

    assert named in str(refused.value)


WRITTEN = '<svg viewBox="0 0 100 40" xmlns="http://www.w3.org/2000/svg">{}</svg>'
TAKEN = {
    "shapes": (svg('<path d="M0 0h9"/>'), '<path d="M0 0h9" />'),
    "document type goes": (DOCTYPE + svg("<g/>"), "<g />"),
    "short document type goes": (b"<!DOCTYPE svg>" + svg("<g/>"), "<g />"),
    "metadata goes": (svg("<metadata><script/></metadata><g/>"), "<g />"),
    "other namespaces go": (
        svg('<i:script xmlns:i="urn:i"><g onload="x"/></i:script><g xmlns:i="urn:i" i:href="x"/>'),
        "<g />",
    ),
    "comment goes": (svg("<!-- <script/> --><g/>"), "<g />"),
    "CDATA is text": (
        svg("<style><![CDATA[.a>.b{fill:url(#c)}]]></style>"),
        "<style>.a&gt;.b{fill:url(#c)}</style>",
    ),
    "Swedish letters in UTF-16": (
        svg("<title>Länet</title>").decode().encode("utf-16"),
        "<title>Länet</title>",
    ),
    "own gradient": (
        svg('<linearGradient id="a"/><rect fill="url(#a)"/>'),
        '<linearGradient id="a" /><rect fill="url(#a)" />',
    ),
    "old way to refer": (
        svg(f'<g id="a"/><use {XLINK} xlink:href="#a"/>'),
        '<g id="a" /><use href="#a" />',
    ),
}


@pytest.mark.parametrize(("content", "written"), TAKEN.values(), ids=TAKEN)
def test_takes_what_only_draws_and_writes_it_anew(content, written):
    taken = read_svg(content)

    assert taken.text == WRITTEN.format(written)
    assert taken.ratio == 2.5
    assert read_svg(taken.text.encode()) == taken


def test_prefixes_are_gone():
    assert read_svg(f"<{PREFIXED}><s:g/></s:svg>".encode()).text == (
        '<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg"><g /></svg>'
    )


@pytest.mark.parametrize(
    ("sides", "ratio"), [('width="80" height="40"', 2), ('width="10mm" height="20mm"', 0.5)]
)
def test_size_may_be_said_without_a_view_box(sides, ratio):
    assert read_svg(f'<svg xmlns="http://www.w3.org/2000/svg" {sides}/>'.encode()).ratio == ratio


INKSCAPE = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape (http://www.inkscape.org/) -->
<svg width="200mm" height="80mm" viewBox="0 0 200 80" version="1.1" id="svg5"
  inkscape:version="1.2.2" sodipodi:docname="logotyp.svg" {XLINK}
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
  xmlns="http://www.w3.org/2000/svg" xmlns:svg="http://www.w3.org/2000/svg"
  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <sodipodi:namedview id="namedview7" pagecolor="#ffffff" inkscape:pageopacity="0.0">
    <inkscape:grid type="xygrid" id="grid10"/>
  </sodipodi:namedview>
  <defs id="defs2"><inkscape:perspective sodipodi:type="inkscape:persp3d" id="p"/></defs>
  <metadata id="metadata5"><rdf:RDF><cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format>
    <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></cc:Work></rdf:RDF></metadata>
  <g inkscape:label="Lager 1" inkscape:groupmode="layer" id="layer1"><path id="path1"
    style="fill:#005b89;stroke-width:0.26;image-rendering:auto;-inkscape-stroke:none"
    d="M 0,0 H 9" sodipodi:nodetypes="cc" inkscape:connector-curvature="0"/></g>
</svg>""".encode()
ILLUSTRATOR = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b"<!-- Generator: Adobe Illustrator 27.0.0, SVG Export Plug-In -->\n"
    + DOCTYPE
    + f"""
<svg version="1.1" id="Lager_1" xmlns="http://www.w3.org/2000/svg" {XLINK}
  xmlns:x="http://ns.adobe.com/Extensibility/1.0/"
  xmlns:i="http://ns.adobe.com/AdobeIllustrator/10.0/" i:viewOrigin="0 40"
  x="0px" y="0px" viewBox="0 0 100 40" enable-background="new 0 0 100 40" xml:space="preserve">
<style type="text/css">.st0{{fill:#005B89;}}</style>
<i:pgf id="adobe_illustrator_pgf">eJzsvWmTXUeO</i:pgf>
<g i:extraneous="self"><path class="st0" d="M0,0h9"/></g>
</svg>""".encode()
)


@pytest.mark.parametrize(
    ("content", "drawn"), [(INKSCAPE, {"defs", "g", "path"}), (ILLUSTRATOR, {"style", "g", "path"})]
)
def test_takes_what_drawing_programs_save_without_their_own_data(content, drawn):
    taken = read_svg(content)
    elements = [*ElementTree.fromstring(taken.text).iter()]  # noqa: S314

    assert taken.ratio == 2.5
    assert {element.tag for element in elements} == {f"{SVG}{name}" for name in {"svg", *drawn}}
    attributes = {name for element in elements for name in element.attrib}
    assert {name for name in attributes if "{" in name} <= {XML_SPACE}
    assert read_svg(taken.text.encode()) == taken
