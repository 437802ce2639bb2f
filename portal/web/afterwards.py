"""What is written down when an answer has left, so that no reader waits for whoever writes.

On one machine the database is a file that one writes to at a time: a count that a page took along
would hold the reader, and a thread of the worker, for as long as an import takes.

    misses = Afterwards(count)
    misses.add(text, request)       # count(text, request), by and by
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from django.core.signals import request_finished
from django.db import Error

from portal.caching.shared import FAULTS

log = logging.getLogger(__name__)

# While the database cannot be written to, the oldest are lost.
MOST_WAITING = 1000


class Afterwards:
    """Statistics and the like: what cannot be written is lost, and so is what a process that is
    killed had waiting. One thread of a process writes at a time, the others answer readers."""

    def __init__(self, write: Callable[..., None]):
        self.write = write
        self.waiting = deque(maxlen=MOST_WAITING)
        self.writing = threading.Lock()
        request_finished.connect(self.write_all)

    def add(self, *what) -> None:
        self.waiting.append(what)

    def write_all(self, **kwargs) -> None:
        if not self.waiting or not self.writing.acquire(blocking=False):
            return
        try:
            while self.waiting:
                self.write(*self.waiting.popleft())
        except (Error, OSError, *FAULTS) as fault:
            log.warning("Kunde inte skrivas: %s", type(fault).__name__)
        finally:
            self.writing.release()
