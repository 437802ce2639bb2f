"""Text → the words that search compares: folded, stemmed, with codes kept whole.

The same for texts and for queries. Pure: knows no database and no Django.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Little words that stand in most texts, folded. Left out on purpose: "men" (harm: "lida
# men" is what the secrecy acts are about), "at" (a doctor's first post), "far" ("får", but
# also "far illa").
_LITTLE_WORDS = """
    alla allt an andra annan annat ar att av aven bli blir da dar de dem den denna det detta
    dig din dina ditt du efter eller en er ert ett finns for fran gor gora ha han har hon hos
    hur i in inom inte ja jag kan kring lange man manga maste med mellan mer mig min mina mitt mot
    nagon nagot nar ni och ocksa om oss over pa sa sig sin sina sitt ska skall som till under
    upp ut vad var vara varfor vart vem vi vid vilka vilken vilket vill vore
"""
STOP_WORDS = frozenset(_LITTLE_WORDS.split())

# Three letters begin no code, so that most words are found at the first alternative.
_CODE_OR_WORD = re.compile(
    r"""
      (?P<long> [^\W\d_]{3}[^\W_]*(?:\u00ad[^\W_]+)* )
    | (?P<hsa>  \bSE\d{10}\s?-\s?[A-Z0-9]+\b )
    | (?P<sfs>  \b\d{4}:\d{1,5}\b )
    | (?P<kva>  \b(?:G[A-D]|Q[A-Z]|X[A-Z])[\s-]?\d{3}\b )
    | (?P<form> \b(?:FK|AF)[\s-]?\d{4,5}\b | \bAG\s?\d+(?:-\d+)?\b )
    | (?P<icd>  \b[A-Z]\d\d(?:\.?\d[A-Z]?)?\b | \b[A-Z]\s\d\d\.\d[A-Z]?\b )
    | (?P<word> [^\W_]+(?:\u00ad[^\W_]+)* )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FIRST_DIGITS = re.compile(r"(?<=ag)\d|\d\d?")
# A code is no longer than this, nor stand its first digits further into it.
_LONGEST_CODE, _BEFORE_DIGITS = 40, 8
_PART = re.compile(r"[^\W_]+")
_LETTERS_THEN_NUMBER = re.compile(r"([^\W\d_]+|\d+)")


class Token(NamedTuple):
    """A word of a text.

    form      folded, as written             "lakarintyget"
    stem      what is compared               "lakarintyg"
    spelling  as written                     "Läkarintyget"
    start, end  where it stands in the text
    whole     for a part of a code: the code's form, else ""
    """

    stem: str
    form: str
    spelling: str
    start: int
    end: int
    whole: str = ""


def compose(text: str) -> str:
    """Text with accents as one character each, so that "a" + ring is one letter "å"."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Without case and accents, only a–z and 0–9: "Åtgärd" → "atgard"."""
    text = text.casefold().replace("ø", "o").replace("æ", "ae")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text))


def code_tokens(text: str, stem: str) -> Iterator[Token]:
    """The tokens with a stem that has digits, found by these without reading every word."""
    digits = _FIRST_DIGITS.search(stem)[0]
    at, done, size = text.find(digits), 0, len(digits)
    while at >= 0:
        # A number does not begin in the middle of another, nor does a short one end there.
        inside = text[at - 1 : at].isdigit()
        inside |= stem == digits and text[at + size : at + size + 1].isdigit()
        if at >= done and not inside:
            start = text.rfind(" ", 0, max(0, at - _BEFORE_DIGITS)) + 1
            for token in tokens(text[start : at + _LONGEST_CODE]):
                first, last = start + token.start, start + token.end
                if first > at:
                    break
                if token.stem == stem and at < last:
                    yield token._replace(start=first, end=last)
                    done = last
        at = text.find(digits, at + 1)


def tokens(text: str) -> Iterator[Token]:
    """The words of a composed text in order, stop words left out.

    A code comes whole, followed by its parts: "FK 7804" → fk7804, fk, 7804.
    """
    for match in _CODE_OR_WORD.finditer(text):
        if match.lastgroup in {"long", "word"}:
            form, form_stem = _form_and_stem(match[0])
            if form:
                yield Token(form_stem, form, match[0], *match.span())
        else:
            yield from _code_tokens(match)


@lru_cache(maxsize=100_000)
def _form_and_stem(spelling):
    """A word's form and stem, both empty for a stop word. Most words of a text recur."""
    form = fold(spelling)
    return ("", "") if form in STOP_WORDS else (form, stem(form))


def stems(text: str) -> list[str]:
    """The stems of a text's words and whole codes, without the parts of codes."""
    return [token.stem for token in tokens(compose(text)) if not token.whole]


def _code_tokens(match):
    """A code whole and in parts; a diagnosis with the category it belongs to."""
    form = fold(match[0])
    if match.lastgroup == "icd":
        yield Token(f"icd{form}", form, match[0], *match.span())
        if len(form) > 3:
            yield Token(f"icd{form[:3]}", form[:3], match[0], *match.span(), whole=form)
        return
    yield Token(form, form, match[0], *match.span())
    if match.lastgroup == "kva":
        return
    pattern = _LETTERS_THEN_NUMBER if match.lastgroup == "form" else _PART
    for part in pattern.finditer(match[0]):
        start, end = match.start() + part.start(), match.start() + part.end()
        part_form = fold(part[0])
        if part_form != form:
            yield Token(part_form, part_form, part[0], start, end, form)


# -- the stemmer ---------------------------------------------------------------------------
# A light one, on folded letters: takes off the endings of inflection, then one of
# derivation, so that sjukskriven, sjukskrivning and sjukskrivningarna meet. Snowball's
# Swedish keeps too many of these apart: "sjukskrivning", "smärtan" and "kurs" are not joined
# with their other forms.


def _longest_first(*groups):
    """{last letter: [(ending, replacement, least letters left)]} from ("a b c>d", 3), the
    longest first."""
    rules = []
    for endings, least in groups:
        for ending in endings.split():
            ending, _, replacement = ending.partition(">")
            rules.append((ending, replacement, least))
    by_last_letter = defaultdict(list)
    for rule in sorted(rules, key=lambda rule: -len(rule[0])):
        by_last_letter[rule[0][-1]].append(rule)
    return defaultdict(tuple, by_last_letter)


_INFLECTIONS = _longest_first(
    (
        "heternas>het heterna>het hetens>het heten>het heter>het arnas ernas ornas arna "
        "erna orna arens aren ares are ena en et er ar or a e",
        3,
    ),
    # "Psykiatriska kliniken" is what somebody means who writes "psykiatri".
    ("iatriskt>iatri iatriska>iatri iatrisk>iatri", 6),
    ("andet endet ande ende ades ade ats its aste ast ad at it an na", 4),
)
_DERIVATIONS = _longest_first(
    ("ationen ation ering ator ning ing else els het ad at", 4), ("er", 6)
)
_NO_GENITIVE_AFTER = "souiy"
_VOWELS = frozenset("aeiouy")
_DROP_LAST_LETTER = (
    "rn", "ln", "mt", "dt", "gt", "vt", "skt", "gin", "pin", "iatrin", "pedin", "nomin",
)  # fmt: skip


def stem(form: str) -> str:
    """The stem of a folded word; short words and those with a digit stay as they are."""
    if len(form) < 4 or not form.isalpha():
        return form
    if len(form) >= 6 and form.endswith("s") and form[-2] not in _NO_GENITIVE_AFTER:
        form = form[:-1]
    form = _without_derivation(_without_inflection(form))
    if len(form) > 3 and form[-1] == form[-2]:
        form = form[:-1]
    return form


def _without_inflection(form):
    for ending, replacement, least in _INFLECTIONS[form[-1]]:
        if form.endswith(ending):
            rest = form[: -len(ending)] + replacement
            if len(rest) >= least and _VOWELS & set(rest[-4:]) and _may_drop(ending, rest):
                return rest
    if len(form) >= 6 and form.endswith(_DROP_LAST_LETTER):
        # "arbetsgivarn", as it is said: on with what "arbetsgivare" loses too.
        spoken = form.endswith("arn") and not form.endswith("barn")
        return _without_inflection(form[:-1]) if spoken else form[:-1]
    return form


def _may_drop(ending, rest):
    """Not the -or of faktor, the -et of enhet and kvalitet, the -na of lärna."""
    if ending == "or":
        return not (rest.endswith("t") and rest[-2] in "aeioukc")
    if ending == "et":
        return not rest.endswith(("h", "it"))
    if ending == "na":
        return not rest.endswith("r")
    return True


def _without_derivation(form):
    for ending, _, least in _DERIVATIONS[form[-1]]:
        if form.endswith(ending) and len(form) - len(ending) >= least:
            return form[: -len(ending)]
    return form
