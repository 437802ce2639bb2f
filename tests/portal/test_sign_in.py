"""Signing in under /konto/: closed, quiet about who has an account, and over when it is over."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from portal.accounts import urls
from portal.accounts.actions import InvitationNotOpen, accept
from portal.accounts.models import Invitation, User
from tests.letters import sent_letters

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "erik@exempelland.example.org", "Vinterdäck-och-kaffe-7"
ENGLISH = re.compile(
    r"\b(the|your|password|sign in|sign out|log in|please|this|email|incorrect|invalid|"
    r"required|field|authenticator|security key)\b",
    re.IGNORECASE,
)


@pytest.fixture
def editor():
    return User.objects.create_user(EMAIL, PASSWORD, is_staff=True)


@pytest.fixture
def administrator():
    return User.objects.create_superuser("admin@exempelland.example.org", PASSWORD)


def sign_in(client, email=EMAIL, password=PASSWORD, **query):
    address = reverse("account_login", query=query)
    return client.post(address, {"login": email, "password": password})


def is_signed_in(client):
    return client.get("/konto/").status_code == 200


def confirm(client):
    """Security pages ask for the password once more, even right after signing in."""
    response = client.post("/konto/bekrafta/", {"password": PASSWORD, "next": "/konto/"})
    assert response["Location"] == "/konto/"


def text_of(response):
    """What a person reads: without markup and without the form's secrets and addresses."""
    html = response.content.decode().split("<main", 1)[-1].split("</main>")[0]
    html = re.sub(r"<(script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# Who gets in


def test_right_password_leads_to_the_work_or_to_the_account(client, editor):
    User.objects.create_user("chef@exempelland.example.org", PASSWORD)
    response = sign_in(client, email="chef@exempelland.example.org")
    assert (response.status_code, response["Location"]) == (302, "/konto/")
    client.logout()

    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert "Du är inloggad som erik@exempelland.example.org." in text_of(client.get("/konto/"))


def test_sign_in_link_on_public_pages_leads_each_where_they_belong(client, editor):
    """The link is the same for all readers, whom the page does not know."""
    link = '<a href="/konto/logga-in/" rel="nofollow">Logga in</a>'
    anonymous = client.get("/intyg/")
    assert link in anonymous.content.decode()
    assert not anonymous.cookies
    assert client.get("/konto/logga-in/").status_code == 200

    client.force_login(editor)

    assert client.get("/intyg/").content == anonymous.content
    assert client.get("/konto/logga-in/")["Location"] == "/admin/"
    client.force_login(User.objects.create_user("chef@exempelland.example.org", PASSWORD))
    assert client.get("/konto/logga-in/")["Location"] == "/konto/"


def test_address_may_be_written_in_capitals(client, editor):
    assert sign_in(client, email=EMAIL.upper()).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client, method):
    fields = {"email": "ny@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)("/konto/ny-anvandare/", fields)

    assert "Konton skapas genom inbjudan" in text_of(response)
    assert not User.objects.exists()


def test_closed_account_is_told_so_only_with_the_right_password(client, editor):
    User.objects.update(is_active=False)

    wrong, unknown = sign_in(client, password="fel"), sign_in(client, "ingen@example.org", "fel")
    assert text_of(wrong) == text_of(unknown)
    assert sign_in(client)["Location"] == "/konto/inaktivt/"
    assert "Kontot är avstängt" in text_of(client.get("/konto/inaktivt/"))
    assert not is_signed_in(client)


def test_sign_in_answers_alike_for_known_and_unknown_addresses(client, editor):
    known = sign_in(client, password="fel")
    unknown = sign_in(client, email="ingen@exempelland.example.org", password="fel")

    assert known.status_code == unknown.status_code == 200
    assert text_of(known) == text_of(unknown)


def test_forgotten_password_answers_alike_and_writes_only_to_accounts(client, editor):
    answers = []
    for email in (EMAIL, "ingen@example.org"):
        response = client.post("/konto/losenord/glomt/", {"email": email})
        answers.append((response.status_code, response["Location"]))
        client.get(response["Location"])

    assert answers == [(302, "/konto/losenord/glomt/skickat/")] * 2
    assert [letter.to for letter in sent_letters()] == [[EMAIL]]


def test_five_wrong_passwords_lock_the_right_one_out_for_five_minutes(client, editor, clock):
    for _ in range(5):
        assert "stämmer inte" in text_of(sign_in(client, password="fel"))

    assert "För många misslyckade försök" in text_of(sign_in(client))
    assert not is_signed_in(client)
    clock.move_to(timezone.now() + timedelta(minutes=6))
    assert sign_in(client).status_code == 302


def test_another_port_in_the_host_gives_no_more_attempts(client, editor):
    for number in range(5):
        client.defaults["HTTP_HOST"] = f"testserver:{8000 + number}"
        assert "stämmer inte" in text_of(sign_in(client, password="fel"))

    client.defaults["HTTP_HOST"] = "testserver:9000"
    assert "För många misslyckade försök" in text_of(sign_in(client))
    assert not is_signed_in(client)


def test_many_tries_from_one_place_get_a_swedish_429(client, editor):
    for number in range(31):
        response = sign_in(client, email=f"ingen{number}@example.org")

    assert response.status_code == 429
    assert "Vänta några minuter och försök igen." in text_of(response)


def test_limits_are_counted_where_all_workers_see_them(settings):
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"


@pytest.mark.parametrize(
    "target",
    [
        "https://ond.example.net/",
        "//ond.example.net/",
        "/\\ond.example.net",
        "javascript:alert(1)",
        "http:///ond.example.net",
        "\x00",
    ],
)
def test_next_leads_only_to_the_portal(client, editor, target):
    assert sign_in(client, next=target)["Location"] == "/admin/"
    assert sign_in(client, next="/admin/")["Location"] == "/admin/"


# What signing out means


def test_stolen_session_is_useless_after_sign_out(client, editor, django_app_client):
    sign_in(client)
    thief = django_app_client(client)
    assert is_signed_in(thief)

    response = client.post("/konto/logga-ut/")

    assert response["Location"] == "/konto/utloggad/"
    assert "Du är utloggad" in text_of(client.get("/konto/utloggad/"))
    assert not is_signed_in(thief)


@pytest.fixture
def django_app_client():
    """Another browser with a copy of the session's cookie."""
    from django.test import Client

    def copy(client):
        other = Client()
        other.cookies["sessionid"] = client.cookies["sessionid"].value
        return other

    return copy


def test_sign_out_needs_a_post(client, editor):
    sign_in(client)

    assert "Vill du logga ut" in text_of(client.get("/konto/logga-ut/"))
    assert is_signed_in(client)


def two_browsers(client):
    from django.test import Client

    other = Client(headers={"user-agent": "Webbläsare två"})
    sign_in(client)
    sign_in(other)
    return other


def test_sessions_are_listed_and_the_others_ended(client, editor):
    other = two_browsers(client)
    page = text_of(client.get("/konto/inloggningar/"))
    assert page.count("Den här") == 1
    assert "Webbläsare två" in page

    client.post("/konto/inloggningar/")

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_sign_out_everywhere_ends_every_session(client, editor):
    other = two_browsers(client)

    response = client.post("/konto/inloggningar/avsluta-alla/")

    assert response["Location"] == "/konto/utloggad/"
    assert not is_signed_in(client)
    assert not is_signed_in(other)
    assert not UserSession.objects.exists()


def test_new_password_by_mail_ends_sessions_and_works_once(client, editor):
    other = two_browsers(client)
    client.post("/konto/logga-ut/")
    client.post("/konto/losenord/glomt/", {"email": EMAIL})
    letter = sent_letters()[0]
    link = re.search(r"http://testserver(\S+)", letter.body)[1]
    assert ENGLISH.findall(letter.subject + letter.body) == []
    form = client.get(link)["Location"]

    new = "Sommardäck-och-te-8"
    response = client.post(form, {"password1": new, "password2": new})

    assert response["Location"] == "/konto/losenord/glomt/klart/"
    assert not is_signed_in(other)
    assert "stämmer inte" in text_of(sign_in(client))
    assert sign_in(client, password=new).status_code == 302
    client.post("/konto/logga-ut/")
    assert "Länken gäller inte" in text_of(client.get(link, follow=True))


def test_session_lives_no_longer_than_the_setting(client, editor, clock):
    sign_in(client)
    clock.move_to(timezone.now() + timedelta(hours=11))
    assert is_signed_in(client)
    clock.move_to(timezone.now() + timedelta(hours=2))

    assert not is_signed_in(client)


def test_security_changes_ask_for_the_password_again(client, editor, clock):
    sign_in(client)
    for address in ("/konto/tvasteg/app/", "/konto/tvasteg/nycklar/ny/"):
        assertRedirects(
            client.get(address), reverse("account_reauthenticate", query={"next": address})
        )

    confirm(client)
    assert client.get("/konto/tvasteg/app/").status_code == 200
    clock.move_to(timezone.now() + timedelta(minutes=6))
    assert client.get("/konto/tvasteg/app/").status_code == 302


def test_changed_password_is_told_by_mail_in_swedish(client, editor):
    sign_in(client)
    new = "Sommardäck-och-te-8"
    client.post("/konto/losenord/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert [letter.subject for letter in sent_letters()] == [
        "Försäkringsmedicin: Lösenordet är bytt"
    ]
    assert ENGLISH.findall(sent_letters()[0].body) == []


# The admin


def test_admin_signs_in_through_the_account_pages(client, editor):
    response = client.get("/admin/", follow=True)

    assert response.redirect_chain[-1][0] == "/konto/logga-in/?next=%2Fadmin%2F"
    assert sign_in(client, next="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/password_change/")["Location"] == "/konto/losenord/"


def test_posting_to_the_admins_own_form_signs_nobody_in(client, editor):
    response = client.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})

    assert response["Location"].startswith("/konto/logga-in/")
    assert not is_signed_in(client)


def test_person_without_staff_rights_reads_why_the_admin_is_closed(client):
    User.objects.create_user(EMAIL, PASSWORD)
    sign_in(client)

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert "kontot får inte arbeta i administrationen" in text_of(response)


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


# The second factor


@pytest.fixture
def secret(editor):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(editor, secret)
    RecoveryCodes.activate(editor)
    return secret


def code_of(secret):
    return totp.format_hotp_value(
        totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
    )


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


# Invitations


@pytest.fixture
def invite(client, administrator):
    """invite() → the path of the link in the letter."""

    def send(email="ny@exempelland.example.org", **fields):
        group = Group.objects.get_or_create(name="provgrupp")[0]
        client.force_login(administrator)
        fields = {"email": email, "groups": [group.pk], "is_staff": "on", **fields}
        response = client.post("/admin/accounts/invitation/add/", fields)
        assert response.status_code == 302, text_of(response)
        client.logout()
        return re.search(r"http://testserver(\S+)", sent_letters()[-1].body)[1]

    return send


NEW = {
    "first_name": "Nina",
    "last_name": "Ny",
    "password1": "Cykelpump-i-duggregn-3",
    "password2": "Cykelpump-i-duggregn-3",
}


def test_invited_person_makes_an_account_with_the_groups(client, invite):
    link = invite()
    letter = sent_letters()[-1]
    assert letter.to == ["ny@exempelland.example.org"]
    assert letter.subject == "Inbjudan till Försäkringsmedicin"
    assert ENGLISH.findall(letter.body) == []
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(Invitation.objects.values())
    assert "ny@exempelland.example.org" in text_of(client.get(link))

    response = client.post(link, NEW)

    user = User.objects.get(email="ny@exempelland.example.org")
    assert response["Location"] == "/konto/logga-in/"
    assert "Kontot är klart." in text_of(client.get("/konto/logga-in/"))
    assert (str(user), user.is_staff, user.is_superuser) == ("Nina Ny", True, False)
    assert [group.name for group in user.groups.all()] == ["provgrupp"]
    assert sign_in(client, email=user.email, password=NEW["password1"]).status_code == 302


def test_link_works_once(client, invite):
    link = invite()
    client.post(link, NEW)

    for response in (client.get(link), client.post(link, NEW)):
        assert response.status_code == 404
        assert "Länken gäller inte" in text_of(response)
    with pytest.raises(InvitationNotOpen):
        accept(Invitation.objects.get(), first_name="A", last_name="B", password=PASSWORD)
    assert User.objects.filter(email="ny@exempelland.example.org").count() == 1


def test_link_expires(client, invite, clock):
    link = invite()
    clock.move_to(timezone.now() + timedelta(days=7, minutes=1))

    assert client.post(link, NEW).status_code == 404
    assert User.objects.filter(email="ny@exempelland.example.org").count() == 0


def test_sending_again_replaces_the_link(client, invite):
    old = invite()
    client.force_login(User.objects.get(is_superuser=True))
    client.post(
        "/admin/accounts/invitation/",
        {"action": "send_again", "_selected_action": [Invitation.objects.get().pk]},
    )
    client.logout()
    new = re.search(r"http://testserver(\S+)", sent_letters()[-1].body)[1]

    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "%ED%A0%80", "å", "'%20OR%201=1"])
def test_forged_link_is_answered_as_a_used_one(client, invite, token):
    invite()

    response = client.get(f"/konto/inbjudan/{token}/")

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"password2": "Annat-lösenord-99"}, "Skriv samma lösenord två gånger."),
        ({"password1": "kort", "password2": "kort"}, "minst 12 tecken"),
        ({"first_name": ""}, "Detta fält måste fyllas i"),
    ],
)
def test_invited_person_reads_what_to_mend(client, invite, wrong, message):
    response = client.post(invite(), {**NEW, **wrong})

    assert response.status_code == 200
    assert message in text_of(response)
    assert "En uppgift behöver rättas" in text_of(response)
    assert User.objects.filter(email="ny@exempelland.example.org").count() == 0


def test_account_that_exists_is_not_invited(client, administrator, editor):
    client.force_login(administrator)
    response = client.post("/admin/accounts/invitation/add/", {"email": EMAIL.upper()})

    assert "Det finns redan ett konto med den e-postadressen." in response.content.decode()
    assert sent_letters() == []


def test_inviter_hands_out_only_their_own_groups(client, editor):
    mine, other = (Group.objects.create(name=name) for name in ("min", "annans"))
    editor.groups.add(mine)
    editor.user_permissions.set(Permission.objects.filter(codename="add_invitation"))
    client.force_login(editor)
    address = "/admin/accounts/invitation/add/"

    refused = client.post(address, {"email": "a@example.org", "groups": [other.pk]})
    assert refused.status_code == 200
    assert not Invitation.objects.exists()
    client.post(address, {"email": "a@example.org", "groups": [mine.pk]})
    assert [*Invitation.objects.get().groups.all()] == [mine]


# Every page


def addresses():
    """Each address under /konto/, with made-up values in its places."""
    values = {"pk": "1", "token": "påhittad", "uidb36": "1", "key": "abc-123"}
    return [
        (pattern.name, {key: values[key] for key in pattern.pattern.regex.groupindex})
        for pattern in urls.urlpatterns
    ]


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


# Policies and cookies


def policy(response):
    parts = response["Content-Security-Policy"].split("; ")
    return {name: " ".join(rest) for name, *rest in (part.split() for part in parts)}


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


def test_letter_says_how_long_its_link_works(client, editor, settings):
    client.post("/konto/losenord/glomt/", {"email": EMAIL})

    assert "Den fungerar en gång, i tre dagar:" in sent_letters()[0].body
    assert timedelta(days=3).total_seconds() == settings.PASSWORD_RESET_TIMEOUT
