"""Signing in through the region's provider, against a provider that can do everything wrong."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from portal.accounts.models import ClaimedRights, User

from .oidc_provider import CLIENT, CURVE, FIRST, LOA3, SECOND, where_it_leads
from .region import come_back, press, sign_in, user_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return User.objects.create_user("asa@example.org", "Vinterdäck-7-och-te", hsa_id="SE1-P1")


@pytest.fixture
def editor(account):
    account.groups.add(Group.objects.get(name="redaktör"))
    User.objects.filter(pk=account.pk).update(is_staff=True)
    return account


# The way in.


def test_nothing_set_means_nothing_there(client, settings):
    assert settings.OIDC is None
    assert "SITHS" not in words(client.get("/konto/logga-in/"))
    for name in ("oidc_start", "oidc_answer", "oidc_sign_out", "login_by_email"):
        assert client.get(reverse(name)).status_code == 404
        assert client.post(reverse(name)).status_code == 404


def test_page_offers_the_region_first_and_the_address_besides(client, provider):
    page = client.get("/konto/logga-in/?next=/admin/guidance/page/")

    assert "Logga in med SITHS" in words(page)
    assert 'name="password"' not in page.content.decode()
    link = "/konto/logga-in/e-post/?next=%2Fadmin%2Fguidance%2Fpage%2F"
    assert f'href="{link}"' in page.content.decode()
    assert 'name="password"' in client.get(link).content.decode()
    policy = page["Content-Security-Policy"]
    assert f"form-action 'self' {provider.issuer.removesuffix('/oidc')};" in policy + ";"


def test_other_pages_do_not_name_the_provider(client, provider):
    for path in ("/", "/konto/losenord/glomt/", "/konto/utloggad/", "/konto/logga-in/e-post/"):
        assert "127.0.0.1" not in client.get(path)["Content-Security-Policy"]


def test_account_is_found_by_hsa_id_and_goes_to_its_work(client, provider, editor):
    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert user_of(client) == str(editor.pk)
    assert client.get("/admin/").status_code == 200
    assert UserSession.objects.get(user=editor).data == {"way": "SITHS"}
    assert "SITHS" in words(client.get("/konto/inloggningar/"))


def test_request_carries_pkce_nonce_state_and_demanded_assurance(client, provider, editor):
    asked = parse_qs(urlsplit(press(client)["Location"]).query)

    assert asked["client_id"] == [CLIENT]
    assert asked["scope"] == ["openid profile"]
    assert asked["acr_values"] == [LOA3]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/konto/logga-in/region/svar/"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    again = parse_qs(urlsplit(press(client)["Location"]).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("methods", "forced", "used"),
    [
        (["client_secret_basic", "client_secret_post"], "", "basic"),
        (["client_secret_post"], "", "post"),
        (None, "", "basic"),
        (["client_secret_basic"], "post", "post"),
    ],
)
def test_client_proves_itself_as_the_provider_wants(
    client, provider, editor, settings, methods, forced, used
):
    provider.methods = methods
    settings.OIDC = replace(settings.OIDC, client_auth=forced)

    assert sign_in(client).status_code == 302
    assert provider.seen["auth"] == used


def test_goes_on_to_where_one_was_going_but_not_elsewhere(provider, editor):
    assert sign_in(Client(), next="/admin/guidance/page/")["Location"] == "/admin/guidance/page/"
    for odd in ("https://ont.example.org/", "//ont.example.org", "javascript:alert(1)", "\x00"):
        assert sign_in(Client(), next=odd)["Location"] == "/admin/"


def test_strong_proof_is_the_second_factor(client, provider, editor, settings):
    settings.REQUIRE_SECOND_FACTOR = True

    sign_in(client)

    assert client.get("/admin/").status_code == 200


def test_proof_of_no_demanded_level_is_no_second_factor(client, provider, editor, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    settings.OIDC = replace(settings.OIDC, assurance=())
    provider.fault = "no acr"

    assert sign_in(client).status_code == 302
    response = client.get("/admin/")

    assert (response.status_code, response["Location"]) == (302, "/konto/tvasteg/")


def test_password_still_opens_for_a_local_administrator(client, provider, editor):
    values = {"login": "asa@example.org", "password": "Vinterdäck-7-och-te"}

    response = client.post("/konto/logga-in/e-post/", values)

    assert response["Location"] == "/admin/"
    assert UserSession.objects.get(user=editor).data == {"way": "lösenord"}


def test_wrong_password_stays_on_the_page_of_addresses(client, provider, editor):
    page = client.get("/konto/logga-in/e-post/").content.decode()
    assert 'action="/konto/logga-in/e-post/"' in page

    values = {"login": "asa@example.org", "password": "fel"}
    response = client.post("/konto/logga-in/e-post/", values)

    assert "E-postadressen eller lösenordet stämmer inte." in words(response)
    assert 'name="password"' in response.content.decode()


def test_link_signs_nobody_in(client, provider):
    response = client.get(reverse("oidc_start"))

    assert (response.status_code, response["Location"]) == (302, "/konto/logga-in/")
    assert provider.asked == {}


def test_press_without_the_forms_token_is_refused(provider):
    assert Client(enforce_csrf_checks=True).post(reverse("oidc_start")).status_code == 403


def test_another_account_in_the_browser_is_signed_out_first(client, provider, editor):
    User.objects.create_user("bo@example.org", "Vinterdäck-8-och-te")
    values = {"login": "bo@example.org", "password": "Vinterdäck-8-och-te"}
    client.post("/konto/logga-in/e-post/", values)
    before = client.session.session_key

    sign_in(client)

    assert user_of(client) == str(editor.pk)
    assert not Session.objects.filter(session_key=before).exists()


def test_session_has_another_key_after_sign_in(client, provider, editor):
    leaving = press(client)
    before = client.session.session_key

    come_back(client, leaving)

    assert client.session.session_key != before


# What is refused.

UNTRUE = "Inloggningen gick inte att lita på"
REFUSED = {
    "nonce": (403, UNTRUE, "nonce"),
    "no nonce": (403, UNTRUE, "claims"),
    "audience": (403, UNTRUE, "audience"),
    "audiences": (403, UNTRUE, "audience"),
    "party": (403, UNTRUE, "audience"),
    "issuer": (403, UNTRUE, "issuer"),
    "expired": (403, UNTRUE, "expired"),
    "future": (403, UNTRUE, "clock"),
    "no expiry": (403, UNTRUE, "claims"),
    "odd expiry": (403, UNTRUE, "token"),
    "no sub": (403, UNTRUE, "claims"),
    "signature": (403, UNTRUE, "signature"),
    "changed": (403, UNTRUE, "signature"),
    "unknown kid": (403, UNTRUE, "key"),
    "none": (403, UNTRUE, "algorithm"),
    "shared secret": (403, UNTRUE, "algorithm"),
    "other algorithm": (403, UNTRUE, "key"),
    "crit": (403, UNTRUE, "token"),
    "garbage": (403, UNTRUE, "token"),
    "number": (403, UNTRUE, "token"),
    "no token": (403, UNTRUE, "token"),
    "userinfo": (403, UNTRUE, "userinfo"),
    "mix-up": (403, UNTRUE, "issuer"),
    "error": (403, UNTRUE, "provider server_error"),
    "low": (403, "Inloggningen är inte tillräckligt säker", ""),
    "no acr": (403, "Inloggningen är inte tillräckligt säker", ""),
    "list acr": (403, "Inloggningen är inte tillräckligt säker", ""),
    "cancelled": (403, "Inloggningen avbröts", ""),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_refuses_with_a_page_of_its_own(client, provider, editor, fault):
    status, title, code = REFUSED[fault]
    provider.fault = fault

    response = sign_in(client)

    assert (response.status_code, user_of(client)) == (status, None)
    assert f"<h1>{title}</h1>" in response.content.decode()
    assert (f"Felkod: {code}" in words(response)) is bool(code)
    assert "Försök igen" in words(response)
    assert 'lang="sv"' in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert f" {provider.issuer.removesuffix('/oidc')}" in response["Content-Security-Policy"]
    provider.fault = ""
    assert sign_in(client).status_code == 302


def test_answer_counts_once(client, provider, editor):
    leaving = press(client)
    address = where_it_leads(leaving["Location"]).removeprefix("http://testserver")
    assert client.get(address).status_code == 302

    again = client.get(address)

    assert again.status_code == 400
    assert "<h1>Inloggningen är inte längre aktuell</h1>" in again.content.decode()
    assert provider.asked["token"] == 1


@pytest.mark.parametrize(
    "query", ["", "?state=x&code=y", "?state=%00", "?code=%ED%A0%80", "?error=access_denied"]
)
def test_answer_without_a_question_is_refused(client, provider, query):
    response = client.get(reverse("oidc_answer") + query)

    assert response.status_code == 400
    assert "Börja om från början" in words(response)
    assert provider.asked == {}


def test_answer_in_another_browser_is_refused(provider, editor):
    leaving = press(Client())

    assert come_back(Client(), leaving).status_code == 400


def test_answer_without_code_or_with_an_odd_one_is_refused(client, provider, editor):
    for rest in ("", "&code=", "&code=hittepå", "&code=%00"):
        state = parse_qs(urlsplit(press(client)["Location"]).query)["state"][0]
        response = client.get(f"{reverse('oidc_answer')}?state={state}{rest}")
        assert response.status_code == 403
        assert UNTRUE in words(response)


def test_answer_comes_too_late(client, provider, editor, clock):
    leaving = press(client)
    clock.shift(601)

    assert come_back(client, leaving).status_code == 400


def test_tabs_do_not_disturb_each_other_and_are_not_kept_for_ever(client, provider, editor):
    leavings = [press(client) for _ in range(6)]

    assert len(client.session["oidc_started"]) == 5
    assert come_back(client, leavings[0]).status_code == 400
    assert come_back(client, leavings[3]).status_code == 302


def test_provider_that_always_tells_its_name_must_do_so(client, provider, editor):
    provider.metadata_changes = {"authorization_response_iss_parameter_supported": True}

    response = sign_in(client)

    assert response.status_code == 403
    assert "Felkod: issuer" in words(response)


@pytest.mark.parametrize("value", [None, "", "åäö", 7.5, {}, [], ["SE1-P1", "SE1-P2"], "X" * 32])
def test_refuses_who_has_no_hsa_id(client, provider, editor, value):
    provider.person["employeeHsaId"] = value

    response = sign_in(client)

    assert (response.status_code, user_of(client)) == (403, None)
    assert "<h1>Ditt HSA-id saknas</h1>" in response.content.decode()


# Clocks and keys.


@pytest.mark.parametrize(("skew", "status"), [(50, 302), (-50, 302), (90, 403), (-400, 403)])
def test_clocks_may_differ_by_a_minute(client, provider, editor, skew, status):
    provider.skew = skew

    assert sign_in(client).status_code == status


def test_new_key_is_fetched_once(provider, editor):
    assert sign_in(Client()).status_code == 302
    assert sign_in(Client()).status_code == 302
    assert provider.asked["keys"] == 1
    provider.key, provider.keys = SECOND, [FIRST, SECOND]

    assert sign_in(Client()).status_code == 302
    assert sign_in(Client()).status_code == 302
    assert provider.asked["keys"] == 2


def test_made_up_keys_do_not_hammer_the_provider(provider, editor):
    provider.fault = "unknown kid"

    for _ in range(4):
        assert sign_in(Client()).status_code == 403

    assert provider.asked["keys"] == 2
    assert provider.asked["openid-configuration"] == 1


def test_keys_on_curves_and_a_single_key_without_name_count(provider, editor):
    provider.key, provider.keys = CURVE, [CURVE]
    assert sign_in(Client()).status_code == 302
    provider.fault = "no kid"
    assert sign_in(Client()).status_code == 302


def test_key_without_name_among_several_is_refused(client, provider, editor):
    provider.keys, provider.fault = [FIRST, SECOND], "no kid"

    assert "Felkod: key" in words(sign_in(client))


# A provider that runs badly.

BAD = [
    ("silent", {}),
    ("drip", {}),
    ("huge", {}),
    ("hang up", {}),
    ("redirect", {"to": "http://localhost:1/"}),
    ("status", {"status": 500}),
    ("status", {"status": 204}),
    ("body", {"body": "<html>"}),
    ("body", {"body": "[]"}),
    ("body", {"body": "[" * 100_000}),
    ("body", {"body": b"\xff\xfe"}),
]


@pytest.mark.parametrize(("fault", "details"), BAD)
@pytest.mark.parametrize("at", ["openid-configuration", "keys", "token", "userinfo"])
def test_never_hangs_or_breaks(client, provider, editor, at, fault, details):
    provider.fault, provider.fault_details = fault, {"at": at, **details}
    started = time.perf_counter()

    response = press(client) if at == "openid-configuration" else sign_in(client)

    assert time.perf_counter() - started < 3
    assert (response.status_code, user_of(client)) == (424, None)
    assert "<h1>SITHS svarar inte</h1>" in response.content.decode()


def test_nobody_waits_for_a_provider_that_just_failed(provider, clock):
    provider.fault, provider.fault_details = "silent", {"at": "openid-configuration"}
    assert press(Client()).status_code == 424
    started = time.perf_counter()

    assert press(Client()).status_code == 424

    assert time.perf_counter() - started < 0.5
    assert provider.asked["openid-configuration"] == 1
    provider.fault = ""
    clock.shift(11)
    assert press(Client()).status_code == 302


def test_provider_that_is_not_there(client, provider, settings):
    settings.OIDC = replace(settings.OIDC, issuer="http://127.0.0.1:9/oidc")

    assert press(client).status_code == 424


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://annan.example.org"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://annan.example.org/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": 7},
        {"jwks_uri": "http://["},
        {"authorization_endpoint": "https://annan.example.org/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_metadata_that_leads_elsewhere_is_refused(client, provider, changes):
    provider.metadata_changes = changes

    assert press(client).status_code == 424


def test_log_tells_the_fault_and_no_person(client, provider, editor, caplog):
    provider.fault = "nonce"

    sign_in(client)

    assert "En inloggning genom SITHS nekades: answer: nonce" in caplog.text
    assert not any(word in caplog.text for word in ("SE1-P1", "Åsa", "asa@"))


# Whose account, and what it may do, is in test_claims.py. Out again:


def test_signing_out_here_tells_that_the_provider_remembers(client, provider, editor):
    sign_in(client)

    response = client.post("/konto/logga-ut/", follow=True)

    assert user_of(client) is None
    assert "Loggade du in med SITHS kan du vara inloggad där ännu" in words(response)


def test_signing_out_there_too(client, provider, editor):
    sign_in(client)
    assert "Logga ut, också från SITHS" in words(client.get("/konto/"))

    response = client.post(reverse("oidc_sign_out"))

    assert user_of(client) is None
    address, _, query = response["Location"].partition("?")
    assert address == f"{provider.issuer}/end"
    asked = parse_qs(query)
    assert asked["post_logout_redirect_uri"] == ["http://testserver/konto/utloggad/"]
    assert asked["client_id"] == [CLIENT]
    assert asked["id_token_hint"][0].count(".") == 2


def test_provider_without_a_place_to_sign_out(client, provider, editor):
    provider.metadata_changes = {"end_session_endpoint": None}
    sign_in(client)

    assert "också från SITHS" not in words(client.get("/konto/"))
    assert client.post(reverse("oidc_sign_out"))["Location"] == "/konto/utloggad/"
    assert user_of(client) is None


def test_place_to_sign_out_elsewhere_is_not_used(client, provider, editor):
    provider.metadata_changes = {"end_session_endpoint": "https://annan.example.org/end"}
    sign_in(client)

    assert client.post(reverse("oidc_sign_out"))["Location"] == "/konto/utloggad/"


def test_who_signed_in_with_a_password_has_no_place_there(client, provider, editor):
    values = {"login": "asa@example.org", "password": "Vinterdäck-7-och-te"}
    client.post("/konto/logga-in/e-post/", values)

    assert "också från SITHS" not in words(client.get("/konto/"))
    assert ClaimedRights.objects.count() == 0
