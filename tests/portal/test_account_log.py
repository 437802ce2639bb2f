"""Who gave whom which group, and when, is read on the account's history page."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from portal.accounts.actions import accept
from portal.accounts.models import Invitation
from tests.portal.test_admin import form_values
from tests.portal.test_history import text_of

pytestmark = pytest.mark.django_db


def log_of(client, account):
    page = client.get(reverse("admin:accounts_user_history", args=[account.pk]))
    log = page.content.decode().split('id="content-main"')[1]
    return text_of(log.split("<tbody>")[1].split("</tbody>")[0])


def change(client, account, **values):
    address = reverse("admin:accounts_user_change", args=[account.pk])
    before = form_values(client.get(address))
    response = client.post(address, {**before, **values})
    assert response.status_code == 302


def test_groups_and_rights_that_came_and_went_are_told(editor):
    account = get_user_model().objects.create_user("anna@example.org", "x")
    writer, reviewer = (Group.objects.get(name=name) for name in ("redaktör", "granskare"))
    account.groups.add(writer)

    change(editor, account, groups=[reviewer.pk], is_staff="on", first_name="<b>Anna</b>")

    log = log_of(editor, account)
    assert "chef@example.org" in log
    assert "Grupper: lade till granskare; tog bort redaktör." in log
    assert "nej → ja." in log
    assert "Förnamn: tomt → <b>Anna</b>." in log
    page = editor.get(reverse("admin:accounts_user_history", args=[account.pk]))
    assert "<b>Anna</b>" not in page.content.decode()


def test_group_that_stays_is_not_told_and_no_change_is_said_to_be_none(editor):
    account = get_user_model().objects.create_user("anna@example.org", "x")
    account.groups.add(Group.objects.get(name="redaktör"))

    change(editor, account)

    assert "redaktör" not in log_of(editor, account)
    assert "Inga fält ändrade." in log_of(editor, account)


def test_new_password_is_told_without_the_password(editor):
    account = get_user_model().objects.create_user("anna@example.org", "x")
    address = reverse("admin:auth_user_password_change", args=[account.pk])
    password = "Tolv-gula-kannor-9"

    values = {"password1": password, "password2": password, "usable_password": "true"}
    response = editor.post(address, {**values, "set-password": "1"})

    assert response.status_code == 302
    assert "ösenord" in log_of(editor, account)
    assert password not in log_of(editor, account)


def test_groups_of_an_accepted_invitation_were_given_by_who_invited(editor):
    sender = get_user_model().objects.create_user("avsandare@example.org", "x")
    invitation = Invitation(email="ny@example.org", invited_by=sender)
    invitation.renew()
    invitation.save()
    invitation.groups.add(Group.objects.get(name="granskare"))

    account = accept(invitation, first_name="Ny", last_name="Nyman", password="x")

    log = log_of(editor, account)
    assert "avsandare@example.org" in log
    assert "Skapades genom inbjudan. Grupper: granskare." in log


def test_invitation_from_an_account_that_is_gone_still_makes_an_account(editor):
    invitation = Invitation(email="ny@example.org")
    invitation.renew()
    invitation.save()

    account = accept(invitation, first_name="Ny", last_name="Nyman", password="x")

    assert (
        "Skapades genom inbjudan från ett konto som inte finns längre. Grupper: inga."
    ) in log_of(editor, account)
