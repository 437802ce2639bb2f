"""The control of a text, a shared preview and a confirmation, as Chromium shows them."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

NARROW = 390


def faults(page):
    """What axe finds in light and in dark, and whether a narrow page scrolls sideways."""
    found, said = [], list(getattr(page, "messages", []))
    wide_before = page.viewport_size["width"]
    for width, scheme in ((wide_before, "light"), (NARROW, "dark"), (320, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [each["id"] for each in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"sideways at {width}")
        if folder := os.environ.get("PORTAL_SCREENSHOTS"):
            name = page.url.split("/")[-2] if "forhandsgranska" not in page.url else "preview"
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": wide_before, "height": 900})
    page.emulate_media(color_scheme="light")
    if hasattr(page, "messages"):
        page.messages[:] = said  # axe has some of its own
    return found


def test_check_share_publish_and_confirm(open_editor, chromium):
    page = open_editor("kontroll")
    page.locator("[name=text-lead]").fill("Det kommer snart.")
    page.get_by_role("button", name="Spara och kontrollera").click()
    page.get_by_role("heading", name="Inget hindrar publicering").wait_for()
    assert faults(page) == []

    page.get_by_role("link", name="Gå till fältet för: Ingress").click()
    page.wait_for_selector("#falt-text-lead:target")
    expect(page.locator("[name=text-lead]")).to_be_visible()

    page.get_by_role("link", name="Dela förhandsvisning").click()
    page.get_by_role("button", name="Dela förhandsvisning").click()
    address = page.get_by_label("Adress", exact=True).input_value()
    assert faults(page) == []

    reader = chromium.new_context(locale="sv-SE")
    shared = reader.new_page()
    said = []
    shared.on("console", lambda message: said.append(message.text))
    shared.goto(address)
    expect(shared.get_by_text("Utkast, inte publicerat.")).to_be_visible()
    assert reader.cookies() == []
    assert said == []
    assert faults(shared) == []

    page.get_by_role("button", name="Återkalla länken").click()
    page.get_by_text("Länken är återkallad").wait_for()
    assert shared.reload().status == 410
    assert faults(shared) == []
    reader.close()


def test_publish_form_with_errors_and_confirmation(open_editor):
    page = open_editor("kontroll", "change/", by="redaktör")
    page.evaluate(
        """() => {
          const form = document.querySelector("[data-page-form]");
          const box = form.querySelector("[name=text-body]");
          box.value = '<h2 id="nar">När</h2><p><a href="sida:borta">dit</a></p>'
            + '<p>Ring 08-123 456 78. Det införs snart.</p><h2 id="vem">Vem</h2>';
          const pressed = document.createElement("input");
          pressed.type = "hidden"; pressed.name = "_submit"; pressed.value = "1";
          form.append(pressed);
          HTMLFormElement.prototype.submit.call(form);
        }"""
    )
    page.get_by_role("heading", name="sak hindrar publicering").wait_for()
    page.get_by_role("button", name="Skicka för granskning").click()
    page.wait_for_url("**/change/")
    number = (
        page.get_by_role("link", name="Kontrollera texten").get_attribute("href").split("/")[-3]
    )

    reviewer = open_editor("kontroll", f"versioner/{number}/publicera/", by="granskare")
    expect(reviewer.get_by_role("heading", name="1 sak hindrar publicering")).to_be_visible()
    expect(reviewer.get_by_role("link", name="Rätta i texten")).to_be_visible()
    assert faults(reviewer) == []

    confirming = open_editor("kontroll", "versioner/1/bekrafta/", by="granskare")
    assert faults(confirming) == []
    confirming.get_by_label("Anteckning").fill("Jämförd med lagtexten.")
    confirming.get_by_role("button", name="Bekräfta oförändrad").click()
    confirming.get_by_text("Sidan är bekräftad oförändrad").wait_for()
    confirming.get_by_role("link", name="Läsarens sida").click()
    expect(confirming.get_by_text("Bekräftad oförändrad")).to_be_visible()
    assert faults(confirming) == []
