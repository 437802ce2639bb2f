"""`manage.py first_admin`: a way in on the first start, and only then."""

import re

import pytest
from django.core.management import CommandError, call_command

from organisation.models import Unit
from portal.accounts.groups import GROUPS
from portal.accounts.models import User

THERE_ALREADY = (
    "  Konton finns redan, så inget nytt görs. Ett glömt lösenord byts med "
    "manage.py changepassword E-POST.\n"
)


def sign_in(client, email, password):
    return client.post("/konto/logga-in/", {"login": email, "password": password})


def test_prints_once_a_password_that_works(db, capsys, client):
    assert User.objects.count() == 0

    call_command("first_admin")
    printed = capsys.readouterr().out
    email = re.search(r"e-post: +(\S+)", printed)[1]
    password = re.search(r"lösenord: +(\S+)", printed)[1]

    user = User.objects.get(is_superuser=True)
    assert (user.email, user.is_staff) == (email, True)
    assert len(password) >= 16
    assert password not in user.password
    response = sign_in(client, email, password)
    assert (response.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))

    count = User.objects.count()
    call_command("first_admin")
    assert capsys.readouterr().out == THERE_ALREADY
    assert User.objects.count() == count


def test_the_administrator_may_have_an_address_of_her_own(db, capsys):
    with pytest.raises(CommandError, match="anna är ingen e-postadress"):
        call_command("first_admin", email="anna")
    assert not User.objects.exists()

    call_command("first_admin", email="anna.svensson@region.example")

    assert "e-post:   anna.svensson@region.example\n" in capsys.readouterr().out
    assert User.objects.get(is_superuser=True).email == "anna.svensson@region.example"


def test_demo_has_an_account_for_each_group(db, capsys, client):
    call_command("first_admin")
    lines = re.findall(r"^    (\S+@\S+)  +(\S+)$", capsys.readouterr().out, re.MULTILINE)

    assert [email for email, _ in lines] == [
        "redaktor@example.org",
        "granskare@example.org",
        "enhetschef@example.org",
        "kursansvarig@example.org",
        "uppfoljningsansvarig@example.org",
        "administrator@example.org",
        "ersattare@example.org",
    ]
    for (email, password), name in zip(lines[:-1], GROUPS, strict=True):
        user = User.objects.get(email=email)
        assert [group.name for group in user.groups.all()] == [name]
        assert (user.is_staff, user.is_superuser) == (name != "enhetschef", False)
        assert sign_in(client, email, password).status_code == 302
        client.logout()


def test_demo_has_a_manager_of_two_units_and_her_deputy_in_one(db, capsys):
    call_command("first_admin")

    manager, deputy = (
        User.objects.get(email=f"{name}@example.org") for name in ("enhetschef", "ersattare")
    )
    own, other = (set(Unit.objects.editable_by(user)) for user in (manager, deputy))
    assert len(own) == 2
    assert len(other) == 1
    assert other < own


def test_real_region_gets_no_demo_accounts(db, capsys, settings):
    settings.DEMO_DATA = False

    call_command("first_admin")

    assert User.objects.count() == 1


def test_makes_nothing_and_tells_the_way_in_when_somebody_has_an_account(db, capsys):
    User.objects.create_user("nagon@exempelland.example.org")

    call_command("first_admin")

    assert capsys.readouterr().out == THERE_ALREADY
    assert User.objects.count() == 1
