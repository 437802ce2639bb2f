"""Swedish alphabetical order, in the database and in Python: … z, å, ä, ö.

Byte order puts Ä before Å. PostgreSQL brings the collation "sv-x-icu"; on SQLite the same
name is given to a function of ours when a connection opens (see apps.py).
"""

from django.db.models.functions import Collate

COLLATION = "sv-x-icu"
_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "é": "e", "ü": "y"})


def swedish_key(text: str) -> str:
    """A key that sorts names as a Swedish reader expects: sorted(names, key=swedish_key)."""
    return text.casefold().translate(_AFTER_Z)


def swedish(field: str) -> Collate:
    """A field in Swedish order, for order_by()."""
    return Collate(field, COLLATION)


def compare(first: str, second: str) -> int:
    first, second = swedish_key(first), swedish_key(second)
    return (first > second) - (first < second)


def add_collation(connection, **kwargs):
    if connection.vendor == "sqlite":
        connection.connection.create_collation(COLLATION, compare)
