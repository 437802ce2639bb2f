"""A logo that somebody has uploaded: an SVG that only draws.

What is served is never the file but what is written anew from its parsed tree, where only
named elements and attributes may stand. So what was checked is what a browser reads, and
comments, CDATA, document type and the file's own encoding are gone. What drawing programs
keep for themselves, in namespaces that browsers do not draw, is left out.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat

LARGEST_FILE = 50_000  # bytes
DEEPEST = 40
MOST_DRAWN = 5_000  # elements, counted as often as they are referred to
SHAPES = (0.2, 8)  # least and most width for each height

SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ELEMENTS = """
    svg g defs symbol use title desc style path rect circle ellipse line polyline polygon text
    tspan clipPath linearGradient radialGradient stop
"""
_ATTRIBUTES = """
    id class style version viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx
    ry fx fy d points dx dy transform fill fill-opacity fill-rule stroke stroke-width
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset
    stroke-opacity opacity color clip-path clip-rule clipPathUnits gradientUnits
    gradientTransform spreadMethod offset stop-color stop-opacity font-family font-size
    font-weight font-style letter-spacing text-anchor display visibility overflow
    shape-rendering enable-background data-name type role aria-hidden focusable href
"""
ELEMENTS = frozenset(_ELEMENTS.split())
ATTRIBUTES = frozenset([*_ATTRIBUTES.split(), XLINK_HREF, XML_SPACE])
OTHER_KINDS = {
    b"\x89PNG": "en PNG-bild",
    b"\xff\xd8\xff": "en JPEG-bild",
    b"GIF8": "en GIF-bild",
    b"%PDF": "en PDF-fil",
    b"RIFF": "en WebP-bild",
    b"PK\x03\x04": "en zip-fil",
}
REFERENCE = re.compile(r"#([\w.-]+)")
# A gradient of the file's own, as drawing programs write it.
OWN_FILL = re.compile(r"(?:fill|stroke)\s*:\s*url\(\s*([\"']?)#[\w.-]+\1\s*\)", re.I)
OWN_URL = re.compile(r"url\(\s*([\"']?)#([\w.-]+)\1\s*\)")
# Whatever could load, run or hide one of them; "\" writes letters as numbers.
ACTIVE_STYLE = re.compile(
    r"@|\\|/\*|url|image(?!-rendering)|src|element|expression|behavior|binding|script|:\s*//"
)
VIEW_BOX = re.compile(r"\s*" + r"[\s,]+".join([r"(-?[\d.]+)"] * 4) + r"\s*")
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px|pt|mm|cm)?\s*")


class SvgRefused(ValueError):
    """The file is no logo for the site; the message says in Swedish what was found."""


@dataclass(frozen=True)
class Svg:
    """`ratio` is the picture's width for each height."""

    text: str
    ratio: float


def read_svg(content: bytes) -> Svg:
    """An uploaded file as an SVG to serve. Raises SvgRefused naming what is wrong."""
    if len(content) > LARGEST_FILE:
        raise SvgRefused(too_large(len(content)))
    try:
        _check_before_reading(content)
        # No declarations, so no entities: the check above has refused them.
        root = ElementTree.fromstring(content)  # noqa: S314
    except (expat.ExpatError, ElementTree.ParseError, LookupError, ValueError) as fault:
        if isinstance(fault, SvgRefused):
            raise
        raise SvgRefused(_unreadable(content, fault)) from None
    if root.tag != f"{SVG}svg":
        raise SvgRefused(
            f"Filens första element är ”{_local(root.tag)}”. Det ska vara svg med "
            'xmlns="http://www.w3.org/2000/svg".'
        )
    _leave_out_foreign(root)
    for element in root.iter():
        _check_element(element)
    _check_drawn(root)
    return Svg(_written(root), _ratio(root))


def too_large(size: int) -> str:
    return (
        f"Filen är {-(-size // 1000)} kB. Logotypen får vara högst {LARGEST_FILE // 1000} kB; "
        "spara den förenklad eller optimerad."
    )


def _unreadable(content, fault):
    kinds = [kind for start, kind in OTHER_KINDS.items() if content.startswith(start)]
    if kinds:
        found = f"Filen är {kinds[0]} och ingen SVG"
    elif line := getattr(fault, "lineno", None):
        found = f"Filen kan inte läsas som SVG: något är fel på rad {line}"
    else:
        found = "Filen kan inte läsas som SVG: teckenkodningen är okänd"
    return f"{found}. Spara logotypen som SVG i ett ritprogram."


def _check_before_reading(content):
    """Refuse what must not even be read: declarations, instructions, endless nesting.

    A document type that only names SVG's own is not fetched and declares nothing.
    """
    depth = 0

    def begin(name, attributes):
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise SvgRefused(f"Filen har mer än {DEEPEST} element i varandra. Spara den förenklad.")

    def end(name):
        nonlocal depth
        depth -= 1

    def doctype(name, system_id, public_id, declares):
        if declares:
            raise SvgRefused(
                "Filens dokumenttyp (<!DOCTYPE … [ … ]>) har egna deklarationer. Ta bort den och "
                "försök igen, eller spara som enkel eller optimerad SVG."
            )

    def undeclared(name, is_parameter):
        raise SvgRefused(f"Filen använder ”&{name};”, som inte är förklarat. Skriv själva tecknet.")

    def instruction(target, data):
        raise SvgRefused(f"Filen har en instruktion (<?{target} …?>). Ta bort den och försök igen.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.SkippedEntityHandler = undeclared
    parser.ProcessingInstructionHandler = instruction
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.Parse(content, True)


def _leave_out_foreign(element):
    """Take out what belongs to the program that drew: metadata and other namespaces.

    HTML stays to be refused by name: who uploads a script should hear of it.
    """
    for attribute in [*element.attrib]:
        if attribute.startswith("{") and attribute not in ATTRIBUTES:
            del element.attrib[attribute]
    for child in [*element]:
        foreign = child.tag.startswith("{") and not child.tag.startswith((SVG, XHTML))
        if foreign or child.tag == f"{SVG}metadata":
            element.remove(child)
        else:
            _leave_out_foreign(child)


def _check_element(element):
    name = _local(element.tag)
    if element.tag != f"{SVG}{name}" or name not in ELEMENTS:
        raise SvgRefused(
            f"Filen har elementet ”{name}”, som inte får finnas i en logotyp. Spara den som "
            "enkel eller optimerad SVG, utan skript, bilder och programmets egna uppgifter."
        )
    if name == "style":
        if len(element):
            raise SvgRefused("Filen har element i ”style”. Där får bara stilar stå.")
        _check_style(element.text or "")
    for attribute, value in element.attrib.items():
        _check_attribute(name, attribute, value)


def _check_attribute(element, attribute, value):
    name = _local(attribute)
    if attribute not in ATTRIBUTES:
        raise SvgRefused(
            f"Elementet ”{element}” har attributet ”{name}”, som inte får finnas i en logotyp. "
            "Spara den som enkel eller optimerad SVG."
        )
    if name == "style":
        _check_style(value)
    elif name == "href":
        if not REFERENCE.fullmatch(value):
            raise SvgRefused(
                f"Elementet ”{element}” länkar till ”{value[:60]}”. Bara delar av samma fil "
                "(#namn) får användas."
            )
    elif _active(OWN_URL.sub("", value)) and name not in {"id", "class"}:
        raise SvgRefused(
            f"Attributet ”{name}” i ”{element}” har ett värde som hämtar något: ”{value[:60]}”. "
            "Bara delar av samma fil, url(#namn), får användas."
        )


def _active(value):
    return re.search(r"\\|url|script:|data:|//", value, re.I)


def _check_style(text):
    if found := ACTIVE_STYLE.search(OWN_FILL.sub("", text).lower()):
        raise SvgRefused(
            f"Filens stilar innehåller ”{found[0]}”. Stilar får bara ge färg och form, inte "
            "hämta något. Spara logotypen med stilar som attribut (presentation attributes)."
        )


def _check_drawn(root):
    """Refuse a small file that draws something enormous by referring to itself again and again."""
    targets = {element.get("id"): element for element in root.iter() if element.get("id")}
    known = {}

    def drawn(element, depth=0):
        if depth > DEEPEST:
            return MOST_DRAWN + 1
        total = 0
        for each in element.iter():
            total += 1
            for name in set(_references(each)) & targets.keys():
                if name not in known:
                    known[name] = MOST_DRAWN + 1  # what a circle costs
                    known[name] = drawn(targets[name], depth + 1)
                total += known[name]
        return total

    if drawn(root) > MOST_DRAWN:
        raise SvgRefused(
            "Filen hänvisar till sig själv i en cirkel eller ritar alldeles för mycket. Spara "
            "den förenklad, utan ”use”."
        )


def _references(element):
    for attribute, value in element.attrib.items():
        if _local(attribute) == "href":
            yield value.removeprefix("#")
        else:
            yield from (match[2] for match in OWN_URL.finditer(value))


def _ratio(root):
    sides = [NUMBER.fullmatch(root.get(side, "")) for side in ("width", "height")]
    box = VIEW_BOX.fullmatch(root.get("viewBox", ""))
    try:
        width, height = map(float, box.group(3, 4) if box else (side[1] for side in sides))
        ratio = width / height
    except (TypeError, ValueError, ZeroDivisionError):
        raise SvgRefused(
            'Filen säger inte hur stor bilden är. Ge svg-elementet en viewBox, som "0 0 200 40".'
        ) from None
    if not SHAPES[0] <= ratio <= SHAPES[1]:
        raise SvgRefused(
            "Bilden är för avlång för sidhuvudet: bredden ska vara högst åtta gånger höjden och "
            "höjden högst fem gånger bredden."
        )
    return ratio


def _written(root):
    for element in root.iter():
        element.tag = _local(element.tag)
        # xlink is the old way to say the same.
        if target := element.attrib.pop(XLINK_HREF, None):
            element.attrib.setdefault("href", target)
    root.set("xmlns", SVG.strip("{}"))
    return ElementTree.tostring(root, encoding="unicode")


def _local(name):
    return name.rpartition("}")[2]
