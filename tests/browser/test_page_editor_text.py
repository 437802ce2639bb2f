"""The editing box in Chromium: the toolbar, pasting, links, tables, boxes, long texts."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_page_editor import (
    BODY,
    press,
    save,
    stored_body,
    wait_until,
    write_at_end,
)

# As Word puts it on the clipboard: lists as paragraphs, a header row that is repeated, bold
# headings, smart tags, a picture from the disk and an empty paragraph.
WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {mso-style-parent:""; margin:0cm;} --></style></head>
<body lang=SV style='tab-interval:65.2pt'><!--StartFragment-->
<h1><b>Rutin vid <st1:place w:st="on">Exempelstad</st1:place></b></h1>
<p class=MsoNormal style='mso-pagination:none'>Gäller <b>alla</b> enheter.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>Ring</p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'>
<![if !supportLists]><span style='mso-list:Ignore'>o&nbsp; </span><![endif]>på telefontid</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='mso-list:Ignore'>·&nbsp; </span><![endif]>Skriv</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'>
<![if !supportLists]><span style='mso-list:Ignore'>1.&nbsp; </span><![endif]>Bedöm</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'>
<![if !supportLists]><span style='mso-list:Ignore'>2.&nbsp; </span><![endif]>Planera</p>
<p class=MsoNormal><img width=10 src="file:///C:/Users/x/clip_image001.png">Se <a
href="#_Toc1">nedan</a>.</p>
<table class=MsoTableGrid border=1 style='mso-yfti-tbllook:1184'>
<thead><tr><td width=200><p class=MsoNormal><b>Dag</b></p></td><td><p class=MsoNormal><b>Vem</b>
</p></td></tr></thead>
<tr><td><p class=MsoNormal>8</p></td><td><p class=MsoNormal>Läkaren</p></td></tr>
</table><!--EndFragment--></body></html>
"""
CLEAN = (
    '<h2 id="rutin-vid-exempelstad">Rutin vid Exempelstad</h2>'
    "<p>Gäller <strong>alla</strong> enheter.</p>"
    "<ul><li>Ring<ul><li>på telefontid</li></ul></li><li>Skriv</li></ul>"
    "<ol><li>Bedöm</li><li>Planera</li></ol><p>Se nedan.</p>"
    '<table><thead><tr><th scope="col">Dag</th><th scope="col">Vem</th></tr></thead>'
    "<tbody><tr><td>8</td><td>Läkaren</td></tr></tbody></table>"
)
GOOGLE = (
    '<b id="docs-internal-guid-1" style="font-weight:normal"><h1 dir="ltr"><span>Plan</span></h1>'
    '<p dir="ltr"><span style="font-weight:700">Fet</span><span> och rak</span></p></b>'
)
ATTACK = (
    "<p onclick=alert(1)>Ord<img src=x onerror=alert(1)><script>alert(1)</script>"
    '<a href="javascript:alert(1)">länk</a><a href="//evil.example">annan</a></p>'
    '<p style="position:fixed" class="viktigt">till</p><iframe src="//evil.example"></iframe>'
)
PASTE = """([box, html]) => {
  const data = new DataTransfer()
  data.setData("text/html", html)
  data.setData("text/plain", "reserv")
  const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
  document.querySelector(box).dispatchEvent(paste)
}"""


def paste_over_all(page, html):
    page.click(BODY)
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.evaluate(PASTE, [BODY, html])
    # The browser tells what the policy refused of the pasted styles and scripts.
    page.wait_for_timeout(100)
    refused = "violates the following Content Security Policy"
    page.messages[:] = [text for text in page.messages if refused not in text]


@pytest.mark.parametrize(
    ("html", "stored"),
    [
        (WORD, CLEAN),
        (GOOGLE, '<h2 id="plan">Plan</h2><p><strong>Fet</strong> och rak</p>'),
        (ATTACK, "<p>Ordlänkannan</p><p>till</p>"),
    ],
    ids=["word", "google", "attack"],
)
def test_pasted_text_becomes_the_markup_of_texts(html, stored, open_editor):
    page = open_editor("word")
    paste_over_all(page, html)
    shown = page.inner_html(BODY)
    assert not re.search(r"mso|Mso|file:|<o:|st1|javascript:|onclick|onerror|evil", shown)
    save(page)

    assert re.sub(r"\s+", " ", stored_body(page)).replace("> <", "><") == stored


def samples():
    folder = os.environ.get("PORTAL_SAMPLE_DATA")
    patterns = ("html-paste/*/*.html", "html-xss/bleach/*.test")
    found = [path for each in patterns for path in sorted(Path(folder or ".").glob(each))]
    return found or [pytest.param(None, marks=pytest.mark.skip("PORTAL_SAMPLE_DATA is not set"))]


def test_foreign_files_are_pasted_clean(open_editor):
    if not os.environ.get("PORTAL_SAMPLE_DATA"):
        pytest.skip("PORTAL_SAMPLE_DATA is not set")
    page = open_editor("foreign")
    for path in samples():
        html = path.read_text(encoding="utf-8").partition("\n--\n")[0]
        paste_over_all(page, html)
        shown = page.evaluate(
            """box => {
          const every = [...document.querySelectorAll(`${box} *:not(.ProseMirror-separator)`)]
          return {
            tags: [...new Set(every.map((each) => each.localName))],
            attributes: [...new Set(every.flatMap((each) => each.getAttributeNames()))],
            hrefs: every.map((each) => each.getAttribute("href")).filter(Boolean),
            fake: every.some((each) => /^\\s*[·§]\\s/.test(each.textContent)),
          }
        }""",
            BODY,
        )
        known = (
            "p br strong em a h2 h3 h4 ul ol li blockquote table tbody tr th td div colgroup col"
        )
        assert (path.name, set(shown["tags"]) - set(known.split())) == (path.name, set())
        # The box's own on its empty last line and its tables, and those of the markup.
        allowed = (
            "href id class scope colspan rowspan lang style data-caption contenteditable start "
            "type data-type"
        )
        assert (path.name, set(shown["attributes"]) - set(allowed.split())) == (path.name, set())
        bad = [
            href for href in shown["hrefs"] if re.match(r"(?i)\s*(javascript|data|file|//)", href)
        ]
        assert (path.name, bad, shown["fake"]) == (path.name, [], False)


def test_links_are_made_edited_and_removed_with_the_keyboard(open_editor):
    page = open_editor("link")
    write_at_end(page, "samtycke")
    page.keyboard.press("Control+Shift+ArrowLeft")
    # The box hears of what was marked a moment after the browser.
    wait_until(page, f"!document.querySelector({BODY!r}).editor.state.selection.empty")
    page.keyboard.press("Shift+Tab")
    bar = page.locator(".field-body .prose-menubar")
    assert page.evaluate("document.activeElement.closest('[role=toolbar]') !== null")
    while page.evaluate("document.activeElement.textContent") != "Länk":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("samt munt")
    expect(page.locator("#link-choices li")).to_have_text(["Samtycke: Muntligt samtycke"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text("#link-told") == "Leder till Samtycke: Muntligt samtycke."
    page.keyboard.press("Enter")
    wait_until(page, f"document.querySelector({BODY!r}) === document.activeElement")
    save(page)
    assert re.search(r'<p><a href="sida:samtycke#[\w-]+">samtycke</a></p>$', stored_body(page))

    page.click(f"{BODY} a")
    bar.get_by_role("button", name="Länk", exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ingen sådan")
    page.keyboard.press("Enter")
    expect(page.locator("#link-told")).to_have_text("Ingen sida heter så.")
    page.keyboard.press("Control+a")
    page.keyboard.type("example.org/rutin")
    page.keyboard.press("Enter")
    save(page)
    assert stored_body(page).endswith('<p><a href="https://example.org/rutin">samtycke</a></p>')

    page.click(f"{BODY} a")
    bar.get_by_role("button", name="Ta bort länk").click()
    save(page)
    assert stored_body(page).endswith("<p>samtycke</p>")


def test_a_link_without_marked_words_takes_the_title(open_editor):
    page = open_editor("empty")
    write_at_end(page, "Se ")
    press(page, "Länk")
    page.keyboard.type(f"{page.url.split('/admin')[0]}/om-forsakringsmedicin/prov-utan/#vem")
    page.keyboard.press("Enter")
    save(page)
    assert stored_body(page).endswith('<p>Se <a href="sida:prov-utan#vem">Vem som gör</a></p>')


def test_a_page_that_is_saved_at_once_waits_for_its_link(open_editor):
    page = open_editor("hasty")
    write_at_end(page, "Se ")
    held, let_go = [], []
    page.route(
        "**/lankmal.json*", lambda route: route.continue_() if let_go else held.append(route)
    )
    press(page, "Länk")
    page.keyboard.type(f"{page.url.split('/admin')[0]}/om-forsakringsmedicin/prov-utan/")
    page.keyboard.press("Enter")
    wait_until(page, "!document.querySelector('dialog')")
    with page.expect_navigation():
        page.get_by_role("button", name="Spara utkast").click()
        let_go.append(True)
        for route in held:
            route.continue_()
    page.wait_for_selector(".field-body .prose-menubar[role=toolbar]")

    assert held
    assert 'href="sida:prov-utan"' in stored_body(page)


def test_a_table_is_made_and_comes_back(open_editor):
    page = open_editor("table")
    bar = page.locator(".field-body .prose-menubar")
    assert not bar.get_by_role("button", name="Ny rad").is_visible()
    write_at_end(page, "")
    press(page, "Tabell")
    for word in ("Dag", "Vem", "Var", "8", "Läkaren", "Webcert", "15", "FK", "Brev"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    # Tab in the last cell has made a row.
    press(page, "Ta bort rad")
    page.click(f"{BODY} th >> nth=2")
    press(page, "Ny kolumn")
    page.click(f"{BODY} th >> nth=3")
    page.keyboard.type("Svar")
    page.click(f"{BODY} td >> nth=0")
    press(page, "Ny rad")
    press(page, "Tabellens rubrik")
    page.keyboard.type("Dag för dag")
    page.keyboard.press("Enter")
    save(page)

    head = "".join(f'<th scope="col">{word}</th>' for word in ("Dag", "Vem", "Var", "Svar"))
    rows = ["8", "Läkaren", "Webcert", ""], [""] * 4, ["15", "FK", "Brev", ""]
    body = "".join(f"<tr>{''.join(f'<td>{word}</td>' for word in row)}</tr>" for row in rows)
    table = (
        f"<table><caption>Dag för dag</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
    assert table in stored_body(page)
    page.click(f"{BODY} p >> nth=0")
    page.keyboard.type("Ord. ")
    save(page)
    assert table in stored_body(page)


@pytest.mark.parametrize(
    ("word", "html"),
    [
        ("Viktigt", '<blockquote class="viktigt"><p>Orden viktigt</p></blockquote>'),
        ("Tips", '<blockquote class="tips"><p>Orden tips</p></blockquote>'),
        ("Formulering", '<blockquote class="fras"><p>Orden formulering</p></blockquote>'),
        ("Citat", "<blockquote><p>Orden citat</p></blockquote>"),
        ("Faktarad", '<ul class="fakta"><li>Orden faktarad</li></ul>'),
        ("Checklista", '<ul class="checklista"><li>Orden checklista</li></ul>'),
    ],
    ids=str,
)
def test_boxes_come_back(word, html, open_editor):
    page = open_editor("box")
    write_at_end(page, "Mellan")
    page.keyboard.press("Enter")
    page.keyboard.type(f"Orden {word.lower()}")
    press(page, word)
    button = page.locator(".field-body .prose-menubar").get_by_role("button", name=word)
    assert button.get_attribute("aria-pressed") == "true"
    save(page)
    assert html in stored_body(page)
    # Once more takes it away.
    page.click(f"{BODY} p:text-is('Orden {word.lower()}')")
    press(page, word)
    save(page)
    assert stored_body(page).endswith(f"<p>Orden {word.lower()}</p>")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_toolbar_is_one_stop_with_swedish_words(width, open_editor):
    page = open_editor("langd", width=width)
    bar = page.locator(".field-body .prose-menubar")
    assert bar.get_by_role("button").all_inner_texts() == [
        "Rubrik 2", "Rubrik 3", "Rubrik 4", "Stycke", "Fet", "Kursiv", "Punktlista",
        "Numrerad lista", "Checklista", "Faktarad", "Viktigt", "Tips", "Formulering", "Citat",
        "Länk", "Ta bort länk", "Tabell", "Ångra", "Gör om",
    ]  # fmt: skip
    assert bar.locator("[tabindex='0']").count() == 1
    page.click(f"{BODY} p >> nth=0")
    page.keyboard.press("Shift+Tab")
    now = "document.activeElement.textContent"
    assert page.evaluate(now) == "Rubrik 2"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(now) == "Gör om"
    seen = "getComputedStyle(document.activeElement).outlineWidth"
    assert page.evaluate(seen) == "3px"
    box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert box["left"] >= 0
    assert box["right"] <= width
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(now) == "Rubrik 3"
    page.keyboard.press("Escape")
    wait_until(page, f"document.activeElement === document.querySelector({BODY!r})")
    assert (
        page.evaluate("document.querySelector('.page-bar').getBoundingClientRect().bottom") <= 900
    )


def test_the_form_of_the_longest_guideline_opens_at_once(open_editor):
    page = open_editor("sjukskrivningsprocessen")
    times = []
    for _ in range(5):
        page.reload()
        page.wait_for_selector(
            "[data-step] .prose-menubar[role=toolbar] >> nth=10", state="attached"
        )
        times.append(page.evaluate("performance.now()"))
    # The best, since the machine may have other things to do.
    assert min(times) < 3000


def test_a_long_text_is_quick_to_type_in(open_editor):
    page = open_editor("langd")
    paragraphs = "".join(f"<h2>Del {n}</h2><p>{'ord ' * 200}</p>" for n in range(100))
    paste_over_all(page, paragraphs)
    took = page.evaluate(
        """async (box) => {
      const editor = document.querySelector(box).editor
      const times = []
      for (let n = 0; n < 20; n++) {
        const start = performance.now()
        editor.commands.insertContent("x")
        await new Promise(requestAnimationFrame)
        times.push(performance.now() - start)
      }
      return times.sort((a, b) => a - b)[10]
    }""",
        BODY,
    )
    assert took < 200
    save(page)
    assert stored_body(page).count("ord") == 20_000
