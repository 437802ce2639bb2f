"""The rules of one page: (page as read, facts) -> (place, rule, message) of what is found."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from portal.richtext.sanitise import plain_text
from portal.web.free_texts import EMAIL, PHONE
from portal.web.personal_numbers import has_personal_number

from ..page_reading import FACT_LABELS, Reading, words
from .findings import Facts, Note

# A law does not govern every section, and some have no fixed time: one label may be missing.
MISSING_LABELS_ALLOWED = 1

MIN_WORDS, MAX_WORDS = 250, 900
MIN_WORDS_LISTING = 100
# Their main part is links and a search box.
WITHOUT_LENGTH = {"start", "sok"}
MIN_BRIEF, MAX_BRIEF = 3, 5
MAX_PURPOSE = 155


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
