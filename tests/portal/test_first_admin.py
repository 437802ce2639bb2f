"""`manage.py first_admin`: a way in on the first start, and only then."""

import re

from django.core.management import call_command

from portal.accounts.models import User


def test_prints_once_a_password_that_works(db, capsys, client):
    assert User.objects.count() == 0

    call_command("first_admin")
    printed = capsys.readouterr().out
    email = re.search(r"e-post: +(\S+)", printed)[1]
    password = re.search(r"lösenord: +(\S+)", printed)[1]

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == (email, True, True)
    assert len(password) >= 16
    assert password not in user.password
    response = client.post("/admin/login/", {"username": email, "password": password})
    assert (response.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))

    call_command("first_admin")
    assert capsys.readouterr().out == ""
    assert [*User.objects.all()] == [user]


def test_prints_nothing_when_somebody_has_an_account(db, capsys):
    User.objects.create_user("nagon@exempelland.example.org")

    call_command("first_admin")

    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1
