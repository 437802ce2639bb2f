"""Where texts link to, and what other texts lose when an anchor goes."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from portal.richtext.sanitise import REFERENCE_SCHEMES

from ..page_reading import PageText, Reading, read
from .findings import RULES, Facts, Finding, Note

# The only addresses that texts link to; a region adds hosts of its own with --allow-host.
LINK_ADDRESSES = [
    "https://forsakringsmedicin.socialstyrelsen.se/",
    "https://www.socialstyrelsen.se/",
    "https://api.socialstyrelsen.se/fmb",
    "https://www.forsakringskassan.se/",
    "https://arbetsformedlingen.se/",
    "https://skr.se/",
    "https://extra.skr.se/rattsjukskrivning/",
    "https://www.inera.se/",
    "https://www.1177.se/",
    "https://www.digg.se/",
]


def allowed_hosts(addresses: Iterable[str]) -> frozenset[str]:
    """["https://skr.se/", "https://lagen.nu/{sfs_number}"] -> {"skr.se", "lagen.nu"}"""
    return frozenset(urlsplit(address).netloc.lower() for address in addresses)


def split_reference(href: str) -> tuple[str, str, str] | None:
    """ "sida:samtycke#muntligt" -> ("sida", "samtycke", "muntligt"); None for other links."""
    scheme, _, rest = href.partition(":")
    if scheme not in REFERENCE_SCHEMES:
        return None
    key, _, anchor = rest.partition("#")
    return scheme, key, anchor


def link_references(pages: Iterable[PageText]) -> set[tuple[str, str, str]]:
    """All (scheme, key, anchor) that texts link to by identity."""
    links = (link for page in pages for link in read(page).links)
    return {parts for link in links if (parts := split_reference(link.href))}


def check_links(reading: Reading, facts: Facts, anchors: dict[str, set[str]]) -> Iterator[Note]:
    """anchors  every live page's anchors, by slug   {"samtycke": {"muntligt", "underlag"}}"""
    for link in reading.links:
        if problem := _link_problem(link, reading.page.slug, facts, anchors):
            yield link.place, *problem
    for href in re.findall(r'href="(https?://[^"]+)"', reading.page.shown_html):
        if problem := _host_problem(href, facts):
            yield "list", *problem


def _link_problem(link, slug, facts, anchors):
    href, named = link.href, f"Länken ”{' '.join(link.text.split())}”"
    if href.startswith("#"):
        href = f"sida:{slug}{href}"
    if href.startswith(("http:", "https:", "//")):
        return _host_problem(href, facts)
    if href.startswith(("mailto:", "tel:")):
        return None  # check_contact_details tells of them
    if not href:
        return "link-target", f"{named} saknar adress. Ange en, eller ta bort länken."
    reference = split_reference(href)
    if reference is None:
        advice = "Skriv sida:adressnamn, så håller den när sidan flyttas."
        return "link-path", f"{named} går till {href}. {advice}"
    scheme, key, anchor = reference
    if scheme != "sida" and (scheme, key) not in facts.targets:
        advice = "Rätta koden eller ta bort länken."
        return "link-target", f"{named} går till {scheme}:{key}, som inte finns. {advice}"
    if scheme == "sida" and key not in anchors:
        missing = f"{named} går till sidan ”{key}”, som inte finns eller inte är publicerad."
        return "link-target", f"{missing} Rätta adressnamnet eller ta bort länken."
    if scheme == "sida" and anchor and anchor not in anchors[key]:
        missing = f"{named} går till avsnittet ”{anchor}”, som inte finns på sidan ”{key}”."
        return "link-anchor", f"{missing} Länka till en rubrik som finns, eller till hela sidan."
    return None


def _host_problem(href, facts):
    host = urlsplit(href).netloc.lower()
    if host in facts.hosts:
        return None
    advice = "Ta bort länken, eller godkänn webbplatsen med --allow-host."
    return "link-host", f"{host} är inte en webbplats som texter får länka till. {advice}"


def gone_anchors(before: PageText, after: PageText) -> set[str]:
    """What a page as readers see it can be linked to by, and the new text lacks."""
    return read(before).anchors - read(after).anchors


def lost_anchors(
    page: PageText,
    gone: Iterable[str],
    *,
    links: Iterable[tuple[str, str, str]],
    rows: Iterable[tuple[str, str]] = (),
) -> list[Finding]:
    """Anchors that a page's new text lacks, although something leads to them.

    links  the links of other pages to it   [("nar", "samtycke", "Samtycke"), …]
    rows   what else leads to it            [("nar", "hållpunkt ”Dag 90”")]

    What leads nowhere already is the other page's error and not told here.
    """
    linking: dict[str, dict[str, str]] = {anchor: {} for anchor in gone}
    for anchor, slug, title in links:
        if anchor in linking:
            linking[anchor][slug] = title
    named = [(anchor, label) for anchor, label in rows if anchor in linking]
    found = []
    for anchor, pages in sorted(linking.items()):
        labels = [f"”{title}”" for title in pages.values()]
        labels += [label for at, label in named if at == anchor]
        if labels:
            message = (
                f"Avsnittet ”{anchor}” finns inte kvar, men dit länkar {', '.join(labels)}. "
                "Behåll rubriken eller dess id, eller ändra länkarna först."
            )
            found.append(
                Finding(
                    RULES["lost-anchor"][0], page.slug, "body", "lost-anchor", message, (*pages,)
                )
            )
    return found
