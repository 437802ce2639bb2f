"""What texts are held against, and what is found: the words that all checks share."""

from dataclasses import dataclass, field
from datetime import date

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

# What a rule says: (place, rule, message).
Note = tuple[str, str, str]


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
