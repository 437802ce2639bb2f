"""Personal identity numbers stand nowhere: one rule, held wherever a text is saved.

`guard_text_fields` gives the rule to every text field of every model, so that forms of the
admin and of the site, forged posts and content packs are all refused by the same line.
"""

import html
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

from .own_fields import own_fields

# The number itself is not repeated: messages reach logs and screens of others.
ADVICE = (
    "Det ser ut att stå ett personnummer här. Ta bort det: inga uppgifter om patienter får stå "
    "på webbplatsen, inte i exempel heller. Är det ett telefonnummer, skriv det i grupper: "
    "070-123 45 67."
)

_DASHES = dict.fromkeys(map(ord, "‐‑‒−"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_REPLACED = _DASHES | _INVISIBLE
_DIGIT = re.compile(r"\d")
# Of an interim number one of the ten is a letter.
FEWEST_DIGITS = 9
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b[^<>]*>")
_CENTURY = r"(?<!\d)(?<!\d-)(?P<century>(?:18|19|20) ?)?"
_LAST = r"(?P<last>[\dTRSUWXJKLMN]\d{3})(?!\d)(?!-\d)"
_TOGETHER = re.compile(rf"{_CENTURY}(?P<date>\d{{6}})(?P<sign> ?[-+–—]? ?){_LAST}")
_APART = re.compile(
    rf"{_CENTURY}(?P<date>\d\d(?P<between>[-./ ])\d\d(?P=between)\d\d)(?P<sign> ?[-+]? ?){_LAST}"
)
# Kept as text, but nobody writes in them: drawings are full of numbers.
_NOT_WRITTEN = {
    "accounts.User.password",
    "web.SiteSettings.logo",
    "web.SiteSettings.logo_dark",
}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def has_personal_number(text: str) -> bool:
    """Whether a Swedish personal identity or co-ordination number stands in a text.

    With or without century, dash, blanks and dashes within the date, also when tags for
    bold or invisible characters break it up: ten digits where month and day exist (60 is
    added to the day of a co-ordination number) and the tenth is the control digit. An interim
    number has a letter in the seventh place, which counts as 1.
    Source: folkbokföringslagen (1991:481) 18 §; control digit by the Luhn formula.
    """
    text = unicodedata.normalize("NFKC", html.unescape(text))
    # Most texts have too few digits to be looked through.
    if len(_DIGIT.findall(text)) < FEWEST_DIGITS:
        return False
    text = text.translate(_REPLACED)
    return any(_stands_in(each) for each in {text, _INLINE_TAG.sub("", text)})


def _stands_in(text):
    together = (match for match in _TOGETHER.finditer(text) if _has_its_sign(match))
    apart = (match for match in _APART.finditer(text) if not _is_a_moment(match))
    return any(_is_valid(match) for found in (together, apart) for match in found)


def _has_its_sign(match):
    """An interim number's letter comes after a sign; otherwise it begins another code."""
    return match["last"].isdigit() or match["sign"].strip() != ""


def _is_a_moment(match):
    """2026-03-12 0830, or figures in groups of two, where no sign says otherwise."""
    if match["sign"].strip():
        return False
    last = match["last"]
    clock = last.isdigit() and int(last[:2]) < 24 and int(last[2:]) < 60
    return clock or not match["century"]


def _is_valid(match):
    date = re.sub(r"\D", "", match["date"])
    month, day = int(date[2:4]), int(date[4:])
    if not 1 <= month <= 12:
        return False
    return 1 <= (day - 60 if day > 60 else day) <= _DAYS[month - 1] and _luhn(date + match["last"])


def _luhn(characters):
    digits = [int(each) if each.isdigit() else 1 for each in characters]
    doubled = [digit * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def refuse_personal_numbers(value: object) -> None:
    """A validator of texts, and of lists and tables of them."""
    if any(has_personal_number(text) for text in _texts(value)):
        raise ValidationError(ADVICE, code="personal_number")


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.items():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def guarded_fields() -> list[models.Field]:
    """The text fields that somebody fills in, of all models that are the portal's own."""
    return [
        field
        for field in own_fields()
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and field.editable
        and str(field) not in _NOT_WRITTEN
    ]


def guard_text_fields() -> None:
    """Once, when all models are known. Added beside the fields' own validators, as Django
    adds the one for length, so that migrations need not know of it."""
    for field in guarded_fields():
        # A history's field is a copy that shares its original's list.
        if refuse_personal_numbers not in field.validators:
            field.validators.append(refuse_personal_numbers)
