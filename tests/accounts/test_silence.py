"""A stranger learns nothing of who has an account: not by words, nor by how long it takes."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.utils import timezone

from portal.accounts.models import Invitation, User
from tests.letters import sent_letters

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "erik@exempelland.example.org", "ingen@exempelland.example.org"
PASSWORD = "Vinterdäck-och-kaffe-7"


@pytest.fixture(autouse=True)
def account():
    return User.objects.create_user(KNOWN, PASSWORD, is_staff=True)


@pytest.fixture
def hashes(monkeypatch):
    """The passwords that are hashed: that is what a sign-in takes its time for."""
    hashed = []
    ordinary = MD5PasswordHasher.encode

    def encode(self, password, salt):
        hashed.append(password)
        return ordinary(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return hashed


def answer(response, address):
    """What a stranger can compare: without the address she wrote and the form's token."""
    text = response.content.decode().replace(address, "ADRESS")
    lines = [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]
    headers = {key: value for key, value in response.headers.items() if "Policy" not in key}
    headers.pop("Content-Length", None)
    # The second that it was answered, which a slow machine may not share between two.
    headers.pop("Expires", None)
    return response.status_code, headers, [line for line in lines if "nonce" not in line]


@pytest.mark.parametrize("state", ["active", "closed", "without a password"])
def test_sign_in_costs_one_hash_and_says_the_same(client, account, hashes, state):
    if state == "closed":
        account.is_active = False
    if state == "without a password":
        account.set_unusable_password()
    account.save()
    hashes.clear()
    answers = []
    for address in (KNOWN, UNKNOWN):
        response = client.post("/konto/logga-in/", {"login": address, "password": "fel"})
        answers.append((answer(response, address), len(hashes)))
        hashes.clear()

    assert answers[0] == answers[1]
    assert answers[0][1] == 1


def test_locked_address_is_told_alike(client):
    answers = []
    for address in (KNOWN, UNKNOWN):
        for _ in range(6):
            response = client.post("/konto/logga-in/", {"login": address, "password": "fel"})
        answers.append(answer(response, address))

    assert answers[0] == answers[1]
    assert "För många misslyckade försök" in " ".join(answers[0][2])


def test_forgotten_password_says_the_same(client):
    answers = []
    for address in (KNOWN, UNKNOWN, KNOWN.upper()):
        response = client.post("/konto/losenord/glomt/", {"email": address}, follow=True)
        answers.append((response.redirect_chain, answer(response, address)))

    assert answers[0] == answers[1] == answers[2]
    assert [letter.to for letter in sent_letters()] == [[KNOWN]] * 2


def test_bad_used_and_ended_invitations_are_answered_alike(client, clock):
    def invite(**fields):
        invitation = Invitation(email="ny@exempelland.example.org", **fields)
        token = invitation.renew()
        invitation.save()
        return invitation, token

    _, used = invite(accepted_at=timezone.now())
    ended, old = invite()
    Invitation.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(days=1))
    tokens = [used, old, "a" * 43, "forfalskad"]
    for send in (client.get, client.post):
        answers = [answer(send(f"/konto/inbjudan/{token}/"), token) for token in tokens]
        assert answers == [answers[0]] * 4
        assert answers[0][0] == 404


def test_invited_address_that_has_an_account_is_answered_as_a_used_one(client):
    invitation = Invitation(email=KNOWN)
    token = invitation.renew()
    invitation.save()
    new = {"first_name": "A", "last_name": "B", "password1": PASSWORD, "password2": PASSWORD}

    response = client.post(f"/konto/inbjudan/{token}/", new)

    assert answer(response, token) == answer(
        client.get("/konto/inbjudan/forfalskad/"), "forfalskad"
    )
    assert User.objects.count() == 1
