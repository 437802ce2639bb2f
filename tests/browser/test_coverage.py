"""The coverage matrix and the drawn structure as Chromium sees them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_pages import AXE

MATRIX = "/organisation/tackning/"
VIEWS = {
    "matrix": MATRIX,
    "one function another day": f"{MATRIX}?roll=rehabkoordinator&datum=2025-01-01",
    "no gaps": f"{MATRIX}?roll=rehabkoordinator&luckor=on&typ=rehabmottagning",
    "faults": f"{MATRIX}?datum=i+g%C3%A5r&ort=finnsinte",
    "structure": "/organisation/",
    "demands": "/organisation/overenskommelser/",
}


@pytest.mark.parametrize("kind", VIEWS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, kind):
    for dark in (False, True):
        page = open_page(VIEWS[kind], dark=dark)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=AXE).response["violations"]

            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert page.context.cookies() == []
    assert open_page.messages == []


def test_cell_says_why_by_keyboard_without_script(open_page):
    page = open_page(f"{MATRIX}?roll=rehabkoordinator", javascript=False)
    cell = page.locator(".coverage-matrix details", has_text="Vakant").first
    cell.locator("summary").focus()
    page.keyboard.press("Enter")

    expect(cell.get_by_text("Vakant sedan").first).to_be_visible()
    cell.get_by_role("link", name="Till enhetens sida").click()
    page.wait_for_url("**/organisation/enheter/*/#roll-rehabkoordinator")


def test_matrix_fits_the_screen_and_is_blocks_on_a_phone(open_page):
    page = open_page(MATRIX)
    matrix = page.get_by_role("region", name="Funktionerna på varje enhet")

    assert matrix.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    page.set_viewport_size({"width": 390, "height": 800})
    assert matrix.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    assert page.locator(".coverage-matrix thead").is_hidden()


def test_drawing_follows_the_width_at_the_size_of_text(open_page):
    page = open_page("/organisation/")
    wide, narrow = page.locator(".structure-drawing").all()

    assert (wide.is_visible(), narrow.is_visible()) == (True, False)
    page.set_viewport_size({"width": 320, "height": 800})
    assert (wide.is_visible(), narrow.is_visible()) == (False, True)
    size = narrow.locator("text").nth(1).evaluate("each => getComputedStyle(each).fontSize")
    assert size == "16px"
    # No text runs out of the drawing.
    over = "each => each.getBBox().x + each.getBBox().width"
    width = float(narrow.get_attribute("width"))
    assert [t for t in narrow.locator("text").all() if t.evaluate(over) > width - 14] == []


def test_print_has_the_matrix_on_its_side_and_every_reason(open_page):
    page = open_page(f"{MATRIX}?roll=rehabkoordinator")
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).page") == "coverage"
    assert page.locator(".coverage-form").is_hidden()
    expect(page.get_by_text("Vakant sedan").first).to_be_visible()
