"""What comes out of the printer: Chromium's own PDF, read as text."""

import re
import shutil
import subprocess
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe

SECTION = "/sjukskrivningsprocessen/utskrift/"


def sheets(page, folder):
    """The text of each sheet of the page as it is printed."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext saknas (Debian: apt-get install poppler-utils)")
    path = folder / "print.pdf"
    page.pdf(path=path, format="A4", prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in told
    read = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    return read.stdout.split("\f")[:-1]


@pytest.mark.parametrize(
    ("path", "version"),
    [(SECTION, "Senast ändrad "), ("/sekretess-och-samtycke/samtycke/utskrift/", "Version 1, ")],
)
def test_every_sheet_says_where_it_came_from_and_when(open_page, server, tmp_path, path, version):
    printed = sheets(open_page(path), tmp_path)

    address = server + path.removesuffix("utskrift/")
    year = date.today().year
    assert len(printed) >= 3
    for number, sheet in enumerate(printed, start=1):
        assert f"{address} · utskriven " in sheet, number
        assert re.search(rf"{version}\d+ \w+ {year}", sheet), number
        assert f"sida {number} av {len(printed)}" in sheet, number
    assert open_page.messages == []


def test_no_heading_stands_last_on_a_sheet(open_page, tmp_path):
    page = open_page(SECTION)
    titles = {title.strip() for title in page.locator(":is(h2, h3)").all_inner_texts()}

    last = [
        lines[-2].strip()
        for sheet in sheets(page, tmp_path)[1:]  # the first is the list of them
        if len(lines := [line for line in sheet.splitlines() if line.strip()]) > 2
    ]

    assert "Omfattning" in titles
    assert [line for line in last if line in titles] == []


@pytest.mark.parametrize(("width", "dark"), [(1366, False), (320, True)])
def test_print_document_is_readable_on_a_screen(open_page, width, dark):
    page = open_page(SECTION, width=width, dark=dark)

    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert open_page.messages == []


# -- other pages ------------------------------------------------------------------------------


def test_unit_is_printed_from_the_first_sheet_without_forms(open_page, tmp_path):
    printed = sheets(open_page("/organisation/enheter/SE0000000000-E1001/"), tmp_path)

    assert "Kontakter efter roll" in printed[0]
    assert "Hanna Demosson" in printed[0]
    everything = "".join(printed)
    for words in ("Vem koordinerar?", "Visa den dagen", "Gör till min enhet", "Rapportera fel"):
        assert words not in everything


def test_calendar_is_printed_with_the_way_to_it_and_without_forms(open_page, tmp_path):
    everything = "".join(sheets(open_page("/kompetens/kalender/"), tmp_path))

    assert "Lunchseminarium" in everything
    assert "läsa av koden med kameran" in everything
    for words in ("Din e-postadress", "Prenumerera\n", "Månad", "Rensa"):
        assert words not in everything


def test_report_of_a_unit_is_one_sheet(open_page, tmp_path):
    (sheet,) = sheets(open_page("/uppfoljning/enheter/SE0000000000-E1004/"), tmp_path)

    assert "Registrerade koordineringsinsatser" in " ".join(sheet.split())
    assert "så mycket kan värdet skilja sig av slumpen" in sheet
