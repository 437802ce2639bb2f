"""Texts that anybody may send: what in them could say who somebody is, and how they are stored."""

import re
from unicodedata import category

from .personal_numbers import has_personal_number
from .typed_dates import looks_like_identity_number

# An area code or country code, then groups of digits: 08-123 456 78, +46 10 123 45 67.
PHONE = re.compile(
    r"(?<![\w.,:/–-])(?:\+46 ?(?:\(0\) ?)?\d{1,3}|0\d{1,3})[-– /]"
    r"\d{2,3}(?:[- ]?\d{2,3}){1,3}(?![\d:])"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
# Digits that belong together, whatever keeps them apart, with the letters of a reserve number.
_DIGITS = re.compile(r"\d(?:[\s./+‐‑‒–—−-]{0,3}\d){5,11}(?:[a-z]{1,2}\d{2,3})?", re.I)
_UNBROKEN_PHONE = re.compile(r"(?<!\d)(?:0|\+46)\d{7,9}(?!\d)")


def visible(text: str) -> str:
    """Without signs that nobody sees, but for the ends of lines, and without blanks round it."""
    return "".join(sign for sign in text if sign == "\n" or category(sign) != "Cc").strip()


def tells_of_a_person(text: str) -> list[str]:
    """What in a text could say who somebody is, in Swedish: ["ett personnummer"]."""
    found = []
    if has_personal_number(text):
        found.append("ett personnummer")
    elif PHONE.search(text) or _UNBROKEN_PHONE.search(text):
        found.append("ett telefonnummer")
    elif any(map(_is_number_of_birth, _DIGITS.findall(text))):
        found.append("ett personnummer")
    if EMAIL.search(text):
        found.append("en e-postadress")
    return found


def _is_number_of_birth(run):
    """Ten or twelve digits with a month and a day in their place, or a reserve number."""
    if re.search("[a-z]", run, re.I):
        return looks_like_identity_number(run)
    digits = re.sub(r"\D", "", run)
    if len(digits) not in {10, 12}:
        return False
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91)
