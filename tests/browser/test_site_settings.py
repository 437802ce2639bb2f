"""A region's logo and a service message as Chromium shows them, changed by another process."""

import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.test_pages import AXE

SAVE = """
from datetime import timedelta
from django.utils import timezone
from portal.web.models import ServiceMessage, SiteSettings
site = SiteSettings.objects.get()
logo = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40"><style>.a{{fill:{}}}</style>'
    '<rect class="a" width="40" height="40" rx="20"/><rect class="a" x="52" y="12" width="108" '
    'height="16"/></svg>'
)
site.region_name, site.hue = "Region Ändrad", 31
site.logo, site.logo_dark = logo.format("#7a1f3d"), logo.format("#ffd9e4")
site.full_clean()
site.save()
now, hour = timezone.now(), timedelta(hours=1)
for kind, text in [
    ("information", "Portalen uppdateras i kväll 21–22 och kan då vara långsam."),
    ("warning", "Webcert svarar inte. Skriv intyg på blankett tills vidare."),
]:
    site.service_messages.create(kind=kind, text=text, starts_at=now - hour, ends_at=now + hour)
"""
RESTORE = """
from portal.web.models import SiteSettings
site = SiteSettings.objects.get()
site.service_messages.all().delete()
site.region_name, site.hue, site.logo, site.logo_dark = "", None, "", ""
site.full_clean()
site.save()
"""


def in_another_process(environment, code):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@pytest.fixture
def changed(server, environment):
    in_another_process(environment, SAVE)
    yield
    in_another_process(environment, RESTORE)


def region_in(url):
    with urllib.request.urlopen(url) as response:
        return "Försäkringsmedicin, Region Ändrad</title>" in response.read().decode()


def test_every_worker_shows_a_change_at_once(server, environment):
    def shown():
        with ThreadPoolExecutor(8) as readers:
            return set(readers.map(region_in, [f"{server}/intyg/"] * 40))

    assert shown() == {False}
    in_another_process(environment, SAVE)
    try:
        assert shown() == {True}
    finally:
        in_another_process(environment, RESTORE)
    assert shown() == {False}


@pytest.mark.parametrize("address", ["/intyg/", "/konto/logga-in/"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_header_with_logo_and_messages_is_accessible_and_fits(open_page, changed, address, dark):
    page = open_page(address, dark=dark)
    for width in (1366, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=AXE).response["violations"]
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert overflow <= 0

    logo = page.locator(".site-logo img")
    assert logo.evaluate("each => [each.naturalWidth > 0, each.alt]") == [True, "Region Ändrad"]
    assert logo.bounding_box()["height"] == 40
    region = page.get_by_role("complementary", name="Driftinformation")
    expect(region).to_be_visible()
    assert region.bounding_box()["y"] < page.locator(".site-header").bounding_box()["y"]
    assert open_page.messages == []


def test_dark_logo_is_drawn_in_dark_mode_and_by_choice(open_page, changed):
    light, dark = open_page("/", dark=False), open_page("/", dark=True)
    sources = [
        page.locator(".site-logo img").evaluate("i => i.currentSrc") for page in (light, dark)
    ]
    assert sources[0] != sources[1]

    light.get_by_role("button", name="Mörkt").click()

    assert light.locator(".site-logo img").evaluate("i => i.currentSrc") == sources[1]


def test_messages_are_not_printed(open_page, changed):
    page = open_page("/intyg/")
    page.emulate_media(media="print")

    assert not page.get_by_text("Webcert svarar inte").is_visible()
    expect(page.locator(".site-logo img")).to_be_visible()


def test_logo_opened_by_itself_is_silent(open_page, changed):
    address = open_page("/").locator(".site-logo img").get_attribute("src")

    assert open_page(address).locator("rect").count() == 2
    assert open_page.messages == []
