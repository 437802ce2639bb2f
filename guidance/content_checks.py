"""Checks of what pages say, over plain data: no queries, no HTTP, no files.

    PageText("samtycke", kind="guideline", body='<h2 id="nar">När</h2><p>…</p>', …)
    check_pages([…], Facts(…))  ->  [Finding("error", "samtycke", "#nar", "link-target", "…"), …]

An error is something a reader meets as broken, or that must not stand on a public page; a
warning is for the editor to judge.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from urllib.parse import urlsplit

from portal.richtext.sanitise import REFERENCE_SCHEMES, plain_text
from portal.web.free_texts import EMAIL, PHONE
from portal.web.personal_numbers import has_personal_number

from .page_reading import (
    FACT_LABELS,
    PageText,
    Reading,
    fingerprints,  # noqa: F401  (a migration asks for it here)
    read,
    words,
)

ERROR, WARNING = "error", "warning"

# Code of a rule -> how grave a breach is, and what an editor calls the rule.
RULES = {
    "link-target": (ERROR, "länk till något som inte finns"),
    "link-anchor": (ERROR, "länk till ett avsnitt som inte finns"),
    "link-host": (ERROR, "länk till en webbplats utanför listan"),
    "link-path": (WARNING, "länk med adress i stället för identitet"),
    "lost-anchor": (ERROR, "avsnitt som andra länkar till"),
    "register-place": (ERROR, "listans plats på sidan"),
    "heading-order": (ERROR, "rubriknivåer"),
    "heading-id": (WARNING, "rubrik utan id"),
    "duplicate-id": (ERROR, "samma id två gånger"),
    "table-header": (ERROR, "tabell utan rubrikceller"),
    "doubled-paragraph": (ERROR, "samma stycke på två sidor"),
    "doubled-sentence": (WARNING, "samma mening på två sidor"),
    "facts": (WARNING, "vem, när, dokumenteras, lag"),
    "stale-phrase": (WARNING, "ord som åldras"),
    "past-future": (WARNING, "framtid med ett år som har gått"),
    "abbreviation": (WARNING, "förkortning utan förklaring"),
    "personal-number": (ERROR, "personnummer"),
    "contact-details": (WARNING, "kontaktuppgift i löpande text"),
    "length": (WARNING, "sidans längd"),
    "brief": (WARNING, "i korthet"),
    "purpose": (WARNING, "syfte"),
    "review": (WARNING, "försenad granskning"),
    "amended-law": (WARNING, "lagrum som har ändrats"),
}

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

# A law does not govern every section, and some have no fixed time: one label may be missing.
MISSING_LABELS_ALLOWED = 1

MIN_WORDS, MAX_WORDS = 250, 900
MIN_WORDS_LISTING = 100
# Their main part is links and a search box.
WITHOUT_LENGTH = {"start", "sok"}
MIN_BRIEF, MAX_BRIEF = 3, 5
MAX_PURPOSE = 155


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What texts are held against.

    targets        what links by identity can lead to      {("lag", "osl"), ("roll", "fma")}
                   (pages are known from the pages themselves)
    former_slugs   what pages have been called              {"medgivande": "samtycke"}
    abbreviations  those the glossary explains              {"FK", "KVÅ"}
    hosts          hosts that may be linked                 {"skr.se"}
    today          the day that years and reviews are held against
    """

    targets: frozenset[tuple[str, str]] = frozenset()
    former_slugs: dict[str, str] = field(default_factory=dict)
    abbreviations: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    today: date


@dataclass(frozen=True)
class Finding:
    """place  "#anchor" of the nearest heading or step, or a field of the page ("lead")
    pages  slugs of other pages that the editor has to look at
    """

    severity: str
    page: str
    place: str
    rule: str
    message: str
    pages: tuple[str, ...] = ()


# -- rules of one page: (page as read, facts) -> (place, rule, message) ------------------

Note = tuple[str, str, str]


def check_fields(reading: Reading, facts: Facts) -> Iterator[Note]:
    """Points of "i korthet", purpose, review date, and where the page's list is shown."""
    page = reading.page
    points = len(page.brief)
    if page.kind in {"guideline", "editorial"} and not MIN_BRIEF <= points <= MAX_BRIEF:
        advice = f"I korthet har {points} punkter. Skriv {MIN_BRIEF}–{MAX_BRIEF}."
        yield "brief", "brief", advice
    if not page.purpose:
        yield "purpose", "purpose", "Skriv i en mening vad sidan är till för."
    elif len(page.purpose) > MAX_PURPOSE:
        long = f"Syftet har {len(page.purpose)} tecken. Korta till högst {MAX_PURPOSE}"
        yield "purpose", "purpose", f"{long}, annars klipper sökmotorer av det."
    if page.next_review and page.next_review <= facts.today:
        late = f"Granskningen skulle ha gjorts {page.next_review}."
        yield "reviewed_on", "review", f"{late} Granska sidan och sätt nytt datum."
    for place, law in page.amended_laws:
        changed = f"{law} har ändrats sedan lydelsen kontrollerades."
        advice = "Läs sidan mot den nya lydelsen och bekräfta den, eller ändra texten."
        yield place, "amended-law", f"{changed} {advice}"
    sections = {anchor for tag, anchor, _ in reading.headings if tag == "h2"}
    if page.register_anchor and page.register_anchor not in sections:
        missing = f"Listan visas inte: h2 med id ”{page.register_anchor}” finns inte i texten."
        yield "register_anchor", "register-place", f"{missing} Ange en h2 som finns."


def check_headings(reading: Reading, facts: Facts) -> Iterator[Note]:
    """Levels go h2, h3, h4 without a leap; every heading has an id, and an id is used once."""
    level = 1
    for tag, anchor, text in reading.headings:
        place = f"#{anchor}" if anchor else "body"
        if int(tag[1]) > level + 1:
            advice = f"Gör rubriken ”{text}” till h{level + 1}: {tag} hoppar över en nivå."
            yield place, "heading-order", advice
        level = int(tag[1])
        if not anchor:
            advice = f"Ge rubriken ”{text}” ett id, så håller länkar dit när den skrivs om."
            yield place, "heading-id", advice
    own = [anchor for _, anchor, _ in reading.headings if anchor]
    own += [step.anchor for step in reading.page.steps]
    for anchor, count in Counter([*own, *reading.page.shown_ids]).items():
        if count > 1 and anchor in own:
            advice = f"Id ”{anchor}” finns {count} gånger på sidan. Ge rubriken ett eget id."
            yield f"#{anchor}", "duplicate-id", advice


def check_tables(reading: Reading, facts: Facts) -> Iterator[Note]:
    for place, has_headers in reading.tables:
        if not has_headers:
            advice = 'Tabellen saknar rubrikceller. Gör första raden till th med scope="col".'
            yield place, "table-header", advice


def check_facts(reading: Reading, facts: Facts) -> Iterator[Note]:
    """A guideline's fact lines and steps say who, when, where it is documented, which law."""
    page = reading.page
    if page.kind != "guideline":
        return
    rows = [*reading.facts, *((f"#{step.anchor}", step.labels) for step in page.steps)]
    for place, labels in rows:
        missing = [label for label in FACT_LABELS if label not in labels]
        if len(missing) > MISSING_LABELS_ALLOWED:
            advice = f"Faktaraden saknar {' och '.join(missing)}. Fyll i det som gäller avsnittet."
            yield place, "facts", advice
        for label in sorted(labels - set(FACT_LABELS)):
            advice = f"”{label}” är ingen faktarubrik. Använd {', '.join(FACT_LABELS)}."
            yield place, "facts", advice
    if not rows:
        advice = "Avsluta avsnitt som beskriver arbete med vem, när, dokumenteras och lag."
        yield "body", "facts", f"Sidan har varken steg eller faktarad. {advice}"


_QUOTED = re.compile(r"”[^”]*”")
_DATE_IT = "Skriv ett datum, eller vad som gäller i dag."
# The beginning of each is looked for in all of the text first, which hardly ever has it.
# What stands in brackets after SKL tells today's name: "SKL (nu Sveriges Kommuner …".
_STALE = (
    ("snart", re.compile(r"(?<!så )\bsnart\b(?! som)", re.I), _DATE_IT),
    ("inom kort", re.compile(r"\binom kort\b", re.I), _DATE_IT),
    (
        "under ",
        re.compile(r"\bunder (?:hösten|våren|sommaren|vintern)\b(?! \d{4})", re.I),
        _DATE_IT,
    ),
    (
        "kommer att",
        re.compile(r"\bkommer att\b", re.I),
        "Skriv vad som gäller i dag, eller från när.",
    ),
    (
        "senast uppdaterad",
        re.compile(r"\bsenast uppdaterad\b", re.I),
        "Ta bort det: sidan visar datumet själv.",
    ),
    ("landsting", re.compile(r"\blandsting\w*", re.I), "Skriv region."),
    (
        "skl",
        re.compile(r"\bSKL\b(?! \((?:nu|numera) )"),
        "Skriv SKR, eller sätt en äldre titel inom ”…”.",
    ),
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_FUTURE_YEAR = re.compile(
    r"\b(?:ska|skall|kommer|planeras|väntas|införs|inleds|startar|träder)\b"
    r"(?P<between>[^.!?;:()]{0,60}?)\b(?P<year>(?:19|20)\d\d)\b(?![:/–-]\d)",
    re.I,
)
# "ska sedan 2020 …", "ska enligt 2019 års …": the year says since when, not when.
_SINCE = re.compile(r"\b(?:sedan|efter|enligt|före|redan|från)\b", re.I)


def check_stale_phrases(reading: Reading, facts: Facts) -> Iterator[Note]:
    """Words that are true only for a while; what stands in quotation marks is a title."""
    whole = reading.text.casefold()
    stale = [(pattern, advice) for beginning, pattern, advice in _STALE if beginning in whole]
    for block in reading.blocks:
        text = _QUOTED.sub("”…”", block.text)
        for pattern, advice in stale:
            for match in pattern.finditer(text):
                yield block.place, "stale-phrase", f"”{match[0]}” åldras. {advice}"
        for match in _FUTURE_YEAR.finditer(text) if _YEAR.search(text) else ():
            if int(match["year"]) < facts.today.year and not _SINCE.search(match["between"]):
                past = f"”{match[0]}” talar om framtiden, men {match['year']} har gått."
                yield block.place, "past-future", f"{past} Skriv vad som hände."


_ABBREVIATION = re.compile(r"(?<![\w-])[A-ZÅÄÖ]{2,6}(?![\w;])")
_ROMAN = re.compile(r"[IVXL]+")
# Everybody knows them, or (AA, a level of accessibility) they stand for nothing.
EVERYDAY = {"AA", "EU", "ID", "IT", "OK", "PDF", "SMS", "TV"}


def check_abbreviations(reading: Reading, facts: Facts) -> Iterator[Note]:
    """An abbreviation is written out on the page, "Försäkringskassan (FK)", or in the glossary."""
    seen = set(EVERYDAY | facts.abbreviations)
    for block in reading.blocks:
        for short in _ABBREVIATION.findall(block.text):
            if short in seen or _ROMAN.fullmatch(short):
                continue
            seen.add(short)
            if not _is_written_out(short, reading.text):
                advice = f"Skriv ut vad {short} betyder första gången, eller lägg det i ordlistan."
                yield block.place, "abbreviation", advice


def _is_written_out(short, text):
    after = rf"[a-zåäö]\w*[”)]? \((?:[^()]* )?{short}[^()]*\)"  # klassifikation av … (KVÅ)
    before = rf"\b{short} (?:\([a-zåäö]{{2,}}|(?:står för|betyder)\b)"  # KVÅ (klassifikation …)
    return re.search(f"{after}|{before}", text, re.I)


def check_personal_numbers(reading: Reading, facts: Facts) -> Iterator[Note]:
    """Nowhere, not in the rows of a list either. The message does not repeat the number."""
    shown = [("list", plain_text(reading.page.shown_html))]
    for place, text in [*((block.place, block.text) for block in reading.blocks), *shown]:
        if has_personal_number(text):
            advice = "Här står ett personnummer. Ta bort det, även ur exempel och fraser."
            yield place, "personal-number", advice


def check_contact_details(reading: Reading, facts: Facts) -> Iterator[Note]:
    """Numbers and addresses stand in the contact register, where they are kept right."""
    found = [
        (block.place, match[0])
        for block in reading.blocks
        for pattern in (PHONE, *([EMAIL] if "@" in block.text else []))
        for match in pattern.finditer(block.text)
    ]
    found += [(x.place, x.href) for x in reading.links if x.href.startswith(("tel:", "mailto:"))]
    for place, text in found:
        advice = "länka till rollen (roll:kod), där kontaktuppgifter hålls aktuella."
        yield place, "contact-details", f"Ta bort ”{text}” ur texten och {advice}"


def check_length(reading: Reading, facts: Facts) -> Iterator[Note]:
    page = reading.page
    if page.slug in WITHOUT_LENGTH:
        return
    count = len(words(reading.main_text))
    lowest = MIN_WORDS_LISTING if page.kind == "listing" else MIN_WORDS
    if count < lowest:
        advice = f"Skriv minst {lowest}, eller slå ihop den med en annan."
        yield "body", "length", f"Sidan har {count} ord. {advice}"
    elif count > MAX_WORDS:
        advice = f"Korta till högst {MAX_WORDS}, eller dela den."
        yield "body", "length", f"Sidan har {count} ord. {advice}"


PAGE_RULES: tuple[Callable[[Reading, Facts], Iterator[Note]], ...] = (
    check_fields,
    check_headings,
    check_tables,
    check_facts,
    check_stale_phrases,
    check_abbreviations,
    check_personal_numbers,
    check_contact_details,
    check_length,
)


# -- rules over all pages ---------------------------------------------------------------


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


def check_doubles(reading: Reading, first: dict[int, str]) -> Iterator[Note]:
    """Paragraphs and long sentences that stand on another page, too.

    first  who said what before, {fingerprint: slug}; what the page is first to say is added

    Of a doubled paragraph only that is told, not its sentences.
    """
    slug = reading.page.slug
    for block in reading.blocks:
        if block.paragraph is not None:
            other = first.setdefault(block.paragraph, slug)
            if other != slug:
                yield _double(block.place, "doubled-paragraph", block.text, other)
                continue
        for said, sentence in block.long_sentences:
            other = first.setdefault(said, slug)
            if other != slug:
                yield _double(block.place, "doubled-sentence", sentence, other)


def _double(place, rule, text, other):
    start = " ".join(text.split()[:8])
    advice = "Behåll det på en av dem och länka dit."
    return place, rule, f"”{start} …” står också på sidan ”{other}”. {advice}"


def check_page(
    page: PageText, facts: Facts, *, anchors: Mapping[str, set[str]], doubles: Mapping[int, str]
) -> list[Finding]:
    """What all rules find on one page, errors first.

    anchors  of the other live pages that it links to, by slug
    doubles  passages of its own that stand on another live page, {fingerprint: slug}
    """
    reading = read(page)
    known = _by_all_names({**anchors, page.slug: reading.anchors}, facts)
    notes = [*_notes(reading, facts, known), *check_doubles(reading, dict(doubles))]
    return sorted((_finding(page.slug, note) for note in notes), key=_errors_first)


def check_pages(pages: Iterable[PageText], facts: Facts) -> list[Finding]:
    """All findings of all rules: page by page in the order given, errors first.

    `pages` are all live pages: a link to any other page leads nowhere. What stands on two pages
    is told of the later one.
    """
    readings = [read(page) for page in pages]
    anchors = _by_all_names({each.page.slug: each.anchors for each in readings}, facts)
    first: dict[int, str] = {}
    return [
        finding
        for reading in readings
        for finding in sorted(
            (
                _finding(reading.page.slug, note)
                for note in (*_notes(reading, facts, anchors), *check_doubles(reading, first))
            ),
            key=_errors_first,
        )
    ]


def _by_all_names(anchors, facts):
    former = facts.former_slugs.items()
    return {**anchors, **{old: anchors[new] for old, new in former if new in anchors}}


def _notes(reading, facts, anchors):
    return chain(
        *(rule(reading, facts) for rule in PAGE_RULES), check_links(reading, facts, anchors)
    )


def _finding(slug, note):
    place, rule, message = note
    return Finding(RULES[rule][0], slug, place, rule, message)


def _errors_first(finding):
    return finding.severity != ERROR
