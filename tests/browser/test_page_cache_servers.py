"""Two servers on one database, each with its own kept pages: a change shows at once on both."""

import shutil
import subprocess
import sys
import urllib.request
import uuid

import pytest

from .conftest import ROOT, serving
from .test_real_servers import redis_server  # noqa: F401  (a fixture)

PAGE = "/intyg/skriva-bra-intyg/"


def fetch(site, path=PAGE):
    """(text, tag); a connection of its own, so that any of the workers may answer."""
    # The page says which address it has; here that is to be the same for both.
    asked = urllib.request.Request(site + path, headers={"Host": "localhost"})
    with urllib.request.urlopen(asked) as response:
        return response.read().decode(), response.headers["ETag"]


def say(environment, text):
    """Writes a service message in a process of its own, as an editor on another machine would."""
    code = (
        "from datetime import timedelta;"
        "from django.utils import timezone;"
        "from portal.web.models import ServiceMessage, SiteSettings;"
        "site, _ = SiteSettings.objects.get_or_create(pk=1);"
        "now = timezone.now();"
        "ServiceMessage.objects.all().delete();"
        f"ServiceMessage.objects.create(site=site, text={text!r}, starts_at=now,"
        " ends_at=now + timedelta(hours=1))"
        if text
        else "from portal.web.models import ServiceMessage; ServiceMessage.objects.all().delete()"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
    )


@pytest.mark.parametrize("place", ["file", "database", "redis"])
def test_a_change_shows_on_every_worker_at_the_next_request(server, environment, place, request):
    settings = dict(environment)
    if place != "file":
        settings["PORTAL_CONTENT_STAMP"] = "cache"
    if place == "redis":
        if not shutil.which("redis-server"):
            pytest.skip("redis-server saknas (Debian: apt-get install redis-server)")
        settings["PORTAL_CACHE_URL"] = request.getfixturevalue("redis_server").url
    with serving(settings) as one, serving(settings) as other:
        # Every worker of both has the page by now.
        before = {fetch(site)[1] for site in [one, other] * 12}
        assert len(before) == 1
        try:
            for _ in range(3):
                text = f"Meddelande {uuid.uuid4().hex[:8]}"
                say(settings, text)
                answers = [fetch(site) for site in [one, other] * 12]
                assert all(text in page for page, _ in answers)
                assert len({tag for _, tag in answers}) == 1
        finally:
            say(settings, "")
        assert {fetch(site)[1] for site in [one, other] * 12} == before
