"""Every page under /konto/: in Swedish, whatever is sent to it, and guarded by its own policy."""

import re

import pytest
from django.urls import reverse

from .pages import ENGLISH, addresses, code_of, confirm, is_signed_in, policy, sign_in, text_of

pytestmark = pytest.mark.django_db

FORGED = [
    {},
    {"login": "\x00", "password": "\x00", "email": "\x00", "code": "\x00", "credential": "\x00"},
    {"credential": "null", "code": "å" * 5000, "name": "x" * 5000, "next": "//ond.example.net"},
    {"credential": "{}", "login": "a@b.se", "password": "x" * 5000, "email": "a@b"},
    {"credential": '{"id": 1, "rawId": [], "response": {"userHandle": "??"}}'},
    {"credential": '{"type":"public-key","id":"AA","rawId":"AA","response":{"userHandle":"AA"}}'},
    {"credential": "[1]", "action": "x", "password1": "a", "password2": "b", "oldpassword": "c"},
]


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
@pytest.mark.parametrize(("name", "values"), addresses())
def test_every_page_is_swedish_and_takes_forged_input(client, editor, name, values, signed_in):
    address = reverse(name, kwargs=values)
    for forged in [None, *FORGED]:
        if signed_in and "_auth_user_id" not in client.session:
            client.force_login(editor)
            confirm(client)
        response = client.get(address) if forged is None else client.post(address, forged)
        assert response.status_code < 500, forged
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            assert ENGLISH.findall(text_of(response)) == [], forged
            assert '<html lang="sv"' in response.content.decode()
        assert "no-store" in response["Cache-Control"]
        assert "ond.example.net" not in response.headers.get("Location", "")


@pytest.mark.parametrize("name", ["mfa_authenticate"])
def test_half_signed_in_page_takes_forged_input(client, secret, name):
    sign_in(client)
    for forged in FORGED[2:]:
        response = client.post(reverse(name), forged)
        assert response.status_code in {200, 302}
        assert ENGLISH.findall(text_of(response)) == []
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
        "account_reauthenticate",
        "usersessions_list",
    ],
)
def test_pages_of_a_protected_account_are_swedish(client, secret, name):
    sign_in(client)
    client.post("/konto/tvasteg/kod/", {"code": code_of(secret)})
    confirm(client)
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert ENGLISH.findall(text_of(response)) == []


def test_scripts_run_by_nonce_only_and_only_here(client, editor):
    page = client.get("/konto/logga-in/")
    nonce = re.search(r"'nonce-([^']+)'", page["Content-Security-Policy"])[1]
    scripts = re.findall(r"<script([^>]*)>", page.content.decode())

    assert policy(page)["script-src"] == f"'nonce-{nonce}'"
    assert all(f'nonce="{nonce}"' in each or "application/json" in each for each in scripts)
    assert (
        client.get("/konto/logga-in/")["Content-Security-Policy"] != page["Content-Security-Policy"]
    )
    assert "script-src" not in policy(client.get("/intyg/"))
    assert "script-src" not in policy(client.get("/kontonytt/"))


def test_data_images_are_allowed_where_the_qr_code_stands_and_nowhere_else(client, editor):
    sign_in(client)
    confirm(client)
    allowed = {
        name
        for name, values in addresses()
        if "logout" not in name
        and "data:" in policy(client.get(reverse(name, kwargs=values)))["img-src"]
    }

    assert allowed == {"mfa_activate_totp"}


def test_public_pages_set_no_cookie_and_read_no_session(client, editor):
    for address in ("/", "/sok/?q=intyg", "/konto/utloggad/", "/konto/inaktivt/"):
        assert client.get(address).cookies == {}
    sign_in(client)

    assert "sessionid" not in client.get("/").cookies
