"""Documents, the law register and abbreviations as Chromium sees them, without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_pages import AXE

PAGES = {
    "document": "/dokument/mall-rehabiliteringsplan/",
    "old version": "/dokument/mall-rehabiliteringsplan/version-1/",
    "filtered list": "/dokument/?slag=mall&aldre=on",
    "filter with a fault": "/dokument/?slag=x",
    "laws": "/lagar-och-regler/",
    "abbreviations": "/sjukskrivningsprocessen/",
}


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, kind, dark):
    page = open_page(PAGES[kind], dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (1366, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=AXE).response["violations"]

        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert open_page.messages == []
    assert page.context.cookies() == []


def test_reader_saves_the_file_that_is_in_force(open_page):
    page = open_page(PAGES["document"], width=390, javascript=False)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Hämta Version 2").click()

    assert waiting.value.suggested_filename == "Mall rehabiliteringsplan, Version 2.odt"


@pytest.mark.parametrize("width", [320, 1366])
def test_abbreviation_is_explained_by_keyboard_beside_its_word(open_page, width):
    page = open_page(PAGES["abbreviations"], width=width, javascript=False)
    page.emulate_media(reduced_motion="reduce")  # where the word stands, not on its way
    button = page.locator(".article-body [popovertarget]").first
    box = page.locator(f"#{button.get_attribute('popovertarget')}")
    assert not box.is_visible()

    button.focus()
    page.keyboard.press("Enter")

    expect(box).to_be_visible()
    expect(box.get_by_role("link", name="Ordlistan")).to_be_visible()
    word, shown = button.bounding_box(), box.bounding_box()
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= width
    assert min(abs(shown["y"] - word["y"]), abs(shown["y"] + shown["height"] - word["y"])) < 80
    page.keyboard.press("Escape")
    assert not box.is_visible()


def test_print_writes_abbreviations_out(open_page):
    page = open_page(PAGES["abbreviations"])
    page.emulate_media(media="print")
    box = page.locator(".article-body span[popover]").first

    expect(box).to_be_visible()
    assert page.evaluate("(box) => getComputedStyle(box).display", box.element_handle()) == "inline"
    assert not box.get_by_role("link").is_visible()
