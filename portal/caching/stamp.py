"""The content stamp: one value that moves with every write that a reader may notice.

What is kept of pages is kept under the stamp of the moment and is worthless when it has moved.
Statements are watched where they reach the database, so that `update`, `bulk_create`, relations
and plain SQL count as well as `save`; the stamp moves when they are committed. A table that no
public page reads is named with `unseen`, by the room that has it; all others count.

Where the stamp is (PORTAL_CONTENT_STAMP):
    file      one machine: the modification time of a file beside the SQLite database. Reading
              it is a `stat`, a hundredth of what a question over a network costs
    cache     several machines: a key in the cache that all share (PORTAL_CACHE_URL)
    nowhere   nothing is kept
"""

import logging
import os
import re
import secrets
import time
from functools import cache as remembered
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, Error, connections, transaction

from .shared import FAULTS

log = logging.getLogger(__name__)

# Seconds that readers' pages are made without asking, when its place has not answered.
SILENCE = 5
_UNSEEN = {
    "admin.LogEntry",
    "sessions.Session",
    "account.EmailAddress",
    "account.EmailConfirmation",
    "mfa.Authenticator",
    "usersessions.UserSession",
}
# What a statement writes to, as Django and its backends word them.
_WRITES = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+\"?(\w+)",
    re.IGNORECASE,
)
# PostgreSQL's parts of a union stand in brackets.
_READS = re.compile(
    r"[\s(]*(?:SELECT|WITH(?!.*\b(?:INSERT|UPDATE|DELETE)\b)|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT"
    r"|PRAGMA|EXPLAIN|SHOW|SET|DECLARE|FETCH|CLOSE|LOCK|ANALYZE)\b",
    re.IGNORECASE | re.DOTALL,
)


def unseen(*labels: str) -> None:
    """No public page shows rows of these models ("education.Subscription"), nor their history."""
    _UNSEEN.update(labels)


@remembered
def unseen_tables() -> frozenset[str]:
    models = [apps.get_model(label) for label in _UNSEEN]
    tables = {model._meta.db_table for model in models}
    for model in models:
        tables |= {field.m2m_db_table() for field in model._meta.local_many_to_many}
        if hasattr(model, "history"):
            tables.add(model.history.model._meta.db_table)
    # The table that the cache is kept in.
    return frozenset({*tables, str(settings.CACHES["default"].get("LOCATION", ""))})


def is_noticed(sql: str) -> bool:
    """Whether readers may notice a statement. One that is not understood counts."""
    if _READS.match(sql):
        return False
    written = _WRITES.match(sql)
    return written is None or written[1] not in unseen_tables()


def watch(connection, **kwargs) -> None:
    """Receiver of `connection_created`."""
    if notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(notice)


def notice(execute, sql, params, many, context):
    """Runs round every statement."""
    connection = context["connection"]
    move_if_due(connection)
    result = execute(sql, params, many, context)
    sql = sql if isinstance(sql, str) else str(sql)
    if is_noticed(sql):
        if connection.in_atomic_block:
            _move_when_committed(connection)
        else:
            connection.stamp_is_due = True
            # SQLite commits a statement that returns rows when they have been read.
            if " RETURNING " not in sql:
                move_if_due(connection)
    return result


def saved(using, **kwargs) -> None:
    """Receiver of `post_save`: what a single insert returned has been read."""
    move_if_due(connections[using])


def move_if_due(connection) -> None:
    if getattr(connection, "stamp_is_due", False):
        connection.stamp_is_due = False
        move()


def _move_when_committed(connection):
    # Once is enough, if a savepoint that is rolled back cannot take it along. Of the latest only,
    # since this runs at every statement; between moves stand notes of the audit log.
    held, latest = set(connection.savepoint_ids), connection.run_on_commit[-20:]
    if not any(what is move and of <= held for of, what, _ in latest):
        transaction.on_commit(move, using=connection.alias, robust=True)


class FileStamp:
    """Its time is set in nanoseconds by us, since the file system's own clock ticks too seldom."""

    def __init__(self, path):
        self.path = Path(path)

    def current(self):
        try:
            return os.stat(self.path).st_mtime_ns
        except FileNotFoundError:
            self.move()
            return os.stat(self.path).st_mtime_ns

    def move(self):
        now = time.time_ns()
        try:
            os.utime(self.path, ns=(now, now))
        except FileNotFoundError:
            self.path.touch(0o640)
            os.utime(self.path, ns=(now, now))


class CacheStamp:
    """Drawn by lot, so that a cache that was emptied can never come back to an old one."""

    key = "content-stamp"

    def current(self):
        if found := cache.get(self.key):
            return found
        cache.add(self.key, secrets.token_hex(8), None)
        return cache.get(self.key)

    def move(self):
        token = secrets.token_hex(8)
        cache.set(self.key, token, None)
        if (seen := cache.get(self.key)) != token:
            # Others move it in the same moment, which is as good. One that stands still has not
            # been taken: the cache in the database passes faults over in silence. A new token,
            # since two that set theirs again in turn would each find the other's standing still.
            cache.set(self.key, secrets.token_hex(8), None)
            if cache.get(self.key) == seen:
                raise DatabaseError("Cachen tog inte emot innehållsstämpeln.")


@remembered
def _stamp_at(where):
    return CacheStamp() if where == "cache" else FileStamp(where)


class _Fault:
    """What is remembered of a place that does not answer."""

    # A move that failed: nothing may be kept until one has been made good.
    move_is_owed = False
    # No reader waits for it again before then (time.monotonic).
    ask_again_at = 0.0
    # Nor is it told of again before then.
    tell_again_at = 0.0


_fault = _Fault()
_FAULTS = (OSError, Error, *FAULTS)


def move() -> None:
    """All that is kept is worthless from now on. For what writes without Django, too: a copy of
    the database that was put in place."""
    if not settings.CONTENT_STAMP:
        return
    try:
        _stamp_at(settings.CONTENT_STAMP).move()
    except _FAULTS as fault:
        _fault.move_is_owed = True
        _remember(fault)
    else:
        _fault.move_is_owed = False


def current() -> object | None:
    """The stamp of this moment; None while it cannot be told, and then nothing may be kept."""
    if not settings.CONTENT_STAMP or time.monotonic() < _fault.ask_again_at:
        return None
    if _fault.move_is_owed:
        move()
        if _fault.move_is_owed:
            return None
    try:
        return _stamp_at(settings.CONTENT_STAMP).current()
    except _FAULTS as fault:
        _remember(fault)
        return None


def _remember(fault):
    now = time.monotonic()
    _fault.ask_again_at = now + SILENCE
    # A migration moves the stamp hundreds of times.
    if now >= _fault.tell_again_at:
        _fault.tell_again_at = now + SILENCE
        log.error("Innehållsstämpeln kan inte nås: %s", fault)
