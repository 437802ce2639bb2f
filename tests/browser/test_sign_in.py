"""Signing in as a person does it: password, app, recovery code, passkey; every page by axe."""

import subprocess
import sys
import uuid

import pytest
from allauth.mfa.totp.internal import auth as totp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import ROOT
from .test_pages import AXE

PASSWORD = "Vinterdäck-och-kaffe-7"
EMAIL = "webb@exempelland.example.org"


@pytest.fixture(scope="module")
def accounts(server, environment):
    """Somebody new for each test, in the server's own database."""

    def make(*, staff=False):
        # Modules that share the server share its accounts too.
        email = f"{uuid.uuid4().hex[:8]}-{EMAIL}"
        code = (
            "from portal.accounts.models import User;"
            f"User.objects.create_user({email!r}, {PASSWORD!r}, is_staff={staff})"
        )
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        return email

    return make


@pytest.fixture
def open_here(open_page, server):
    """Passkeys belong to a host name, so these pages are opened at localhost."""
    host = server.replace("127.0.0.1", "localhost")

    def open_at(path, **options):
        page = open_page("/konto/utloggad/", **options)
        page.goto(host + path)
        page.address = host
        return page

    open_at.messages = open_page.messages
    return open_at


def check(page):
    """Nothing for axe to find, in light and dark, wide and narrow, and nothing scrolls sideways."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1366, 320):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=AXE).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def sign_in(page, email, password=PASSWORD):
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord", exact=True).fill(password)
    page.locator("main").get_by_role("button", name="Logga in", exact=True).click()


def confirm_password(page):
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Bekräfta").click()


def sign_out(page):
    page.goto(page.address + "/konto/")
    page.get_by_role("button", name="Logga ut").click()
    assert heading(page) == "Du är utloggad"
    page.goto(page.address + "/konto/logga-in/")


def code_now(secret, step=0):
    counter = [*totp.yield_hotp_counters_from_time()][1 + step]
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def add_authenticator(page):
    """Chromium's own make-believe telephone that always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    found = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, found["authenticatorId"]


def test_open_pages_are_clean_and_silent(open_here):
    for path in (
        "/konto/logga-in/",
        "/konto/ny-anvandare/",
        "/konto/utloggad/",
        "/konto/inaktivt/",
        "/konto/losenord/glomt/",
        "/konto/losenord/glomt/skickat/",
        "/konto/losenord/glomt/klart/",
        "/konto/losenord/glomt/1-abc/",
    ):
        check(open_here(path))

    assert open_here.messages == []


def test_errors_are_told_at_the_top_and_at_the_field(open_here, accounts):
    page = open_here("/konto/logga-in/")
    sign_in(page, accounts(), "fel")
    check(page)
    assert page.get_by_role("alert").first.inner_text().startswith("En uppgift behöver rättas")

    page.goto(page.address + "/konto/losenord/glomt/")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_label("E-postadress").fill("inte en adress")
    page.get_by_role("button", name="Skicka länk").click()
    check(page)
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    described = page.locator("#id_email").get_attribute("aria-describedby")
    assert page.locator(f"#{described.split()[-1]}").inner_text().startswith("Fel:")
    assert open_here.messages == []


def test_password_works_without_javascript(open_here, accounts):
    page = open_here("/konto/logga-in/?next=/admin/", javascript=False)
    sign_in(page, accounts(staff=True))

    assert page.url.endswith("/admin/")


def test_app_and_recovery_code_are_the_second_step(open_here, accounts):
    email = accounts()
    page = open_here("/konto/logga-in/")
    sign_in(page, email)
    assert heading(page) == "Mitt konto"
    for path in ("/konto/", "/konto/losenord/", "/konto/inloggningar/", "/konto/logga-ut/"):
        page.goto(page.address + path)
        check(page)

    page.goto(page.address + "/konto/tvasteg/")
    check(page)
    page.get_by_role("link", name="Aktivera en app").click()
    assert heading(page) == "Bekräfta att det är du"
    check(page)
    confirm_password(page)
    assert page.locator(".qr-code").evaluate("image => image.naturalWidth") > 0
    check(page)
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Kod från appen").fill(code_now(secret))
    page.get_by_role("button", name="Aktivera").click()

    assert heading(page) == "Reservkoder"
    check(page)
    recovery = page.locator(".recovery-codes code").all_inner_texts()
    assert len(recovery) == 10
    for path in ("tvasteg/", "tvasteg/reservkoder/nya/", "tvasteg/app/ta-bort/"):
        page.goto(f"{page.address}/konto/{path}")
        check(page)

    sign_out(page)
    sign_in(page, email)
    assert heading(page) == "Ett steg till"
    check(page)
    page.get_by_label("Kod").fill(code_now(secret, step=1))
    page.locator("main").get_by_role("button", name="Logga in").click()
    assert heading(page) == "Mitt konto"

    sign_out(page)
    sign_in(page, email)
    page.get_by_label("Kod").fill(recovery[0])
    page.locator("main").get_by_role("button", name="Logga in").click()
    assert heading(page) == "Mitt konto"
    page.goto(page.address + "/konto/tvasteg/")
    expect(page.get_by_text("Du har 9 oanvända reservkoder.")).to_be_visible()
    page.goto(page.address + "/konto/tvasteg/bekrafta/")
    check(page)
    assert open_here.messages == []


def test_passkey_is_added_and_signs_in_alone(open_here, accounts):
    email = accounts()
    page = open_here("/konto/logga-in/")
    add_authenticator(page)
    sign_in(page, email)
    page.goto(page.address + "/konto/tvasteg/nycklar/ny/")
    confirm_password(page)
    assert heading(page) == "Lägg till en nyckel"
    check(page)
    page.get_by_label("Namn på nyckeln").fill("Provtelefonen")
    page.get_by_label("Logga in med bara nyckeln (passkey)").check()
    page.get_by_role("button", name="Lägg till").click()
    page.wait_for_url("**/reservkoder/")
    page.goto(page.address + "/konto/tvasteg/nycklar/")
    check(page)
    assert "Provtelefonen" in page.get_by_role("heading", level=2).all_inner_texts()
    for name in ("Byt namn på Provtelefonen", "Ta bort Provtelefonen"):
        page.get_by_role("link", name=name).click()
        check(page)
        page.go_back()

    sign_out(page)
    page.get_by_role("button", name="Logga in med passkey").click()
    page.wait_for_url("**/konto/")
    expect(page.get_by_text(f"Du är inloggad som {email}.")).to_be_visible()

    page.goto(page.address + "/konto/tvasteg/nycklar/bekrafta/")
    check(page)
    page.get_by_role("button", name="Använd nyckeln").click()
    page.wait_for_url("**/konto/")

    sign_out(page)
    sign_in(page, email)
    assert heading(page) == "Ett steg till"
    page.get_by_role("button", name="Använd nyckeln").click()
    page.wait_for_url("**/konto/")
    assert open_here.messages == []


def test_refused_key_is_told_in_words(open_here, accounts):
    page = open_here("/konto/logga-in/")
    session, authenticator = add_authenticator(page)
    session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    page.get_by_role("button", name="Logga in med passkey").click()
    page.locator("#key-error").wait_for()

    check(page)
    assert page.evaluate("document.activeElement.id") == "key-error"
    assert open_here.messages == []


def test_person_without_rights_and_stranger_with_link_read_why(open_here, accounts):
    page = open_here("/konto/inbjudan/finnsinte/")
    check(page)

    assert heading(page) == "Länken gäller inte"
    assert [m for m in open_here.messages if "status of 404" not in m] == []
