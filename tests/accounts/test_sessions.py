"""A session is over when it is over: signing out, other browsers, new passwords."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from tests.letters import sent_letters

from .pages import EMAIL, ENGLISH, PASSWORD, confirm, is_signed_in, sign_in, text_of

pytestmark = pytest.mark.django_db


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


def test_letter_says_how_long_its_link_works(client, editor, settings):
    client.post("/konto/losenord/glomt/", {"email": EMAIL})

    assert "Den fungerar en gång, i tre dagar:" in sent_letters()[0].body
    assert timedelta(days=3).total_seconds() == settings.PASSWORD_RESET_TIMEOUT
