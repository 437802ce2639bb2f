"""An account comes from an invitation, whose link works once and not for long."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from portal.accounts.actions import InvitationNotOpen, accept
from portal.accounts.models import Invitation, User
from tests.letters import sent_letters

from .pages import EMAIL, ENGLISH, PASSWORD, sign_in, text_of

pytestmark = pytest.mark.django_db


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
