"""What the workers hold in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.signals import request_started
from django.db import close_old_connections

from guidance.page_views import tally
from portal.caching.first_page import first_request
from portal.wsgi import django

ROOT = Path(__file__).parent.parent.parent
# What goes with them is up to five megabytes each, which few requests need.
WHERE_USED = {"icalendar", "jwt", "recurring_ical_events", "segno", "xlsxwriter"}
LOADED = """
import sys
import portal.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*sys.modules)
"""


# Neither tables nor static files are there.
UNREADY = """
from django.db import connection
from portal.caching.first_page import make_first_page
from portal.wsgi import django
make_first_page(django)
print("open" if connection.connection else "closed")
"""


def told_by(program, folder):
    """What a program of its own writes, with the portal's settings and an empty folder."""
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DATABASE_"))},
        "PORTAL_SECRET_KEY": "of-the-test",
        "PORTAL_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_libraries_that_few_requests_need_are_imported_where_they_are_used(tmp_path):
    loaded = set(told_by(LOADED, tmp_path))

    assert {"education.external_admin", "followup.desk_views", "guidance.calendars"} <= loaded
    assert loaded & WHERE_USED == set()


@pytest.mark.parametrize("hosts", [["*"], [".example.org"], ["localhost", "127.0.0.1"]])
@pytest.mark.parametrize("proxy", [None, ("HTTP_X_FORWARDED_PROTO", "https")])
def test_first_request_is_answered_with_the_start_page_and_counted_as_no_view(
    db, settings, hosts, proxy
):
    settings.ALLOWED_HOSTS = hosts
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = proxy
    counted = tally.waiting
    answered = []

    # As the test client does: a request of its own would close the test's connection.
    request_started.disconnect(close_old_connections)
    try:
        response = django(first_request(), lambda status, *rest: answered.append(status))
    finally:
        request_started.connect(close_old_connections)

    assert answered == ["200 OK"]
    assert "<h1" in response.content.decode()
    assert tally.waiting == counted


def test_first_page_that_fails_hinders_no_worker_and_leaves_no_connection(tmp_path):
    assert told_by(UNREADY, tmp_path) == ["closed"]
