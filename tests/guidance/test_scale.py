"""Pages in a large region: what a reader meets costs the same whatever the database holds.

The suite runs it with some hundred pages of ten versions each and counts queries. With
PORTAL_FULL_SCALE=1 there are 5,000 of them, and each address has its time.
"""

import os
import re
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guidance.models import Page, PageVersion
from portal.publishing.models import VersionState
from tests.conftest import NOW
from tests.factories import make_role

IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"
SECTIONS, PAGES, VERSIONS = (50, 5000, 10) if IN_FULL else (5, 300, 10)
# Lists of every page grow with the pages, in bytes and seconds, never in queries.
COSTS = {
    "/skala-0/": (7, 0.3),
    "/skala-0/skala-0-0/": (7, 0.3),
    "/intyg/skriva-bra-intyg/": (7, 0.3),
    "/skala-0/utskrift/": (12, 1.0),
    "/sok/?q=intyg": (12, 0.5),
    "/dokument/": (11, 0.3),
    "/om-webbplatsen/granskning/": (10, 0.3),
    "/om-webbplatsen/granskning/?ordning=-sida&page=2": (10, 0.4),
    "/sitemap.xml": (13, 0.3),
}

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("scale")]


def crowd():
    """Sections with pages, each page with versions the last of which is live."""
    owner = make_role()
    sections = Page.objects.bulk_create(
        Page(slug=f"skala-{n}", nav_title=f"Avdelning {n}", purpose="Prov.", owner=owner)
        for n in range(SECTIONS)
    )
    children = Page.objects.bulk_create(
        Page(slug=f"skala-{n % SECTIONS}-{n // SECTIONS}", nav_title=f"Sida {n}", purpose="Prov.",
             owner=owner, parent=sections[n % SECTIONS])
        for n in range(PAGES - SECTIONS)
    )  # fmt: skip
    # The suite's day: the fixture of a module is made before a test's clock is set.
    start = NOW - timedelta(days=VERSIONS + 1)
    PageVersion.objects.bulk_create(
        (
            PageVersion(
                page=page,
                number=number,
                title=f"{page.nav_title}, text {number}",
                state=VersionState.APPROVED,
                publish_at=start + timedelta(days=number),
                rendered="<p>Om intyg.</p>" * 20,
            )
            for page in [*sections, *children]
            for number in range(1, VERSIONS + 1)
        ),
        batch_size=2000,
    )


@pytest.fixture(scope="module")
def crowded(django_db_setup, django_db_blocker):
    """Made once for the module, inside a transaction that is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        crowd()
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("url", COSTS)
def test_public_page_keeps_its_budget_among_many(crowded, client, url):
    queries, seconds = COSTS[url]
    best = None
    for _ in range(3):
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        best = min(time.perf_counter() - started, best or 60)

    assert response.status_code == 200
    assert len(captured) <= queries
    if IN_FULL:
        assert best <= seconds


def test_only_the_latest_version_is_read(crowded, client):
    text = client.get("/skala-0/skala-0-0/").content.decode()

    assert (f"text {VERSIONS}" in text, "text 1<" in text) == (True, False)
    whole = client.get("/sitemap.xml").content.decode()
    parts = re.findall(r"testserver(/sitemap-[^<]*)</loc>", whole)
    assert bool(parts) is IN_FULL
    texts = [client.get(part).content.decode() for part in parts] or [whole]
    assert sum(text.count("testserver/skala-") for text in texts) == PAGES
