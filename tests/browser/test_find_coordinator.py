"""A reader with a phone who looks for a coordinator, with and without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages import AXE

PAGES = {
    "empty": "/organisation/hitta-koordinator/",
    "one": "/organisation/hitta-koordinator/?q=vc+skissvik",
    "vacant": "/organisation/hitta-koordinator/?q=medicinkliniken",
    "several": "/organisation/hitta-koordinator/?q=provstad",
    "none": "/organisation/hitta-koordinator/?q=xyzzy",
    "refused": "/organisation/hitta-koordinator/?fel=personnummer",
    "address of its own": "/organisation/enheter/SE0000000000-E1005/koordinator/",
}


def is_in_sight(page, locator):
    box = locator.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_reader_finds_the_number_from_the_start_page_on_one_screen(open_page, javascript):
    page = open_page("/", width=390, height=844, javascript=javascript)
    page.get_by_label("Enhetens namn, ort eller HSA-id").fill("vc skisvik")
    page.keyboard.press("Enter")

    call = page.get_by_role("region", name="Vårdcentralen Skissvik").locator(
        'a[href="tel:+46701740609"]'
    )
    assert is_in_sight(page, call.first)
    assert is_in_sight(page, page.get_by_text("Olle Testgren täcker så länge."))
    assert page.context.cookies() == []


def test_reader_makes_it_the_own_unit_and_forgets_it(open_page):
    page = open_page("/organisation/enheter/SE0000000000-E1005/koordinator/", width=390)
    page.get_by_role("button", name="Gör till min enhet").click()
    assert page.url.endswith("/koordinator/#min-enhet-val")
    expect(page.get_by_text("Det här är din enhet.")).to_be_in_viewport()
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["value"]) == ("enhet", "SE0000000000-E1005")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")

    page.goto(page.url.partition("/organisation")[0] + "/rehabkoordinering/")
    card = page.get_by_role("region", name="Vid din enhet")
    expect(card.get_by_text("Olle Testgren")).to_be_visible()
    for dark in ("light", "dark"):
        page.emulate_media(color_scheme=dark)
        assert Axe().run(page, options=AXE).response["violations"] == []
    card.get_by_role("button", name="Glöm min enhet").click()

    assert page.context.cookies() == []
    assert page.get_by_role("region", name="Vid din enhet").count() == 0


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_and_narrow_screens(open_page, kind, dark):
    page = open_page(PAGES[kind], width=320, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert Axe().run(page, options=AXE).response["violations"] == []
    assert open_page.messages == []


def test_paper_has_the_ways_upwards_and_no_moment(open_page):
    page = open_page(PAGES["one"])
    page.emulate_media(media="print")

    expect(page.get_by_text("Regionens stöd för koordinering")).to_be_visible()
    assert not page.locator(".coordinator-now").first.is_visible()
    assert not page.get_by_role("button", name="Gör till min enhet").is_visible()
