"""Signing in under /konto/: closed, and quiet about who has an account."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.models import User
from tests.letters import sent_letters

from .pages import EMAIL, PASSWORD, is_signed_in, sign_in, text_of

pytestmark = pytest.mark.django_db


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
