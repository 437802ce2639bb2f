"""How long a stranger's file may keep us.

A rule costs its writer a line and us an hour, so each series has a time within which it must
be done, and a whole file has one.
"""

import sys
import time
from contextlib import contextmanager

SERIES_SECONDS = 1.0
FILE_SECONDS = 10.0


class Overrun(Exception):
    """The time is over."""


class SeriesClock:
    """How much time a file's series may still take."""

    def __init__(self):
        self.left = FILE_SECONDS

    @contextmanager
    def running(self):
        """Cuts off what is inside when its time is over, in whichever thread it runs."""
        began = time.perf_counter()
        ends = began + min(SERIES_SECONDS, self.left)

        def look(frame, event, argument):
            if time.perf_counter() > ends:
                sys.setprofile(None)
                raise Overrun

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(before)
            self.left = max(0.0, self.left - (time.perf_counter() - began))
