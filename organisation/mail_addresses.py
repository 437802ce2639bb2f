"""Whose a mail address is: the function's, which stays, or a person's own, which leaves."""

import re
import unicodedata

HINT = (
    "{address} ser ut att vara en persons egen adress. Använd hellre funktionens brevlåda: den "
    "följer rollen när någon slutar, och läsaren når alltid rätt."
)
# Words that begin or end a function's address, where two words with a point else are a name.
FUNCTIONS = (
    "avdelning", "brevlada", "chef", "enhet", "expedition", "fma", "funktion", "info", "kansli",
    "kontakt", "koordinator", "kurs", "lakare", "ledning", "mottagning", "postlada", "process",
    "reception", "region", "registrator", "rehab", "reko", "sakkunnig", "sjukhus", "strateg",
    "stod", "support", "utbildning", "utveckling", "vard", "vc",
)  # fmt: skip
SHORTEST_NAME = 3


def _plain(text):
    """Letters only, without marks: "Åsa-Li Öst" → ["asa", "li", "ost"]."""
    marked = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"[a-z]+", "".join(c for c in marked if not unicodedata.combining(c)))


def is_own_address(address: str, name: str) -> bool:
    """Whether an address bears a person's name: anna.annan@…, annan@…, anna-annan2@…"""
    local = set(_plain(address.partition("@")[0]))
    names = {part for part in _plain(name) if len(part) >= SHORTEST_NAME}
    together = "".join(_plain(address.partition("@")[0]))
    return bool(local & names) or (len(names) > 1 and all(part in together for part in names))


def looks_personal(address: str, name: str = "") -> bool:
    """Whether an address seems to be somebody's own, known by name or not.

    A guess for a hint, never a reason to refuse: two words of letters with a point between
    them, none of which is a word that functions have.
    """
    if not address:
        return False
    if name and is_own_address(address, name):
        return True
    local = unicodedata.normalize("NFKD", address.partition("@")[0].lower())
    words = re.fullmatch(r"([a-z]{2,})\.(?:[a-z]\.)?([a-z-]{2,})\d{0,3}", local)
    return bool(words) and not any(
        word.startswith(FUNCTIONS) or word.endswith(FUNCTIONS) for word in words.groups()
    )


def hint(address: str, name: str = "") -> str:
    """What to say about an address, "" when there is nothing to say."""
    return HINT.format(address=address) if looks_personal(address, name) else ""
