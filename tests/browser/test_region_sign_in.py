"""Through the region's provider and back in Chromium, with the CSP of real pages in force."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.accounts.oidc_provider import CLIENT, SECRET, OidcProvider

from .conftest import ROOT, serving
from .test_sign_in import check, heading

RULE = """
from django.contrib.auth.models import Group
from portal.accounts.models import ClaimRule
ClaimRule.objects.get_or_create(value="FM-Redaktion", group=Group.objects.get(name="redaktör"))
"""


@pytest.fixture(scope="module")
def provider():
    with OidcProvider() as running:
        running.asks = True
        yield running


@pytest.fixture(scope="module")
def region_site(server, environment, provider):
    """A second server on the same database, with the provider in its settings."""
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", RULE],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    values = {
        "PORTAL_OIDC_ISSUER": provider.issuer,
        "PORTAL_OIDC_CLIENT_ID": CLIENT,
        "PORTAL_OIDC_CLIENT_SECRET": SECRET,
        "PORTAL_REQUIRE_SECOND_FACTOR": "1",
    }
    with serving({**environment, **values}) as url:
        yield url


@pytest.fixture
def open_there(open_page, region_site):
    def open_at(path, **options):
        page = open_page("/konto/utloggad/", **options)
        page.goto(region_site + path)
        return page

    open_at.messages = open_page.messages
    return open_at


@pytest.mark.parametrize("javascript", [True, False])
def test_round_trip(open_there, region_site, provider, javascript):
    provider.person = {"employeeHsaId": "SE1-WEBB", "given_name": "Åsa", "family_name": "Öberg"}
    provider.person["groups"] = ["FM-Redaktion"]
    page = open_there("/konto/logga-in/", javascript=javascript)

    page.get_by_role("button", name="Logga in med SITHS").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.get_by_role("button", name="Legitimera").click()

    page.wait_for_url(f"{region_site}/admin/")
    page.goto(f"{region_site}/konto/")
    assert "Du är redaktör." in page.inner_text("main")
    page.get_by_role("button", name="Logga ut, också från SITHS").click()
    page.wait_for_url(f"{region_site}/konto/utloggad/")
    assert "Loggade du in med SITHS kan du vara inloggad där ännu" in page.inner_text("main")
    page.goto(f"{region_site}/konto/")
    assert heading(page) == "Logga in"
    assert open_there.messages == []


def test_refusal_can_be_tried_again_from_its_own_page(open_there, region_site, provider):
    provider.person = {"employeeHsaId": "SE1-WEBB", "groups": ["FM-Redaktion"]}
    provider.fault = "nonce"
    page = open_there("/konto/logga-in/?next=/admin/guidance/page/")
    page.get_by_role("button", name="Logga in med SITHS").click()
    page.get_by_role("button", name="Legitimera").click()
    assert heading(page) == "Inloggningen gick inte att lita på"
    check(page)
    provider.fault = ""
    page.set_viewport_size({"width": 390, "height": 844})

    page.get_by_role("button", name="Försök igen").click()
    page.get_by_role("button", name="Legitimera").click()

    page.wait_for_url(f"{region_site}/admin/")
    told = [text for text in open_there.messages if "status of 403" not in text]
    assert told == []


def test_pages_are_free_from_faults(open_there, region_site, provider):
    page = open_there("/konto/logga-in/")
    check(page)
    page.get_by_role("link", name="Logga in med e-post").click()
    expect(page.get_by_label("Lösenord")).to_be_visible()
    check(page)
    provider.person = {"employeeHsaId": "SE1-OKAND", "groups": []}
    page.goto(f"{region_site}/konto/logga-in/")
    page.get_by_role("button", name="Logga in med SITHS").click()
    page.get_by_role("button", name="Legitimera").click()
    assert heading(page) == "Du har ingen behörighet här"
    check(page)
