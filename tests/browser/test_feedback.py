"""Feedback, reviews and their queue as Chromium sees them; script off, as readers may have it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_pages import AXE

PAGE = "/intyg/skriva-bra-intyg/"
REVIEWS = "/om-webbplatsen/granskning/"


def violations(page):
    found = []
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        rows = Axe().run(page, options=AXE).response["violations"]
        found += [(width, each["id"], each["nodes"][0]["html"][:200]) for each in rows]
    page.set_viewport_size({"width": 320, "height": 900})
    found += ["sideways"] * (page.evaluate("document.documentElement.scrollWidth") > 320)
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_whole_conversation_is_accessible_silent_and_without_cookies(open_page, dark):
    page = open_page(PAGE, dark=dark)
    page.get_by_role("group", name="Hjälpte sidan dig?").get_by_role("button", name="Nej").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Tack för ditt svar"
    assert violations(page) == []

    page.get_by_label("Vad fungerade, eller vad saknas?").fill("Patienten 19121212-1212")
    page.get_by_role("button", name="Skicka").click()
    assert page.title().startswith("Fel: Rätta texten")
    assert violations(page) == []
    page.get_by_role("alert").get_by_role("link").press("Enter")
    assert page.evaluate("document.activeElement.value") == "Patienten 19121212-1212"

    page.get_by_label("Vad fungerade, eller vad saknas?").fill("Skriv hur länge det gäller.")
    page.get_by_role("button", name="Skicka").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Tack, din synpunkt är skickad"
    assert violations(page) == []
    page.reload()
    page.get_by_role("link", name="Tillbaka till sidan").click()
    assert page.url.endswith(PAGE)
    assert open_page.messages == []
    assert page.context.cookies() == []


def test_answer_needs_neither_script_nor_mouse(open_page):
    page = open_page("/organisation/enheter/", width=390, javascript=False)
    page.get_by_role("button", name="Delvis").press("Enter")

    assert page.get_by_role("heading", level=1).inner_text() == "Tack för ditt svar"
    page.get_by_label("Vad fungerade, eller vad saknas?").press("Tab")
    page.get_by_role("button", name="Skicka").press("Enter")
    expect(page.get_by_role("alert").get_by_text("ditt svar är redan sparat")).to_be_visible()


def test_hidden_field_is_hidden_and_the_question_is_not_printed(open_page):
    page = open_page(PAGE)
    page.emulate_media(media="print")
    assert not page.get_by_text("Hjälpte sidan dig?").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Ja", exact=True).click()

    assert not page.locator("[name=webbplats]").is_visible()


@pytest.mark.parametrize("query", ["?ordning=-nasta&lage=aldrig", "?lage=fel", "?lage=snart"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_list_of_reviews_is_accessible(open_page, query, dark):
    page = open_page(REVIEWS + query, dark=dark)

    assert violations(page) == []
    assert open_page.messages == []


def test_list_is_filtered_and_ordered_without_script(open_page):
    page = open_page(REVIEWS, javascript=False)
    page.get_by_role("combobox", name="Ägare").select_option("kursansvarig")
    page.get_by_role("button", name="Visa sidor").click()
    page.get_by_role("link", name="Sida", exact=True).click()

    assert "agare=kursansvarig&ordning=sida" in page.url
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Sida ↑"
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Hämta listan som CSV").click()
    assert waiting.value.path().read_bytes().count(b"\r\n") == 7
