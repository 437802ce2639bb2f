"""Moving a page as Chromium sees it: the form, what it says before the press, and a fault."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import test_admin
from tests.browser.test_admin import open_admin, signed_in  # noqa: F401  (fixtures)
from tests.browser.test_pages import AXE


def faults(page):
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    violations = Axe().run(page, options=AXE).response["violations"]
    return [each["id"] for each in violations], wide


def ask(page, name):
    """What a new address would lead to, once the answer is there."""
    page.get_by_label("Adressnamn").fill(name)
    with page.expect_navigation():
        page.get_by_role("button", name="Se vad som händer").click()


@pytest.mark.parametrize("width", [1366, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_form_plan_and_fault_are_accessible(open_admin, monkeypatch, dark, width):  # noqa: F811
    monkeypatch.setitem(test_admin.PAGES, "pages", "/admin/guidance/page/?q=om-webbplatsen")
    page = open_admin("pages", dark=dark, width=width)
    with page.expect_navigation():
        page.locator("#result_list tbody th a").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="Flytta eller byt adress").click()
    assert faults(page) == ([], False)

    ask(page, "Fel Namn")
    assert faults(page) == ([], False)

    ask(page, "om-sidan")
    for summary in page.locator("main summary, #content summary").all():
        summary.click()
    expect(page.get_by_role("button", name="Byt adress nu")).to_be_visible()
    assert faults(page) == ([], False)
