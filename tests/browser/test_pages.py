"""Every page type as Chromium sees it: axe, reflow, keyboard, console, cookies, print."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGE_TYPES = {
    "start": "/",
    "guideline": "/sjukskrivningsprocessen/",
    "guidance": "/intyg/skriva-bra-intyg/",
    "timeline": "/sjukskrivningsprocessen/tidslinje/",
    "steps as sections": "/rehabkoordinering/koordinering-steg-for-steg/",
    "certificates": "/intyg/",
    "consent rules": "/sekretess-och-samtycke/samtyckesguide/",
    "record phrases": "/sekretess-och-samtycke/samtycke/",
    "access guides": "/behorigheter/bestall-behorighet/",
    "actors": "/samverkan/",
    "structure": "/organisation/",
    "roles": "/organisation/roller-och-ansvar/",
    "role": "/organisation/roller-och-ansvar/rehabkoordinator/",
    "units": "/organisation/enheter/",
    "units, none found": "/organisation/enheter/?q=finnsinte",
    "units, bad filter": "/organisation/enheter/?typ=finnsinte",
    "unit with vacancy": "/organisation/enheter/SE0000000000-E1005/",
    "contact functions": "/organisation/kontaktfunktioner/",
    "agreements": "/organisation/overenskommelser/",
    "decisions": "/organisation/finansiering/",
    "forums": "/om-forsakringsmedicin/nationella-aktorer/",
    "key figures": "/om-forsakringsmedicin/statistik-om-sjukskrivning/",
    "courses": "/kompetens/kurser/",
    "course": "/kompetens/kurser/introduktion-for-rehabkoordinatorer/",
    "calendar": "/kompetens/kalender/",
    "calendar, filtered": "/kompetens/kalender/?malgrupp=lakare&form=digital",
    "calendar, nothing left": "/kompetens/kalender/?ort=Provstad&form=digital&oppna=on",
    "calendar, month": "/kompetens/kalender/?vy=manad",
    "following courses": "/kompetens/kalender/folj/",
    "training on request": "/kompetens/bestall-utbildning/",
    "competence areas": "/kompetens/kompetensomraden/",
    "indicators": "/uppfoljning/indikatorer/",
    "indicator": "/uppfoljning/indikatorer/sjuk-1000/",
    "distance to median": "/uppfoljning/indikatorer/sjuk-1000-median/",
    "unit report": "/uppfoljning/enheter/SE0000000000-E1001/",
    "unit without values": "/uppfoljning/enheter/SE0000000018-E2002/",
    "yearly cycle": "/uppfoljning/arshjul/",
    "documents": "/dokument/",
    "document": "/dokument/samtycke-arbetsgivare/",
    "laws": "/lagar-och-regler/",
    "glossary": "/ordlista/",
    "news": "/aktuellt/",
    "reviews": "/om-webbplatsen/granskning/",
    "accessibility statement": "/om-webbplatsen/tillganglighet/",
    "search, empty": "/sok/",
    "search, hits": "/sok/?q=samtycke",
    "search, none": "/sok/?q=xyzzyplugh",
    "not found": "/finns-inte/",
    "gone": "/organisation/enheter/SE0000000000-E1099/",
}
EXPECTED_ERRORS = {"not found": 404, "gone": 410}
AXE = {
    # Its preload asks for stylesheets' imports at the wrong address, which gives a 404.
    "preload": False,
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "EN-301-549",
        "best-practice",
    ],
    "resultTypes": ["violations"],
}

each_page_type = pytest.mark.parametrize("kind", PAGE_TYPES)


@each_page_type
def test_axe_finds_nothing(open_page, kind):
    page = open_page(PAGE_TYPES[kind])
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=AXE).response["violations"]

            told = [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
            assert told == [], (scheme, width)


@each_page_type
def test_page_is_silent_and_fits_320_px(open_page, kind):
    page = open_page(PAGE_TYPES[kind], width=320)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    wanted = EXPECTED_ERRORS.get(kind)
    said = [m for m in open_page.messages if not (wanted and f"status of {wanted}" in m)]

    assert overflow <= 0
    assert said == []
    assert page.context.cookies() == []


@pytest.mark.parametrize("kind", ["guideline", "calendar", "indicator", "unit with vacancy"])
def test_text_spacing_of_wcag_1412_fits_320_px(open_page, kind):
    page = open_page(PAGE_TYPES[kind], width=320)
    # Set through the object model, which the policy allows; an inline sheet it would not.
    page.evaluate(
        """const sheet = new CSSStyleSheet();
        sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
            word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
        document.adoptedStyleSheets = [sheet];"""
    )

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@each_page_type
def test_text_of_twice_its_size_fits_a_telephone(open_page, kind):
    page = open_page(PAGE_TYPES[kind], width=390)
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("url", ["indikatorer/langa-90/", "enheter/SE0000000000-E1003/"])
@pytest.mark.parametrize("width", [320, 390])
def test_tables_of_figures_fit_a_telephone(open_page, url, width):
    page = open_page(f"/uppfoljning/{url}", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    beyond = "boxes => boxes.map(each => each.scrollWidth - each.clientWidth)"

    found = page.locator(".table-scroll").evaluate_all(beyond)
    assert found == [0] * len(found)
    assert len(found) > 2


def test_text_of_twice_its_size_beside_a_wide_table_fits_a_screen(open_page):
    page = open_page(PAGE_TYPES["competence areas"], width=1366)
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    table = page.locator(".areas-matrix").bounding_box()
    assert table["width"] > 1366
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def focused(page):
    return page.evaluate(
        "(document.activeElement.textContent || document.activeElement.name).trim()"
        " || document.activeElement.name"
    )


def test_lists_of_links_have_no_bullets(open_page):
    shown = "lists => lists.map(each => getComputedStyle(each).listStyleType)"
    for kind in ("start", "unit report", "document"):
        lists = open_page(PAGE_TYPES[kind]).eval_on_selector_all("footer ul, .link-list", shown)
        assert len(lists) > 1, kind
        assert set(lists) == {'""'}, kind


def test_keyboard_goes_skip_link_logo_menu_search_then_page(open_page):
    page = open_page("/sjukskrivningsprocessen/", width=390)
    order = []
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(focused(page))

    assert order[0] == "Hoppa till innehållet"
    assert order[1].startswith("Försäkringsmedicin")
    assert order[2:] == ["Meny", "q", "Sök"]


def test_skip_link_moves_focus_to_the_content(open_page):
    page = open_page("/sjukskrivningsprocessen/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_menu_opens_and_closes_by_keyboard(open_page):
    page = open_page("/", width=390)
    menu = page.locator("#menu")
    page.get_by_role("button", name="Meny").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Stöd i patientmötet"
    page.keyboard.press("Escape")

    assert not menu.is_visible()
    assert focused(page) == "Meny"


def test_everything_works_without_javascript(open_page):
    page = open_page("/organisation/enheter/", javascript=False)
    page.get_by_label("Enhet, ort eller HSA-id").fill("skissvik")
    page.get_by_role("button", name="Visa enheter").click()
    assert page.get_by_role("heading", level=2).first.inner_text() == "2 enheter"
    page.get_by_role("link", name="Vårdcentralen Skissvik").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Vårdcentralen Skissvik"
    expect(page.get_by_text("Vakant", exact=True).first).to_be_visible()


def test_clinician_finds_the_certificate_page_by_search_in_two_steps(open_page):
    page = open_page("/", width=390)
    page.get_by_label("Sök stöd, enhet, roll eller kurs").fill("fk7804")
    page.keyboard.press("Enter")
    page.locator("main .hit-list a").first.click()

    assert page.url.endswith("/intyg/lakarintyg-for-sjukpenning/")


def test_reader_chooses_dark_and_goes_back_to_automatic(open_page):
    page = open_page("/intyg/")
    page.get_by_role("button", name="Mörkt").click()
    assert page.url.endswith("/intyg/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert [cookie["name"] for cookie in page.context.cookies()] == ["utseende"]
    page.get_by_role("button", name="Automatiskt").click()

    assert page.locator("html").get_attribute("data-theme") is None
    assert page.context.cookies() == []


def test_print_keeps_text_and_meta_and_drops_navigation(open_page):
    page = open_page("/sjukskrivningsprocessen/", dark=True)
    page.emulate_media(media="print")

    for hidden in (".site-footer", ".side-nav", ".search-form", ".main-nav", ".contents-list"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in ("h1", ".page-meta", ".brief", ".steps", ".contact-card"):
        expect(page.locator(shown).first).to_be_visible()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert background in {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)", "rgb(250, 250, 247)"}
    assert ink == "rgb(25, 42, 43)"


@pytest.mark.parametrize("kind", ["unit with vacancy", "unit report"])
def test_first_heading_stands_free_of_the_page_header_on_paper(open_page, kind):
    page = open_page(PAGE_TYPES[kind])
    page.emulate_media(media="print")
    header = page.locator("main .page-header").bounding_box()
    heading = page.locator("main h2").first.bounding_box()

    assert heading["y"] - (header["y"] + header["height"]) >= 10


def test_print_of_a_course_leaves_out_past_occasions(open_page):
    page = open_page("/kompetens/kurser/lunchseminarium-om-intyg/")
    expect(page.locator("summary", has_text="Tidigare tillfällen")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.locator("summary", has_text="Tidigare tillfällen")).to_be_hidden()
    expect(page.get_by_role("heading", name="Om kursen")).to_be_visible()


def test_forced_colours_keep_the_current_menu_item_apart(open_page):
    page = open_page("/intyg/")
    page.emulate_media(forced_colors="active")
    current, other = (
        page.evaluate(
            "selector => getComputedStyle(document.querySelector(selector)).borderBottomColor",
            selector,
        )
        for selector in (".main-nav a[aria-current]", ".main-nav a:not([aria-current])")
    )

    assert current != other
