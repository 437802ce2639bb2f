"""A copied session cookie is worth nothing once its owner, or an administrator, has ended it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from organisation.models import Unit
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "erik@exempelland.example.org", "Vinterdäck-och-kaffe-7"
NEW = "Sommardäck-och-te-8"


@pytest.fixture
def owner():
    user = User.objects.create_user(EMAIL, PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="administratör"))
    return user


def sign_in():
    browser = Client()
    browser.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    return browser


def copied(browser):
    thief = Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    return thief


def reads(browser):
    return browser.get("/admin/organisation/unit/").status_code == 200


def writes(browser, name):
    unit = Unit.objects.filter(kind__level="unit").order_by("pk").first()
    values = {"name": name, "hsa_id": unit.hsa_id, "kind": unit.kind_id, "ownership": "public"}
    address = reverse("admin:organisation_unit_change", args=[unit.pk])
    form = browser.get(address).context
    opened = {"_opened": form["opened_as"]} if form and "opened_as" in form else {}
    browser.post(address, {**values, **opened})
    return Unit.objects.filter(name=name).exists()


def sign_out(browser, user):
    browser.post("/konto/logga-ut/")


def sign_out_everywhere(browser, user):
    browser.post("/konto/inloggningar/avsluta-alla/")


def end_the_others(browser, user):
    sign_in().post("/konto/inloggningar/")


def change_password(browser, user):
    values = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    sign_in().post("/konto/losenord/", values)


def be_closed(browser, user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def leave_the_group(browser, user):
    user.groups.clear()


def leave_the_staff(browser, user):
    User.objects.filter(pk=user.pk).update(is_staff=False)


ENDINGS = [
    sign_out,
    sign_out_everywhere,
    end_the_others,
    change_password,
    be_closed,
    leave_the_group,
    leave_the_staff,
]


@pytest.mark.parametrize("end", ENDINGS)
def test_copied_cookie_is_useless_at_once(end, owner):
    browser = sign_in()
    thief = copied(browser)
    assert reads(thief)
    assert writes(thief, "Stulet före")

    end(browser, owner)

    assert not writes(thief, "Stulet efter")
    assert not reads(thief)


@pytest.mark.parametrize("end", [sign_out, sign_out_everywhere, be_closed, change_password])
def test_copied_cookie_reads_no_account_page_either(end, owner):
    browser = sign_in()
    thief = copied(browser)
    assert thief.get("/konto/").status_code == 200

    end(browser, owner)

    assert thief.get("/konto/")["Location"].startswith("/konto/logga-in/")
    assert thief.get("/konto/inloggningar/").status_code == 302
