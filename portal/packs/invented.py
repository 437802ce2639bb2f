"""What a pack calls invented: a region that begins its own site (PORTAL_DEMO_DATA=0) goes without.

invented = ["units", "persons"]    in pack.toml: all that stands in these files
invented = true                    in a table: one row, or one table within a row or a page
"""

from django.conf import settings

INVENTED = "invented"


def files_left_out(pack: dict, known: list[str]) -> list[str]:
    """The files, without ending, that are not read. Raises ValueError where pack.toml names
    what is none."""
    named = pack.get(INVENTED, [])
    if not isinstance(named, list) or not all(name in known for name in named):
        raise ValueError(f"{INVENTED} ska vara en lista av filnamn utan ändelse")
    return [] if settings.DEMO_DATA else named


def taken(value):
    """What is read of a table, a list or any value: no mark and, where the data is real, nothing
    that has it. None for a table that has it itself."""
    if isinstance(value, list):
        return [each for each in map(taken, value) if each is not None]
    if not isinstance(value, dict):
        return value
    if value.get(INVENTED) is True and not settings.DEMO_DATA:
        return None
    marked = isinstance(value.get(INVENTED), bool)
    return {name: taken(each) for name, each in value.items() if not (marked and name == INVENTED)}
