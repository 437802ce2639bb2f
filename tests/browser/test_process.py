"""The view of a process as Chromium sees it, with script turned off where readers choose."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_pages import AXE

PROCESS = "/sjukskrivningsprocessen/vem-gor-vad/"
VIEWS = {
    "all": PROCESS,
    "role": f"{PROCESS}?roll=behandlande-lakare",
    "role and day without steps": f"{PROCESS}?roll=patient&dag=8",
    "faults": f"{PROCESS}?roll=x&dag=7",
    "two guidelines": "/rehabkoordinering/vem-gor-vad-i-koordineringen/",
}


@pytest.mark.parametrize("kind", VIEWS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, kind):
    for dark in (False, True):
        page = open_page(VIEWS[kind], dark=dark)
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=AXE).response["violations"]

            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert page.context.cookies() == []
    assert open_page.messages == []


def test_matrix_is_a_table_on_a_wide_screen_and_a_list_on_a_phone(open_page):
    page = open_page(PROCESS)
    matrix = page.get_by_role("region", name="Översikt")

    expect(matrix).to_be_visible()
    assert matrix.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    page.set_viewport_size({"width": 390, "height": 800})
    assert not matrix.is_visible()
    expect(page.get_by_role("heading", name="Koordinera").first).to_be_visible()


def test_coordinator_finds_her_steps_by_keyboard_without_script(open_page):
    page = open_page(PROCESS, width=390, javascript=False)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("link", name="Rehabiliteringskoordinator", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?roll=rehabkoordinator#jag-ar")

    headings = page.locator(".process-steps h4 a").all_inner_texts()
    assert headings == ["Gör en plan", "Koordinera", "Följ upp"]
    assert page.locator("#jag-ar").bounding_box()["y"] < 200
    page.get_by_role("link", name="Koordinera", exact=True).first.click()
    page.wait_for_url("**/sjukskrivningsprocessen/#koordinera")


def test_print_lays_the_matrix_on_its_side(open_page):
    page = open_page(PROCESS)
    page.emulate_media(media="print")

    assert page.get_by_text("Alla roller").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).page") == "process"
    page.goto(page.url + "?roll=patient")
    assert page.evaluate("getComputedStyle(document.body).page") == "auto"
