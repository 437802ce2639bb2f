"""A page's history as Chromium sees it: the list, one version, the difference, what is hidden."""

import json
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import ROOT
from .test_pages import AXE

MAKE_VERSIONS = """
from datetime import timedelta
from django.utils import timezone
from guidance import actions, rendering
from guidance.models import Page
from organisation.models import Role
from tests.factories import make_page, make_version

section = Page.objects.get(slug="om-forsakringsmedicin")
page = make_page(slug="prov-historik", nav_title="Prov historik", parent=section,
                 owner=Role.objects.first())
text = ('<h2 id="nar">När det gäller</h2><p>Gäller från dag {day} i sjukperioden, och {who} ringer '
        'arbetsgivaren.</p><h2 id="vem">Vem som gör</h2><p>Läkaren och teamet.</p>')
more = '<h2 id="sedan">Vad som händer sedan</h2><ul><li>Ny plan.</li><li>Ny tid.</li></ul>'
bodies = [text.format(day="åtta", who="läkaren"), text.format(day="femton", who="läkaren"),
          text.format(day="femton", who="rehabkoordinatorn") + more]
for number, body in enumerate(bodies, 1):
    version = make_version(
        page=page, number=number, title="Prov av historik", lead="En ingress.", body=body,
        publish_at=timezone.now() - timedelta(days=90 * (4 - number)), is_major=number > 1,
        change_note=["Första versionen.", "Dag femton.", "Koordinatorn ringer."][number - 1])
    if number == 1:
        version.suppressed_at, version.suppress_reason = timezone.now(), "Innehöll ett namn."
        version.save()
    rendering.render_version(version)
extra = make_page(slug="prov-historik-tva", nav_title="Två", parent=section,
                  owner=Role.objects.first())
for number in range(1, 31):
    rendering.render_version(make_version(
        page=extra, number=number, title="Många versioner", body=f"<p>Ord {number}.</p>",
        publish_at=timezone.now() - timedelta(days=40 - number)))
"""
PLACE = "/om-forsakringsmedicin/prov-historik/"
KINDS = {
    "history": f"{PLACE}versioner/",
    "one version": f"{PLACE}versioner/2/",
    "difference": f"{PLACE}versioner/2..3/",
    "hidden": f"{PLACE}versioner/1/",
    "labels": PLACE,
    "many": "/om-forsakringsmedicin/prov-historik-tva/versioner/?page=2",
    "same chosen": f"{PLACE}versioner/?fran=2&till=2",
    "news": "/aktuellt/?malgrupp=lakare",
}


@pytest.fixture(scope="module", autouse=True)
def _versions(server, environment):
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", MAKE_VERSIONS],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_390_and_320_px_are_enough(open_page, kind, dark):
    page = open_page(KINDS[kind], dark=dark)
    for width in (1366, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=AXE).response["violations"]

        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    said = [text for text in open_page.messages if "status of 410" not in text]
    assert said == []
    assert page.context.cookies() == []


def test_two_versions_are_chosen_and_compared_by_keyboard_without_javascript(open_page):
    page = open_page(KINDS["history"], javascript=False)
    page.get_by_label("Från").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/versioner/2..3/")
    assert page.locator("h1").inner_text() == "Skillnad mellan version 2 och 3"


def test_difference_is_read_without_colour(open_page):
    """Underlined and struck through, in words for who does not see it."""
    page = open_page(KINDS["difference"])

    style = "element => getComputedStyle(element).textDecorationLine"
    assert page.locator("main .difference ins").first.evaluate(style) == "underline"
    assert page.locator("main .difference del").first.evaluate(style) == "line-through"
    spoken = " ".join(page.locator("main .difference").first.text_content().split())
    assert re.search(r"borttaget: läkaren slut på borttaget tillagt: rehabkoordinatorn", spoken)


def test_label_is_beside_the_heading_and_not_in_its_name(open_page):
    page = open_page(PLACE)

    assert page.get_by_role("heading", name="När det gäller", exact=True).count() == 1
    assert page.locator(".section-label").all_inner_texts() == [
        f"ändrad {year(page)}",
        f"ny {year(page)}",
    ]
    contents = json.dumps(page.locator(".contents-list").inner_text(), ensure_ascii=False)
    assert "ändrad" not in contents


def year(page):
    """The year of the latest version, by the page's own meta."""
    return re.search(r"Version\s*3, \d+ \w+ (\d{4})", page.locator(".page-meta").inner_text())[1]
