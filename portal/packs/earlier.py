"""A page's earlier versions in a pack: what stood there instead of today's words.

    [[earlier]]
    change_note = "Första versionen"
    publish_at = "week-12 tue 09:00"
    [[earlier.differs]]
    now = "inom sju dagar"
    then = "så snart som möjligt"
    [[earlier.differs]]
    step = "folj-upp"
    field = "days"
    then = [90, 180]

The newest stands first, and each tells how it differs from the one after it: by words, by a
step's field, or (as a dump does) by a whole field of the version. A whole copy was ruled out:
nobody would see what changed, and a page would stand there twice.
"""

from datetime import datetime

from .pages import STEP_FIELDS
from .rows import is_tables

OWN_FIELDS = ("number", "publish_at", "change_note", "is_major")
FIRST_NOTE = "Första versionen"
# What a version says, and what it is when it says nothing.
TEXTS = {
    **dict.fromkeys(("title", "lead", "review_note", "body"), ""),
    **{name: [] for name in ("brief", "laws", "documents", "steps")},
}


def earlier_tables(table: dict) -> list[dict]:
    """The earlier versions of a page's table as tables of their own, the oldest first.

    Raises ValueError, in Swedish, when one cannot be made.
    """
    found = []
    texts = {name: table[name] for name in TEXTS if name in table}
    following = table
    if not is_tables(table.get("earlier", [])):
        raise ValueError("skriv varje tidigare version som [[earlier]]")
    for place, each in enumerate(table.get("earlier", []), start=1):
        where = f"earlier {place}"
        if unknown := sorted(set(each) - {*OWN_FIELDS, "differs"}):
            raise ValueError(f"{where}: okända fält {', '.join(unknown)}")
        moments = [each.get("publish_at"), following.get("publish_at")]
        if not all(isinstance(moment, datetime) for moment in moments) or moments[0] >= moments[1]:
            raise ValueError(f"{where}: publish_at ska vara ett klockslag före nästa versions")
        if not is_tables(each.get("differs", [])):
            raise ValueError(f"{where}: skriv varje skillnad som [[earlier.differs]]")
        for difference in each.get("differs", []):
            texts = _before(texts, difference, where)
        own = {name: value for name, value in each.items() if name != "differs"}
        found.append({**texts, **own})
        following = each
    return found[::-1]


def as_first(table: dict) -> dict:
    """A page's table as its first version, where those before it are left out."""
    kept = {name: value for name, value in table.items() if name not in {"earlier", *OWN_FIELDS}}
    return {**kept, "change_note": FIRST_NOTE}


def with_earlier(table: dict, before: list[dict]) -> dict:
    """A page's table with its earlier versions, tables too, the newest first."""
    earlier, following = [], table
    for each in before:
        differs = [
            {"field": name, "then": each.get(name, nothing)}
            for name, nothing in TEXTS.items()
            if each.get(name, nothing) != following.get(name, nothing)
        ]
        own = {name: each[name] for name in OWN_FIELDS if name in each}
        earlier.append({**own, **({"differs": differs} if differs else {})})
        following = each
    return {**table, "earlier": earlier} if earlier else table


def _before(texts, difference, where):
    """The texts as they stood before one difference."""
    if set(difference) == {"now", "then"} and all(
        isinstance(words, str) for words in difference.values()
    ):
        count = _count(texts, difference["now"])
        if not difference["now"] or count != 1:
            start = difference["now"][:40]
            raise ValueError(f"{where}: ”{start}” ska stå en gång på sidan, men står {count}")
        return _replaced(texts, difference["now"], difference["then"])
    if set(difference) == {"field", "then"} and difference["field"] in TEXTS:
        return {**texts, difference["field"]: difference["then"]}
    if set(difference) == {"step", "field", "then"} and difference["field"] in STEP_FIELDS:
        steps = texts.get("steps", [])
        if not is_tables(steps):
            return texts  # said with the version of today
        if not any(step.get("anchor") == difference["step"] for step in steps):
            raise ValueError(f"{where}: steget {difference['step']} finns inte på sidan")
        changed = [
            {**step, difference["field"]: difference["then"]}
            if step.get("anchor") == difference["step"]
            else step
            for step in steps
        ]
        return {**texts, "steps": changed}
    raise ValueError(f"{where}: skriv now och then, eller field och then, med step för ett steg")


def _count(value, words):
    if isinstance(value, str):
        return value.count(words)
    if isinstance(value, dict):
        value = [*value.values()]
    return sum(_count(each, words) for each in value) if isinstance(value, list) else 0


def _replaced(value, now, then):
    if isinstance(value, str):
        return value.replace(now, then)
    if isinstance(value, dict):
        return {name: _replaced(each, now, then) for name, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, now, then) for each in value]
    return value
