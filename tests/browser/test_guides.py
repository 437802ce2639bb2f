"""The guides as Chromium sees them, mostly with script turned off, as readers may have it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_pages import AXE

TIMELINE = "/sjukskrivningsprocessen/tidslinje/"
CERTIFICATES = "/intyg/"
CONSENT = "/sekretess-och-samtycke/samtyckesguide/"
ANSWERS = {
    "timeline": f"{TIMELINE}?forsta_dag=20260901&sysselsattning=anstalld"
    "&fran1=20260601&till1=20260828#svar",
    "timeline, self-employed": f"{TIMELINE}?forsta_dag=20260901&sysselsattning=egenforetagare",
    "timeline, faults": f"{TIMELINE}?forsta_dag=20260231&sysselsattning=x&fran1=1",
    "timeline, refused": f"{TIMELINE}?fel=personnummer#svar",
    "certificates": f"{CERTIFICATES}?dag=8&sysselsattning=arbetssokande#svar",
    "certificates, no answer": f"{CERTIFICATES}?dag=3&sysselsattning=studerande"
    "&mottagare=arbetsgivare",
    "certificates, faults": f"{CERTIFICATES}?dag=0&sysselsattning=anstalld",
    "consent, recipients": f"{CONSENT}?vem=privat#fraga",
    "consent, purposes": f"{CONSENT}?vem=offentlig&till=forsakringskassan#fraga",
    "consent, yes": f"{CONSENT}?vem=offentlig&till=arbetsgivare#svar",
    "consent, no": f"{CONSENT}?vem=offentlig&till=egen-personal#svar",
    "consent, no answer": f"{CONSENT}?vem=privat&till=forsakringskassan&syfte=s03#svar",
    "consent, unknown": f"{CONSENT}?vem=x#svar",
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_an_answer(open_page, kind, dark):
    page = open_page(ANSWERS[kind], dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=AXE).response["violations"]

        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


@pytest.mark.parametrize("kind", ANSWERS)
def test_answer_is_silent_fits_320_px_and_sets_no_cookie(open_page, kind):
    page = open_page(ANSWERS[kind], width=320)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert overflow <= 0
    assert open_page.messages == []
    assert page.context.cookies() == []


def test_clinician_gets_the_dates_by_typing_a_day(open_page):
    page = open_page(TIMELINE, width=390, javascript=False)
    page.emulate_media(reduced_motion="reduce")  # where the answer stands, not on its way
    page.get_by_label("Första sjukdagen").fill("1 jan 2026")
    page.get_by_label("Patienten är").select_option("Anställd")
    page.get_by_role("button", name="Visa datum").click()

    assert page.url.endswith("#svar")
    heading = page.locator("#svar")
    assert heading.inner_text() == "Tidslinje från torsdag 1 januari 2026"
    assert heading.bounding_box()["y"] < 200
    expect(page.get_by_text("tisdag 31 mars 2026").first).to_be_visible()
    assert page.get_by_label("Första sjukdagen").input_value() == "1 jan 2026"


def test_calendar_file_has_the_answers_days(open_page):
    page = open_page(ANSWERS["timeline"])
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Hämta som kalenderfil (.ics)").click()
    content = waiting.value.path().read_bytes()

    assert waiting.value.suggested_filename == "tidslinje.ics"
    # 89 days before are counted: day 90 is the new period's first.
    assert b"DTSTART;VALUE=DATE:20260901\r\n" in content
    assert b"SUMMARY:Dag 90: " in content


def test_consent_is_answered_in_three_presses(open_page):
    page = open_page(CONSENT, width=390, javascript=False)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("link", name="Privat vårdgivare", exact=True).click()
    assert page.locator("#val").bounding_box()["y"] < 300
    page.get_by_role("link", name="Försäkringskassan", exact=True).click()
    page.get_by_role("link", name="Egen kontakt, möte eller mer information").click()

    assert page.locator("#svar").inner_text() == "Inget granskat svar"
    assert page.locator("#svar").bounding_box()["y"] < 200
    page.get_by_role("link", name="Ändra syfte").click()
    expect(page.get_by_role("heading", name="3. Vad gäller det?")).to_be_visible()


def test_fault_leads_to_its_field_by_keyboard(open_page):
    page = open_page(f"{TIMELINE}?forsta_dag=i+g%C3%A5r&sysselsattning=anstalld")
    page.get_by_role("alert").get_by_role("link", name="Första sjukdagen").press("Enter")

    assert page.evaluate("document.activeElement.id") == "id_forsta_dag"
    described = page.locator("#id_forsta_dag").get_attribute("aria-describedby")
    assert described == "id_forsta_dag_helptext id_forsta_dag_error"


@pytest.mark.parametrize("kind", ["timeline", "certificates", "consent, yes"])
def test_answer_prints_alone_with_day_and_address(open_page, kind):
    page = open_page(ANSWERS[kind], dark=True)
    page.emulate_media(media="print")

    for hidden in (".guide-form", ".brief", ".rail", ".page-tools", "#underlag", "table"):
        if page.locator(hidden).count():
            assert not page.locator(hidden).first.is_visible(), hidden
    for shown in ("h1", "#svar"):
        expect(page.locator(shown).first).to_be_visible()
    printed = page.locator(".answer .print-only")
    expect(printed).to_be_visible()
    assert ANSWERS[kind].partition("#")[0] in printed.inner_text()


def test_page_without_an_answer_prints_the_guidance(open_page):
    page = open_page(CERTIFICATES)
    page.emulate_media(media="print")

    expect(page.locator("table").first).to_be_visible()
    expect(page.locator(".brief")).to_be_visible()
    assert not page.locator(".guide-form").is_visible()
