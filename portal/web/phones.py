"""Phone numbers as people write them: what of one a phone can dial."""

import re

# The number comes first; what is said to whoever answers follows a blank, comma or semicolon.
_NUMBER = re.compile(r"[+(]*\d[\d\s()/‑–-]*")
_NUMBER_FIRST = re.compile(_NUMBER.pattern + r"(?:[\s,;].*)?")


def begins_with_number(text: str) -> bool:
    """Whether a phone can dial a text as it stands: "08-465 00 19, knappval 2", not "växeln"."""
    return bool(_NUMBER_FIRST.fullmatch(text))


def dialled(text: str) -> str:
    """What is dialled, "" when the text does not begin with a number: 08-465 004 12 → +46846500412.

    A number with +46 or 0046 is left in that country; a short one ("1177") as it is.
    """
    number = _NUMBER.match(text.strip())
    if not number:
        return ""
    digits = re.sub(r"\D", "", number[0].replace("(0)", ""))
    if number[0].startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+46{digits[1:]}" if digits.startswith("0") else digits
