"""The second factor: asked for at sign-in, and of staff at the gate of the admin."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import Permission

from tests.letters import sent_letters

from .pages import ENGLISH, code_of, confirm, is_signed_in, sign_in, text_of

pytestmark = pytest.mark.django_db


def test_password_alone_is_half_the_way(client, secret):
    assert sign_in(client)["Location"] == "/konto/tvasteg/kod/"
    assert not is_signed_in(client)
    wrong = client.post("/konto/tvasteg/kod/", {"code": "000000"})
    assert ENGLISH.findall(text_of(wrong)) == []

    client.post("/konto/tvasteg/kod/", {"code": code_of(secret)})

    assert is_signed_in(client)


def test_recovery_code_works_once(client, editor, secret):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for works in (True, False):
        sign_in(client)
        client.post("/konto/tvasteg/kod/", {"code": code})
        assert is_signed_in(client) is works
        client.post("/konto/logga-ut/")


def test_gate_is_open_for_staff_when_the_setting_is_off(client, editor):
    sign_in(client)

    assert client.get("/admin/").status_code == 200


def test_gate_leads_staff_without_a_factor_to_setting_one_up(client, editor, settings, monkeypatch):
    # Inside a test nothing is ever committed.
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, **options: act())
    settings.REQUIRE_SECOND_FACTOR = True
    sign_in(client)

    response = client.get("/admin/", follow=True)
    assert response.redirect_chain == [("/konto/tvasteg/", 302)]
    assert "Ditt konto behöver tvåstegsverifiering" in text_of(response)
    assert client.post("/admin/accounts/user/add/", {})["Location"] == "/konto/tvasteg/"

    confirm(client)
    page = client.get("/konto/tvasteg/app/")
    new_secret = page.context["form"].secret
    client.post("/konto/tvasteg/app/", {"code": code_of(new_secret)})
    letter = sent_letters()[-1]
    assert ENGLISH.findall(letter.subject + letter.body) == []
    assert client.get("/admin/").status_code == 200


def test_gate_asks_an_old_session_to_use_the_factor(client, editor, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    sign_in(client)
    totp.TOTP.activate(editor, (secret := totp.generate_totp_secret()))

    response = client.get("/admin/?q=1")
    assert response["Location"] == "/konto/tvasteg/bekrafta/?next=%2Fadmin%2F%3Fq%3D1"
    done = client.post(response["Location"], {"code": code_of(secret), "next": "/admin/"})

    assert done["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_gate_lets_strangers_and_readers_be(client, settings):
    settings.REQUIRE_SECOND_FACTOR = True

    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/").status_code == 200


def test_recovery_codes_are_shown_and_downloaded_by_their_owner_only(client, secret, editor):
    sign_in(client)
    client.post("/konto/tvasteg/kod/", {"code": code_of(secret)})
    assert client.get("/konto/tvasteg/reservkoder/hamta/").status_code == 302
    confirm(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    page = text_of(client.get("/konto/tvasteg/reservkoder/"))
    file = client.get("/konto/tvasteg/reservkoder/hamta/").content.decode()

    assert all(code in page and code in file for code in codes)
    assert len(codes) == 10


def test_only_a_superuser_takes_second_factors_away(client, editor, administrator):
    totp.TOTP.activate(editor, totp.generate_totp_secret())
    editor.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    action = {"action": "reset_second_factor", "_selected_action": [editor.pk]}
    client.force_login(editor)
    client.post("/admin/accounts/user/", action)
    assert Authenticator.objects.count() == 1

    client.force_login(administrator)
    client.post("/admin/accounts/user/", action)

    assert Authenticator.objects.count() == 0
