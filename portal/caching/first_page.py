"""The start page, made once before the workers begin.

It draws up the table of addresses, compiles the site's frame, words questions for the database and
imports what templates need. Done by each worker, that is memory of its own for each, and its first
reader waits for it.
"""

import logging
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.db import connections

log = logging.getLogger(__name__)


def make_first_page(application) -> None:
    """Ask Django for the start page and throw it away. What is wrong with it hinders no worker: its
    readers meet it, or it has passed by then."""
    try:
        application(first_request(), lambda status, headers, fault=None: None).close()
    except Exception:
        log.exception("Startsidan kunde inte göras i förväg.")
    finally:
        # Processes cannot share a connection.
        connections.close_all()


def first_request() -> dict:
    """Over HTTPS, to which it would only be sent on; of a program, so that no view is counted."""
    host = next(iter(settings.ALLOWED_HOSTS), "localhost")
    environ = {
        "HTTPS": "on",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_HOST": host.replace("*", "localhost").lstrip("."),
    }
    setup_testing_defaults(environ)
    return environ
