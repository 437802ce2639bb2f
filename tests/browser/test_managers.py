"""A manager on her telephone: signs in, sees what waits, changes staff, says that all is right."""

import re
import subprocess
import sys

import pytest

from .conftest import ROOT
from .test_sign_in import PASSWORD, check, heading, sign_in

MAKE = """
from organisation.models import Appointment, Role, Unit, UnitManager
from portal.accounts.models import User
user = User.objects.create_user({email!r}, {password!r}, first_name="Eva", last_name="Chef")
units = Unit.objects.public().filter(kind__code="vardcentral").order_by("hsa_id")[:2]
for unit in units:
    UnitManager.objects.create(unit=unit, user=user)
"""


@pytest.fixture(scope="module")
def manager(server, environment):
    email = "chef-webb@exempelland.example.org"
    code = MAKE.format(email=email, password=PASSWORD)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return email


def quiet(messages):
    """Chromium tells of answers that say what is to be mended."""
    told = r".*status of (409|422) "
    return [text for text in messages if not re.match(told, text)] == []


@pytest.mark.parametrize("javascript", [True, False])
def test_manager_sets_things_right_on_a_telephone(open_page, manager, javascript):
    page = open_page("/konto/logga-in/", width=390, height=844, javascript=javascript)
    sign_in(page, manager)
    assert heading(page) == "Mina enheter"
    page.locator(".unit-cards a.button").first.click()
    place = page.locator("details.place").first
    place.locator("summary").click()
    number = "070-111 22 3" + str(int(javascript))
    place.get_by_label("Läge").select_option("held")
    for label in ("Namn", "Personens HSA-id"):
        place.get_by_label(label, exact=True).fill("")
    place.get_by_role("button", name="Spara ändringarna").click()

    assert page.title().startswith("Fel: ")
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.id").endswith("-name")
    place = page.locator("details.place[open]").first
    place.get_by_label("Namn", exact=True).fill(f"Ny Chef {number[-1]}")
    place.get_by_label("Personens HSA-id").fill(f"SE0000000000-W{number[-1]}")
    place.get_by_label("Telefon", exact=True).fill(number)
    place.get_by_role("button", name="Spara ändringarna").click()

    assert "Sparat. Ett kvitto är på väg" in page.locator("main").inner_text()
    assert number in page.locator("details.place summary").first.inner_text()
    page.get_by_role("button", name="Allt stämmer").click()
    assert "Läsarna ser att uppgifterna är kontrollerade" in page.locator("main").inner_text()
    page.get_by_role("button", name="Ångra den sparningen").wait_for(state="detached")
    assert quiet(open_page.messages)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, manager):
    page = open_page("/konto/logga-in/")
    sign_in(page, manager)
    check(page)
    page.locator(".unit-cards a.button").last.click()
    address = page.url
    check(page)
    for summary in page.locator("details.place > summary").all():
        summary.click()
    check(page)
    page.get_by_label("Läge").first.select_option("shared")
    page.get_by_role("button", name="Spara ändringarna").last.click()
    assert page.title().startswith("Fel: ")
    check(page)
    page.goto(address.replace("redigera", "ersattare"))
    check(page)


def test_second_of_two_windows_sees_both(open_page, manager):
    page = open_page("/konto/logga-in/")
    sign_in(page, manager)
    page.locator(".unit-cards a.button").last.click()
    other = page.context.new_page()
    other.goto(page.url)
    for number, window in enumerate((page, other)):
        window.locator("#id_phone").fill(f"08-465 00 0{number}")
        window.get_by_role("button", name="Spara ändringarna").last.click()

    assert heading(other) == "Uppgifterna har sparats medan du skrev"
    check(other)
    other.get_by_label("Använd det du skrev").check()
    other.get_by_role("button", name="Spara mina ändringar").click()
    assert other.locator("#id_phone").input_value() == "08-465 00 01"
