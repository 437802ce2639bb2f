"""To follow a course and to ask for training: on a phone, without script, to the end."""

import subprocess
import sys

from playwright.sync_api import expect

from .conftest import ROOT

COURSE = "/kompetens/kurser/introduktion-for-rehabkoordinatorer/"
TOKEN = """
from education.following import token_of
from education.models import Subscription
print("token", token_of(Subscription.objects.get(address={address!r})))
"""
COUNT = """
from education.models import Subscription
print("left", Subscription.objects.filter(address={address!r}).count())
"""


def in_the_servers_database(environment, script, word):
    """What a script prints after a word."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return printed.split(f"{word} ", 1)[1].strip()


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def fits(page):
    """No button or field out of sight sideways, on a narrow phone."""
    return page.get_by_role("main").bounding_box()["width"] <= 320


def test_course_is_followed_confirmed_and_left(open_page, server, environment):
    address = "vera.prov@example.org"
    page = open_page(COURSE, width=320, javascript=False)
    page.get_by_text("Följ kursen med brev").click()
    page.get_by_label("Din e-postadress").fill("vera")
    page.get_by_role("button", name="Följ", exact=True).click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Vi kunde inte ta emot det")
    assert page.title().startswith("Fel: ")
    assert fits(page)
    summary.get_by_role("link").click()
    expect(page.get_by_label("Din e-postadress")).to_be_focused()
    expect(page.get_by_label("Din e-postadress")).to_have_value("vera")

    page.get_by_label("Din e-postadress").fill(address)
    page.get_by_label("Samlat en gång i veckan").check()
    page.get_by_role("button", name="Följ", exact=True).click()
    expect(page.get_by_text("Vi skickar ett brev till adressen du skrev.")).to_be_visible()

    token = in_the_servers_database(environment, TOKEN.format(address=address), "token")
    page.goto(f"{server}/kompetens/folj/{token}/")
    expect(page.get_by_text("samlat en gång i veckan")).to_be_visible()
    page.get_by_role("button", name="Ja, jag vill följa").press("Enter")
    expect(page.get_by_role("button", name="Ja, jag vill följa")).to_have_count(0)
    assert fits(page)

    page.goto(f"{server}/kompetens/folj/{token}/sluta/")
    page.get_by_role("main").get_by_role("button", name="Sluta följa").click()
    count = in_the_servers_database(environment, COUNT.format(address=address), "left")
    assert count == "0"
    assert open_page.messages == []
    assert page.context.cookies() == []


def test_training_is_asked_for_and_faults_are_mended(open_page):
    page = open_page("/kompetens/utbildningsstruktur/", width=320, javascript=False)
    page.get_by_role("main").get_by_role("link", name="Beställ utbildning").click()
    page.get_by_label("Vad vill ni lära er?").fill("Om patienten 19121212-1212")
    page.get_by_label("Ungefär hur många?").fill("många")
    page.get_by_role("button", name="Skicka beställningen").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Beställningen är inte skickad")
    assert page.title().startswith("Fel: ")
    assert summary.get_by_role("link").count() >= 6
    assert fits(page)
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Vad vill ni lära er?")).to_be_focused()

    page.get_by_label("Vad vill ni lära er?").fill("Hur vi skriver tydliga intyg")
    page.get_by_label("För vem?").fill("Läkare och kuratorer")
    page.get_by_label("Ungefär hur många?").fill("12")
    page.get_by_label("När?").fill("Mars, en eftermiddag")
    page.get_by_label("Vilken enhet?").fill("Vårdcentralen Provstad Norr")
    page.get_by_label("Ditt namn").fill("Vera Prov")
    page.get_by_label("Din e-postadress i arbetet").fill("vera.prov@example.org")
    page.get_by_role("button", name="Skicka beställningen").click()

    assert heading(page) == "Tack, beställningen är skickad"
    assert fits(page)
    assert open_page.messages == []
    assert page.context.cookies() == []
