"""Two people at the import desk: a file whose names are doubtful becomes values, and is undone."""

import re
import subprocess
import sys

import pytest

from tests.followup.exports import UNITS, all_cases, flat, long_cases

from .conftest import ROOT
from .test_sign_in import PASSWORD, check, heading, sign_in

DESK = "/uppfoljning/import/"
MAKE = """
from django.contrib.auth.models import Group
from portal.accounts.models import User
for email in {emails!r}:
    user = User.objects.create_user(email, {password!r}, first_name=email[:4], is_staff=True)
    user.groups.add(Group.objects.get(name="uppföljningsansvarig"))
"""
EMAILS = ["anna-desk@exempelland.example.org", "bosse-desk@exempelland.example.org"]


@pytest.fixture(scope="module")
def importers(server, environment):
    code = MAKE.format(emails=EMAILS, password=PASSWORD)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
    )


@pytest.fixture
def desk_of(open_page, importers):
    """desk_of(0) → the desk, signed in as the first of the two."""

    def at_desk(who, **options):
        page = open_page("/konto/logga-in/", **options)
        sign_in(page, EMAILS[who])
        page.wait_for_url(re.compile("/(admin|konto)/$"))
        page.goto(page.url.partition("/admin")[0].partition("/konto")[0] + DESK)
        return page

    return at_desk


def choose(page, *contents, year="2025", name="rapport.xlsx"):
    page.locator("#id_indikator").select_option("langa-90")
    page.locator("#id_ar").fill(year)
    kind = "application/octet-stream"
    for field, content in zip(("#id_fil", "#id_namnare"), contents, strict=False):
        page.set_input_files(field, {"name": name, "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Granska filen").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_file_to_page_and_back(desk_of, open_page, javascript):
    women = 20 + javascript
    page = desk_of(0, width=390, height=844, javascript=javascript)
    choose(
        page,
        long_cases([[f"Norra vc Provstad {women}", 10 + women, women, 10]]),
        all_cases([[f"Norra vc Provstad {women}", 120, 70, 50]]),
    )
    assert heading(page) == "Sjukfall över 90 dagar 2025"
    page.get_by_label(UNITS[0]).check()
    page.get_by_role("button", name="Använd valen").click()
    page.get_by_role("button", name="Skicka för godkännande").click()
    assert "En annan uppföljningsansvarig ska godkänna den." in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Godkänn").count() == 0

    other = desk_of(1, javascript=javascript)
    other.goto(page.url)
    other.get_by_role("button", name="Godkänn och inför 3 värden").click()
    assert "Godkänd. 3 värden är införda." in other.locator("main").inner_text()
    other.get_by_role("link", name="Varifrån varje värde kommer").click()
    row = other.get_by_role("row").filter(has_text=UNITS[0]).filter(has_text="totalt")
    assert f"{10 + women} av 120" in row.inner_text()
    assert "tabell!B11" in row.inner_text()

    page.goto(page.url)
    page.get_by_text("Ångra hela inläsningen").click()
    page.get_by_role("button", name="Ångra inläsningen").click()
    assert "Värdena är som de var före inläsningen." in page.locator("main").inner_text()
    other.reload()
    assert f"{10 + women} av 120" not in row.inner_text()
    assert open_page.messages == []


def test_axe_finds_nothing_and_nothing_scrolls_sideways(desk_of):
    page = desk_of(0)
    check(page)
    choose(page, flat(*[f"SE0000000000-E1001;2024;flicka;{'a' * 200};-1"] * 3), name="fel.csv")
    assert page.title().startswith("Fel: ")
    check(page)
    choose(page, flat("SE0000000000-E1001;2025;total;1;2"), flat(), name="x" * 90 + ".csv")
    check(page)
    names = ["Norra vc Provstad", "x" * 100]
    rows = [[name, 30, 20, 10] for name in [*names, UNITS[1]]]
    choose(page, long_cases(rows), all_cases([[row[0], 900, 500, 400] for row in rows]))
    check(page)
    page.get_by_label("En annan enhet").first.check()
    page.get_by_role("button", name="Använd valen").click()
    assert page.title().startswith("Fel: ")
    check(page)
    page.get_by_label(UNITS[0]).check()
    page.get_by_label("Ta inte med dem som jag inte har svarat på").check()
    page.get_by_role("button", name="Använd valen").click()
    for details in page.locator("main details").all():
        details.locator("summary").click()
    check(page)
    page.get_by_role("button", name="Skicka för godkännande").click()
    address = page.url
    other = desk_of(1)
    other.goto(address)
    other.get_by_text("Avvisa i stället").click()
    check(other)
    other.get_by_role("button", name="Avvisa inläsningen").click()
    assert other.title().startswith("Fel: ")
    check(other)
    other.get_by_label("Varför avvisas den?").fill("Fel fil.")
    other.get_by_role("button", name="Avvisa inläsningen").click()
    check(other)
    other.goto(page.url.partition(DESK)[0] + DESK)
    check(other)
    other.goto(other.url + "varden/?indikator=langa-90&ar=2025")
    check(other)
