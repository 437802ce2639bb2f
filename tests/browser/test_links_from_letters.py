"""The account pages that only a link in a letter, or a wrong door, leads to."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from .conftest import ROOT
from .test_sign_in import (  # noqa: F401  (fixtures)
    PASSWORD,
    accounts,
    check,
    heading,
    open_here,
    sign_in,
)

LINKS = """
import json, sys
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from portal.accounts.models import Invitation, User
user = User.objects.get(email={email!r})
invitation = Invitation(email="ny-{email}", invited_by=user)
token = invitation.renew()
invitation.save()
key = f"{{user_pk_to_url_str(user)}}-{{default_token_generator.make_token(user)}}"
print("links", json.dumps([token, key]))
"""


@pytest.fixture
def links(accounts, environment):  # noqa: F811
    """(address of an account, path of an invitation, path to choose a new password)"""
    email = accounts()
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", LINKS.format(email=email)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    token, key = json.loads(made.split("links ", 1)[1])
    return email, f"/konto/inbjudan/{token}/", f"/konto/losenord/glomt/{key}/"


def test_invited_person_chooses_name_and_password(open_here, links):  # noqa: F811
    email, invitation, _ = links
    page = open_here(invitation)
    assert heading(page) == "Välkommen"
    check(page)
    page.get_by_label("Förnamn").fill("Nora")
    page.get_by_label("Efternamn").fill("Nyqvist")
    page.get_by_label("Lösenord", exact=True).fill("kort")
    page.get_by_label("Lösenord igen").fill("kort")
    page.get_by_role("button", name="Skapa konto").click()
    assert page.get_by_role("alert").first.inner_text().startswith("En uppgift behöver rättas")
    check(page)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_label("Lösenord igen").fill(PASSWORD)
    page.get_by_role("button", name="Skapa konto").click()

    expect(page.get_by_text("Kontot är klart.")).to_be_visible()
    check(page)
    sign_in(page, f"ny-{email}")
    # Invited to the admin, so that is where the work is.
    assert page.url.endswith("/admin/")


def test_link_to_a_new_password_works_once(open_here, links):  # noqa: F811
    email, _, reset = links
    page = open_here(reset)
    assert heading(page) == "Välj nytt lösenord"
    check(page)
    page.get_by_label("Nytt lösenord", exact=True).fill(PASSWORD + "x")
    page.get_by_label("Nytt lösenord igen").fill(PASSWORD + "x")
    page.get_by_role("button", name="Spara lösenordet").click()
    assert heading(page) == "Lösenordet är bytt"
    check(page)
    page.goto(page.address + reset)
    assert heading(page) == "Länken gäller inte"

    page.goto(page.address + "/konto/logga-in/")
    sign_in(page, email, PASSWORD + "x")
    assert heading(page) == "Mitt konto"
    page.goto(page.address + "/admin/")
    assert heading(page) == "Ditt konto saknar behörighet"
    check(page)


def test_too_many_attempts_are_told_in_words(open_here):  # noqa: F811
    page = open_here("/konto/logga-in/")
    for _ in range(60):
        sign_in(page, "gissar@example.org", "fel")
        if "För många" in heading(page) + page.locator("main").inner_text():
            break

    assert "För många" in page.locator("main").inner_text()
    check(page)
