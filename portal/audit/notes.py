"""What has been done in a transaction, kept until it is committed and then written at once.

`note(...)` costs no query: it is kept with what Django runs after a commit, so that a
savepoint that is rolled back takes its notes with it. Just before the commit the notes become
entries in the same transaction, one a row (`_merged`), many in one insertion; after it they get
their links, in a transaction of a few milliseconds, so that nobody waits for another's import.
"""

import json
import secrets
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from portal.observing.request_id import current as current_request_id

from .chain import BATCH, seal, values_digest
from .models import Action, Entry, Values

LONGEST_VALUE = 500
ROWS_ACTIONS = {
    *(Action.CREATE, Action.CHANGE, Action.DELETE, Action.RIGHTS),
    *(Action.PUBLISH, Action.WITHDRAW, Action.CLOSE_ACCOUNT),
}

_as_one: ContextVar[bool] = ContextVar("audit_as_one", default=False)
_ready: set[str] = set()


@dataclass
class Note:
    """changes  {field: (before, after)}, personal values allowed
    facts    {name: numbers and codes}, part of the chain
    """

    action: str
    model: str = ""
    object_id: str = ""
    name: str = ""
    reason: str = ""
    fields: list[str] = field(default_factory=list)
    changes: dict[str, tuple] = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    actor: int | None = None
    source: str = ""
    request_id: str = ""
    at: datetime = field(default_factory=timezone.now)


class Kept:
    """Stands among what Django runs after a commit. Outside a transaction it is run at once."""

    def __init__(self, using, *, notes=(), forget=None):
        self.using, self.notes, self.forget, self.written = using, list(notes), forget, False

    def __call__(self):
        if not self.written:
            with transaction.atomic(using=self.using):
                write([self], self.using)


def request_now():
    return getattr(HistoricalRecords.context, "request", None)


def actor_now() -> int | None:
    user = getattr(request_now(), "user", None)
    return user.pk if user is not None and user.is_authenticated else None


def source_now() -> str:
    """The name of the address, or of the command."""
    request = request_now()
    if request is not None:
        match = request.resolver_match
        return match.view_name[:100] if match and match.view_name else "web"
    if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1:
        return f"manage.py {sys.argv[1]}"[:100]
    return ""


def note(action: str, model: str = "", object_id="", *, actor=None, using=None, **rest) -> None:
    """Keeps that something was done, by whoever is signed in to the request.

    rest  name, reason, fields, changes, facts (see Note)
    """
    note_rows([{"action": action, "model": model, "object_id": object_id, **rest}], actor, using)


def note_rows(rows: Iterable[dict], actor=None, using=None) -> None:
    """The same for many rows: [{"action", "model", "object_id", "changes", …}]."""
    using = using or DEFAULT_DB_ALIAS
    if _as_one.get() or not tables_are_there(using):
        return
    same = {
        "actor": actor or actor_now(),
        "source": source_now(),
        "request_id": current_request_id.get(),
        "at": timezone.now(),
    }
    notes = [Note(**{**same, **row, "object_id": str(row["object_id"])}) for row in rows]
    if notes:
        transaction.on_commit(Kept(using, notes=notes), using=using)


@contextmanager
def as_one(action: str, model: str = "", object_id="", **rest):
    """One entry for all that is done within. Yields its facts, to be filled in; nothing is
    noted when they stay empty."""
    facts = dict(rest.pop("facts", {}))
    outer = _as_one.set(True)
    try:
        yield facts
    finally:
        _as_one.reset(outer)
    if facts:
        note(action, model, object_id, facts=facts, **rest)


def forget_values(*, words: Iterable[str] = (), rows: Iterable[tuple[str, str]] = (), using=None):
    """Notes of this transaction that have a word, or tell of a row, lose their values."""
    using = using or DEFAULT_DB_ALIAS
    forget = ({word for word in words if word}, set(rows))
    transaction.on_commit(Kept(using, forget=forget), using=using)


def tables_are_there(using) -> bool:
    """They are not while the database is being made."""
    if using not in _ready:
        if Entry._meta.db_table not in connections[using].introspection.table_names():
            return False
        _ready.add(using)
    return True


# -- writing --------------------------------------------------------------------------------


def write_before_commit(connection, **kwargs):
    """Makes a connection write its notes just before it commits (signal connection_created)."""
    if getattr(connection, "writes_audit", False):
        return
    connection.writes_audit = True
    commit = connection.commit

    def write_and_commit():
        try:
            write_waiting(connection)
        except BaseException:
            connection.rollback()
            raise
        commit()

    connection.commit = write_and_commit


def write_waiting(connection) -> list[Entry]:
    """Writes what the connection's transaction has kept."""
    kept = [f for _, f, *_ in connection.run_on_commit if isinstance(f, Kept) and not f.written]
    if not any(each.notes for each in kept):
        return []
    outside = not connection.in_atomic_block
    connection.in_atomic_block = True
    try:
        return write(kept, connection.alias)
    finally:
        if outside:
            connection.in_atomic_block = False


def write(kept: list[Kept], using: str) -> list[Entry]:
    words, rows = set(), set()
    for each in kept:
        each.written = True
        if each.forget:
            words |= each.forget[0]
            rows |= each.forget[1]
    notes = _merged([one for each in kept for one in each.notes])
    entries, values = [], []
    for one in notes:
        entry, beside = _entry_of(one, words, rows)
        entries.append(entry)
        values.append(beside)
    Entry.objects.using(using).bulk_create(entries, batch_size=BATCH)
    for entry, beside in zip(entries, values, strict=True):
        if beside:
            beside.entry_id = entry.pk
    Values.objects.using(using).bulk_create([v for v in values if v], batch_size=BATCH)
    if entries:
        ids = [entry.pk for entry in entries]
        transaction.on_commit(partial(seal, min(ids), max(ids)), using=using, robust=True)
    return entries


def _merged(notes: list[Note]) -> list[Note]:
    """One note a row: what it was before the first, what it is after the last."""
    merged = {}
    for place, one in enumerate(notes):
        one.fields = list(one.fields)
        key = (one.model, one.object_id) if one.action in ROWS_ACTIONS else place
        earlier = merged.get(key)
        if earlier is None:
            merged[key] = one
        elif earlier.action == Action.CREATE and one.action == Action.DELETE:
            del merged[key]
        else:
            merged[key] = _joined(earlier, one)
    return list(merged.values())


def _joined(earlier, later):
    changes = dict(later.changes)
    for name, (before, after) in earlier.changes.items():
        changes[name] = (before, later.changes[name][1] if name in later.changes else after)
    later.changes = changes
    later.fields = [*earlier.fields, *(n for n in later.fields if n not in earlier.fields)]
    facts = dict(earlier.facts)
    for name, fact in later.facts.items():
        facts[name] = _joined_fact(facts[name], fact) if name in facts else fact
    later.facts = facts
    later.name, later.reason = later.name or earlier.name, later.reason or earlier.reason
    if later.action == Action.CHANGE or earlier.action == Action.CREATE:
        later.action = earlier.action
    return later


def _joined_fact(earlier, later):
    if isinstance(earlier, dict) and isinstance(later, dict):
        return {
            way: sorted({*earlier.get(way, []), *later.get(way, [])}) for way in {*earlier, *later}
        }
    if isinstance(earlier, list) and isinstance(later, list) and len(earlier) == len(later) == 2:
        return [earlier[0], later[1]]
    return later


def _entry_of(one: Note, words, rows):
    entry = Entry(
        at=one.at,
        actor_id=one.actor,
        action=one.action,
        model=one.model,
        object_id=one.object_id[:64],
        fields=sorted({*one.fields, *one.changes}),
        facts=one.facts,
        source=one.source,
        request_id=one.request_id,
    )
    if not (one.name or one.reason or one.changes) or (one.model, one.object_id) in rows:
        return entry, None
    changes = {name: [_value(each) for each in pair] for name, pair in one.changes.items()}
    told = {"name": one.name[:200], "reason": one.reason, "changes": changes}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True)
    if any(as_written(word) in content for word in words):
        return entry, None
    salt = secrets.token_hex(16)
    entry.values_hash = values_digest(salt, content)
    return entry, Values(salt=salt, content=content)


def as_written(word: str) -> str:
    """A word as it stands in the JSON of values."""
    return json.dumps(word, ensure_ascii=False)[1:-1]


def _value(value):
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} byte"
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = str(value).encode("utf-8", "replace").decode()
    if len(text) > LONGEST_VALUE:
        return f"{text[:LONGEST_VALUE]} … ({len(text)} tecken)"
    return text
