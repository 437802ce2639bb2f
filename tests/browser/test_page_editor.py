"""The page editor in Chromium: a text's way to its readers, two at once, steps, warnings."""

import json
import re
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_pages import AXE

BODY = ".field-body .ProseMirror"


def wait_until(page, expression):
    """Ask from here: the policy refuses the eval of Playwright's own wait_for_function."""
    for _ in range(300):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not in 30 seconds: {expression}")


def write_at_end(page, text, box=BODY):
    page.click(f"{box} > :last-child")
    page.keyboard.press("Control+End")
    # The box hears of the new place a moment after the browser; at most a cell's ends follow.
    state = f"document.querySelector({box!r}).editor.state"
    wait_until(page, f"{state}.doc.content.size - {state}.selection.to <= 4")
    page.keyboard.press("Enter")
    page.keyboard.type(text)


def press(page, word):
    """Press one of the body's buttons."""
    page.locator(".field-body .prose-menubar").get_by_role("button", name=word, exact=True).click()


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Spara utkast").click()
    page.wait_for_selector(".field-body .prose-menubar[role=toolbar]")


def follow(page, word):
    with page.expect_navigation():
        page.get_by_role("link", name=word, exact=True).click()


def submit(page, word):
    with page.expect_navigation():
        page.get_by_role("button", name=word, exact=True).click()


def stored_body(page):
    """The text as the server has it, from the form just opened."""
    return json.loads(page.input_value("[name=base]"))["texts"]["body"]


def read(page, server, slug):
    """A reader's answer, without the editor's session: (status, HTML)."""
    reader = page.context.browser.new_context()
    response = reader.request.get(f"{server}/om-forsakringsmedicin/prov-{slug}/")
    answer = response.status, response.text()
    reader.close()
    return answer


def violations(page):
    found = Axe().run(page, options=AXE).response["violations"]
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found
        for node in each["nodes"]
    ]


def test_a_text_goes_from_the_writer_to_its_readers(open_editor, server):
    writer = open_editor("vagen")
    assert "Läsaren ser version 1" in writer.inner_text(".page-standing")
    write_at_end(writer, "Ett nyskrivet stycke om bisamråd.")
    writer.keyboard.press("Enter")
    press(writer, "Rubrik 2")
    writer.keyboard.type("Vad som är nytt")
    save(writer)
    assert stored_body(writer).endswith(
        '<p>Ett nyskrivet stycke om bisamråd.</p><h2 id="vad-som-ar-nytt">Vad som är nytt</h2>'
    )
    assert '<h2 id="nar">När det gäller</h2>' in stored_body(writer)
    assert "Ditt utkast, version 2, är sparat" in writer.inner_text(".page-standing")

    writer.click(f"{BODY} h2 >> nth=0")
    writer.keyboard.press("End")
    writer.keyboard.type(" i dag")
    writer.click(f"{BODY} h2 >> nth=2")
    writer.keyboard.press("End")
    writer.keyboard.type("?")
    save(writer)
    assert '<h2 id="nar">När det gäller i dag</h2>' in stored_body(writer)
    assert '<h2 id="vad-som-ar-nytt">Vad som är nytt?</h2>' in stored_body(writer)
    assert "bisamråd" not in read(writer, server, "vagen")[1]

    with writer.expect_navigation():
        writer.get_by_role("button", name="Spara och skicka för granskning").click()
    writer.get_by_label("Till granskaren").fill("Se på slutet.")
    submit(writer, "Skicka för granskning")
    assert "väntar på granskning, skickad av dig" in writer.inner_text(".page-standing")
    assert writer.get_by_role("link", name="Godkänn och publicera").count() == 0

    reviewer = open_editor("vagen", by="granskare")
    assert "skickad av Redaktör Prov" in reviewer.inner_text(".page-standing")
    assert "”Se på slutet.”" in reviewer.inner_text(".page-standing")
    follow(reviewer, "Skillnad mot det läsaren ser")
    assert "Ett nyskrivet stycke om bisamråd." in " ".join(
        reviewer.locator(".difference ins").all_inner_texts()
    )
    reviewer.go_back()
    follow(reviewer, "Godkänn och publicera")
    submit(reviewer, "Godkänn och publicera ändå")

    status, html = read(reviewer, server, "vagen")
    assert status == 200
    assert "bisamråd" in html
    reviewer.goto(f"{server}/sok/?q=bisamråd")
    assert "Prov av vagen" in reviewer.inner_text("main")


def test_a_new_page_is_named_after_its_heading_until_somebody_names_it(open_editor, server):
    page = open_editor("vagen")
    page.goto(f"{server}/admin/guidance/page/add/")
    page.fill("[name=text-title]", "Åtgärder vid långvarig smärta: så gör du!")
    page.press("[name=text-title]", "Tab")
    assert page.input_value("[name=slug]") == "atgarder-vid-langvarig-smarta-sa-gor-du"
    assert page.input_value("[name=nav_title]") == "Åtgärder vid långvarig smärta: så gör du!"

    page.fill("[name=slug]", "smarta")
    page.fill("[name=text-title]", "Långvarig smärta")
    page.press("[name=text-title]", "Tab")
    assert page.input_value("[name=slug]") == "smarta"


def test_saving_without_a_change_leaves_a_text_in_review(open_editor):
    writer = open_editor("tangent")
    write_at_end(writer, "Till granskning.")
    with writer.expect_navigation():
        writer.get_by_role("button", name="Spara och skicka för granskning").click()
    submit(writer, "Skicka för granskning")
    reviewer = open_editor("tangent", by="granskare")
    save(reviewer)

    assert "Inget är ändrat" in reviewer.inner_text(".messagelist")
    assert "väntar på granskning" in reviewer.inner_text(".page-standing")
    assert reviewer.get_by_role("link", name="Godkänn och publicera").count() == 1


def test_scheduled_restored_and_withdrawn(open_editor, server):
    writer, reviewer = open_editor("schema"), open_editor("schema", by="granskare")
    write_at_end(writer, "Gäller från nyår.")
    with writer.expect_navigation():
        writer.get_by_role("button", name="Spara och skicka för granskning").click()
    submit(writer, "Skicka för granskning")
    reviewer.reload()
    follow(reviewer, "Godkänn och publicera")
    tomorrow = datetime.now() + timedelta(days=1)
    reviewer.get_by_label("Publiceras").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    submit(reviewer, "Godkänn och publicera ändå")
    assert "Version 2 publiceras" in reviewer.inner_text(".page-standing")
    assert "Läsaren ser version 1" in reviewer.inner_text(".page-standing")
    assert "nyår" not in read(reviewer, server, "schema")[1]

    writer.reload()
    follow(writer, "Versioner")
    writer.get_by_role("link", name=re.compile("Återställ som utkast ?: version 1")).click()
    submit(writer, "Återställ som utkast")
    assert "nyår" not in writer.inner_text(BODY)
    assert "version 3" in writer.inner_text(".page-standing")

    reviewer.reload()
    follow(reviewer, "Avpublicera")
    reviewer.get_by_label("Varför sidan inte längre gäller").fill("Ersatt av en nyare rutin.")
    reviewer.get_by_label("Ersatt av").select_option(label="Prov utan")
    submit(reviewer, "Avpublicera")
    assert "Läsaren ser inte sidan" in reviewer.inner_text(".page-standing")
    status, html = read(reviewer, server, "schema")
    assert status == 410
    assert "Ersatt av en nyare rutin." in html
    assert 'href="/om-forsakringsmedicin/prov-utan/"' in html


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_second_to_save_sees_both_texts(look, open_editor):
    kind = {"dark": look == "dark", "width": 390 if look == "phone" else 1366}
    first, second = open_editor("konflikt"), open_editor("konflikt", by="granskare", **kind)
    write_at_end(first, f"Den förstas stycke {look}.")
    write_at_end(second, f"Den andras stycke {look}.")
    save(first)
    submit(second, "Spara utkast")

    columns = second.locator(".conflict-columns > div")
    words = [f"Den förstas stycke {look}." in text for text in columns.all_inner_texts()]
    assert words == [False, True, False]
    words = [f"Den andras stycke {look}." in text for text in columns.all_inner_texts()]
    assert words == [False, False, True]
    assert violations(second) == []

    submit(second, "Spara min version som nytt utkast")
    assert f"Den andras stycke {look}." in stored_body(second)
    assert f"Den förstas stycke {look}." not in stored_body(second)
    theirs = int(re.search(r"version (\d+)", first.inner_text(".page-standing p >> nth=1"))[1])
    second.goto(re.sub(r"change/$", f"versioner/{theirs}/", second.url))
    assert f"Den förstas stycke {look}." in second.inner_text("main")


def steps_of(page):
    content = json.loads(page.input_value("[name=base]"))["steps"]
    return [(step["title"], step["anchor"]) for step in content]


def test_steps_are_added_ordered_and_removed_with_the_keyboard(open_editor):
    page = open_editor("steg")
    kept = {step["uuid"] for step in json.loads(page.input_value("[name=base]"))["steps"]}
    page.get_by_role("button", name="Flytta ner: Först").press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Flytta ner: Först"
    assert page.inner_text("[data-step-told]") == "Först är nu steg 2 av 3."
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Flytta upp: Först"
    page.get_by_role("button", name="Lägg till ett steg").press("Enter")
    page.keyboard.type("Efteråt")
    box = page.locator("[data-step]").last.locator(".ProseMirror")
    box.click()
    page.keyboard.type("Följ upp.")
    page.get_by_role("button", name="Flytta upp: Efteråt").press("Enter")
    save(page)
    assert steps_of(page) == [
        ("Sedan", "sedan"), ("Sist", "sist"), ("Efteråt", "efterat"), ("Först", "forst"),
    ]  # fmt: skip
    assert kept < {step["uuid"] for step in json.loads(page.input_value("[name=base]"))["steps"]}

    page.get_by_role("button", name="Ta bort: Sist").press("Enter")
    page.get_by_role("button", name="Ta bort: Först").press("Enter")
    page.get_by_role("button", name="Ångra: Först").press("Enter")
    save(page)
    assert [title for title, _ in steps_of(page)] == ["Sedan", "Efteråt", "Först"]


def leaves_with_warning(page):
    """Whether the browser asks before the page is left."""
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(700)
    return asked == ["beforeunload"]


def test_unsaved_changes_warn_before_they_are_lost(open_editor):
    page = open_editor("varning")
    page.click(f"{BODY} p >> nth=0")
    assert not leaves_with_warning(page)
    page.wait_for_selector(".field-body .prose-menubar[role=toolbar]")

    page.click(f"{BODY} p >> nth=0")
    page.keyboard.type("Nytt. ")
    assert page.inner_text("[data-save-state]") == "Du har ändringar som inte är sparade."
    assert leaves_with_warning(page)
    save(page)
    page.click(BODY)
    assert not leaves_with_warning(page)
    page.get_by_label("Ingress").fill("En ny ingress.")
    assert leaves_with_warning(page)
    # Saving by the keyboard.
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert page.input_value("[name=text-lead]") == "En ny ingress."
    page.get_by_role("button", name="Lägg till ett steg").click()
    assert leaves_with_warning(page)


def test_without_script_the_form_says_so_and_keeps_the_text(open_editor, server):
    page = open_editor("utan", javascript=False)
    assert "kör inte JavaScript" in page.inner_text("noscript")
    assert not page.get_by_role("button", name="Lägg till ett steg").is_visible()
    body = page.input_value("[name=text-body]")
    page.fill("[name=text-body]", body + "<h2>Nytt</h2><p onclick=x()>Rad<script>y()</script></p>")
    submit(page, "Spara utkast")
    assert stored_body(page) == body + '<h2 id="nytt">Nytt</h2><p>Rad</p>'
    submit(page, "Spara utkast")
    assert "Inget är ändrat" in page.inner_text(".messagelist")
    assert stored_body(page) == body + '<h2 id="nytt">Nytt</h2><p>Rad</p>'


LOOKS = {
    "light": {}, "dark": {"dark": True}, "phone": {"width": 390},
    "dark phone": {"dark": True, "width": 390},
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_every_view_of_the_editor_is_accessible(look, open_editor):
    page = open_editor("axe", by="redaktör", **LOOKS[look])
    write_at_end(page, f"Ett ord om {look}.")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.get_by_role("button", name="Lägg till ett steg").click()
    assert violations(page) == []
    page.keyboard.type("Steg att prova")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    press(page, "Länk")
    page.keyboard.type("samtycke")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ta bort: Steg att prova").click()
    save(page)

    form = page.url
    number = int(re.search(r"version (\d+), är sparat", page.inner_text(".page-standing"))[1])
    for path in (
        "versioner/", f"versioner/1..{number}/", f"versioner/{number}/",
        f"versioner/{number}/granska/", f"versioner/{number}/aterstall/",
    ):  # fmt: skip
        page.goto(form.replace("change/", path))
        assert (path, violations(page)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    reviewer = open_editor("axe", by="granskare", **LOOKS[look])
    for path in (
        f"versioner/{number}/publicera/", f"versioner/{number}/skicka-tillbaka/",
        "versioner/1/avpublicera/",
    ):  # fmt: skip
        reviewer.goto(form.replace("change/", path))
        assert (path, violations(reviewer)) == (path, [])
    submit(reviewer, "Avpublicera")
    assert reviewer.locator(".errorlist").count() == 1
    assert violations(reviewer) == []
