"""How many requests, how long they took, how many failed: added up over all workers.

The numbers lie in memory that the first process makes and its workers inherit (gunicorn loads
the application before it forks). Each process writes in a row of its own, so that nobody waits;
which row is free is told by a lock on a file, which the system lets go when a process ends,
however it ends. A new worker adds to what the one before counted, so counters never go down.
"""

import fcntl
import mmap
import os
import tempfile
import threading
from bisect import bisect_left

ROWS = 64
# Seconds: from a page out of the cache to one that somebody has given up.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
KINDS = ("page", "static", "api", "admin", "account", "health")
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
EVENTS = ("cache_hit", "not_modified", "error", "limited", "sign_in_failed")

_PER_KIND = len(CLASSES) + len(BUCKETS) + 2  # and those above the last bucket, and the sum
_CELLS = len(KINDS) * _PER_KIND + len(EVENTS)

_memory = memoryview(mmap.mmap(-1, ROWS * _CELLS * 8)).cast("d")
_locks = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process lives)
_lock = threading.Lock()
_row: tuple[int, int] | None = None  # (process, where its row begins)


def _start_of_row() -> int:
    """Where this process writes; the last row is shared by those for whom there is none."""
    global _row
    if _row is None or _row[0] != os.getpid():
        _row = os.getpid(), _free_row() * _CELLS
    return _row[1]


def _free_row():
    for number in range(ROWS - 1):
        try:
            fcntl.lockf(_locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            continue
        return number
    return ROWS - 1


def kind_of(path: str) -> str:
    first = path[1:].partition("/")[0]
    kinds = {"static": "static", "api": "api", "admin": "admin", "konto": "account"}
    return "health" if first == "halsa" else kinds.get(first, "page")


def count_request(kind: str, status: int, seconds: float) -> None:
    at = KINDS.index(kind) * _PER_KIND
    with _lock:
        at += _start_of_row()
        _memory[at + min(max(status // 100, 1), 5) - 1] += 1
        _memory[at + len(CLASSES) + bisect_left(BUCKETS, seconds)] += 1
        _memory[at + _PER_KIND - 1] += seconds


def count(event: str) -> None:
    at = len(KINDS) * _PER_KIND + EVENTS.index(event)
    with _lock:
        _memory[_start_of_row() + at] += 1


def sums() -> list[float]:
    return [sum(_memory[row * _CELLS + cell] for row in range(ROWS)) for cell in range(_CELLS)]


def as_text() -> str:
    """The text format of Prometheus, version 0.0.4."""
    cells = sums()
    lines = [
        "# HELP portal_requests_total Answered requests.",
        "# TYPE portal_requests_total counter",
    ]
    for place, kind in enumerate(KINDS):
        for offset, status in enumerate(CLASSES):
            number = cells[place * _PER_KIND + offset]
            lines.append(f'portal_requests_total{{kind="{kind}",status="{status}"}} {number:.0f}')
    lines += [
        "# HELP portal_request_seconds Time from a request to its answer's first bytes.",
        "# TYPE portal_request_seconds histogram",
    ]
    for place, kind in enumerate(KINDS):
        at, total = place * _PER_KIND + len(CLASSES), 0
        for offset, limit in enumerate((*BUCKETS, "+Inf")):
            total += cells[at + offset]
            lines.append(f'portal_request_seconds_bucket{{kind="{kind}",le="{limit}"}} {total:.0f}')
        lines.append(f'portal_request_seconds_sum{{kind="{kind}"}} {cells[at + len(BUCKETS) + 1]}')
        lines.append(f'portal_request_seconds_count{{kind="{kind}"}} {total:.0f}')
    lines += [
        "# HELP portal_events_total Things worth counting: pages out of the cache, answers 304, "
        "errors in the log, refused by a limit, failed sign-ins.",
        "# TYPE portal_events_total counter",
    ]
    for place, event in enumerate(EVENTS):
        number = cells[len(KINDS) * _PER_KIND + place]
        lines.append(f'portal_events_total{{event="{event}"}} {number:.0f}')
    return "\n".join(lines) + "\n"
