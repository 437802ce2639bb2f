"""Who has left has no way in and no right, and is still named where she has written."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from organisation.models import UnitManager
from organisation.scope import rights_of
from portal.accounts.models import Invitation, User
from portal.audit.models import Entry
from tests.audit.helpers import written
from tests.conftest import TODAY
from tests.factories import make_manager

pytestmark = pytest.mark.django_db
PASSWORD = "Vinterdäck-och-kaffe-7"


@pytest.fixture
def user():
    account = User.objects.create_user(
        "anna@example.org", PASSWORD, is_staff=True, first_name="Anna", hsa_id="SE2321000016-1ABC"
    )
    account.groups.add(Group.objects.get(name="redaktör"))
    account.user_permissions.add(Permission.objects.get(codename="add_unit"))
    Authenticator.objects.create(user=account, type="totp", data={"secret": "x"})
    make_manager(user=account, valid_from=TODAY - timedelta(days=30))
    connection.run_on_commit.clear()
    return account


def run(*args, **options):
    out = StringIO()
    call_command("deprovision", *args, stdout=out, **options)
    return out.getvalue()


def test_account_is_closed_and_not_deleted(user, client):
    client.force_login(user)
    assert client.get("/konto/").status_code == 200
    Invitation.objects.create(
        email="Anna@example.org", token_hash="x", expires_at=timezone.now() + timedelta(days=7)
    )
    told = run(email=["ANNA@example.org"])

    assert told == "Stängt: anna@example.org\n1 konton stängdes, 0 var stängda redan.\n"
    user.refresh_from_db()
    assert (user.is_active, user.is_staff, user.is_superuser) == (False, False, False)
    assert (user.first_name, user.email) == ("Anna", "anna@example.org")
    assert not user.has_usable_password()
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
    assert not Authenticator.objects.filter(user=user).exists()
    assert UnitManager.objects.get(user=user).valid_to == TODAY
    assert not rights_of(user)
    assert not Invitation.objects.open().exists()
    assert client.get("/konto/").status_code == 302
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert client.get("/konto/").status_code == 302

    entries = [e for e in written() if e.model == "accounts.user" and e.object_id == str(user.pk)]
    closing = [e for e in entries if e.action == "close_account"]
    assert len(closing) == 1
    assert closing[0].facts["unit_rights"] == 1
    assert closing[0].facts["is_active"] == [True, False]
    assert closing[0].facts["groups"]["removed"] == [Group.objects.get(name="redaktör").pk]


def test_session_ends_on_the_server(client):
    account = User.objects.create_user("bo@example.org", PASSWORD)
    client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    key = client.session.session_key
    assert client.get("/konto/").status_code == 200
    assert Session.objects.filter(session_key=key).exists()
    run(email=[account.email])

    assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/konto/").status_code == 302


def test_second_time_changes_nothing(user):
    run(email=[user.email])
    written()

    assert run(hsa_id=[user.hsa_id]) == "0 konton stängdes, 1 var stängda redan.\n"
    assert written() == []


def test_file_with_addresses_and_hsa_ids(user, tmp_path):
    other = User.objects.create_user("bo@example.org", PASSWORD, hsa_id="SE2321000016-2ABC")
    stays = User.objects.create_user("cia@example.org", PASSWORD)
    file = tmp_path / "slutat.csv"
    file.write_bytes(
        '\ufeff# slutat i november\n"anna@example.org";Anna\n\n  se2321000016-2abc , Bo\n'
        "okand@example.org\n".encode()
    )
    with pytest.raises(CommandError) as stopped:
        run(file)

    assert str(stopped.value) == "Inget konto finns för:\n  okand@example.org"
    assert stopped.value.returncode == 3
    closed = User.objects.filter(is_active=False, pk__in=[user.pk, other.pk, stays.pk])
    assert set(closed) == {user, other}


def test_dry_run_closes_nobody(user):
    told = run(email=[user.email], dry_run=True)

    assert told.startswith("Skulle stängas: anna@example.org\n1 konton skulle stängas")
    assert User.objects.get(pk=user.pk).is_active
    assert not Entry.objects.filter(action="close_account").exists()


def test_last_superuser_is_refused(user):
    User.objects.filter(is_superuser=True).update(is_active=False)
    chief = User.objects.create_superuser("chef@example.org", PASSWORD)
    with pytest.raises(CommandError, match="är den enda superanvändaren"):
        run(email=[chief.email])
    assert User.objects.get(pk=chief.pk).is_active

    User.objects.create_superuser("chef2@example.org", PASSWORD)
    assert "Stängt: chef@example.org" in run(email=[chief.email])


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe\x00", "inte text i UTF-8"), (b"x" * 1_000_001, "större än 1 MB")],
)
def test_odd_files(tmp_path, content, why):
    file = tmp_path / "fil"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=why):
        run(file)
    with pytest.raises(CommandError, match="går inte att läsa"):
        run(tmp_path)
    with pytest.raises(CommandError, match="Ange en fil"):
        run()


def test_accounts_that_nobody_uses_are_listed(user):
    now = timezone.now()
    User.objects.update(last_login=now)
    used = User.objects.create_user("nyss@example.org", last_login=now - timedelta(days=179))
    old = User.objects.create_user("lange@example.org", last_login=now - timedelta(days=181))
    never = User.objects.create_user("aldrig@example.org")
    User.objects.filter(pk=never.pk).update(date_joined=now - timedelta(days=400))
    User.objects.create_user(
        "stangd@example.org", is_active=False, last_login=now - timedelta(days=900)
    )
    told = run(list_idle=180)

    day = timezone.localtime(old.last_login).strftime("%Y-%m-%d")
    assert told == (
        "aldrig@example.org: senast inloggad aldrig\n"
        f"lange@example.org: senast inloggad {day}\n"
        "2 öppna konton har inte använts på 180 dagar.\n"
    )
    assert User.objects.get(pk=used.pk).is_active
    assert User.objects.get(pk=old.pk).is_active
    for days in (0, -1, 10**9):
        with pytest.raises(CommandError, match="1 till 36500"):
            run(list_idle=days)
