"""With the requirement on, no page of the admin acts for staff without a factor in the session.

Addresses come from the resolver: what is added is held as well. The refusal is the server's,
before the page's own rights are asked.
"""

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.test import Client

from organisation.models import Unit
from tests.admin.test_forged import ADDRESSES, everything, filled

pytestmark = pytest.mark.django_db

# Leading to sign-in and out are no actions.
OPEN = {"/admin/login/", "/admin/logout/"}
LOCKED = [each for each in ADDRESSES if each.startswith("/admin/") and each not in OPEN]


def sign_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture(params=["without a factor", "a session from before it was used"])
def weak(request, settings):
    """A superuser's session that began before the requirement, by password alone."""
    user = get_user_model().objects.create_superuser("chef@example.org", "x")
    browser = sign_in(user)
    assert browser.get("/admin/").status_code == 200
    if request.param != "without a factor":
        totp.TOTP.activate(user, totp.generate_totp_secret())
    settings.REQUIRE_SECOND_FACTOR = True
    return browser


def test_every_address_of_the_admin_refuses_a_session_without_a_factor(weak):
    before = everything()
    answers = {
        (method, address, response.status_code, response["Location"].partition("?")[0])
        for pattern in LOCKED
        for address in filled(pattern)
        for method in ("get", "post")
        for response in [getattr(weak, method)(address, {"action": "delete_selected"})]
        if not response.headers.get("Location", "").startswith("/konto/tvasteg/")
    }

    assert len(LOCKED) > 150
    assert answers == set()
    assert everything() == before


def test_right_form_is_refused_and_nothing_is_stored(weak):
    unit = Unit.objects.filter(kind__level="unit").first()
    values = {"name": "Ändrad", "hsa_id": unit.hsa_id, "kind": unit.kind_id, "ownership": "public"}

    response = weak.post(f"/admin/organisation/unit/{unit.pk}/change/", values)

    assert response["Location"].startswith("/konto/tvasteg/")
    assert not Unit.objects.filter(name="Ändrad").exists()


def test_invitation_is_refused(weak):
    before = everything()
    values = {"email": "ny@exempelland.example.org", "is_staff": "on"}
    assert weak.post("/admin/accounts/invitation/add/", values).status_code == 302
    assert everything() == before


@pytest.mark.parametrize(
    "address", ["//admin/", "/admin//", "/ADMIN/", "/admin/../admin/", "/%61dmin/"]
)
def test_no_spelling_of_the_address_goes_around(weak, address):
    # By PATH_INFO: a client takes "//admin/" for a host.
    response = weak.get("/", PATH_INFO=address)

    assert response.status_code in {302, 404}
    if response.status_code == 302:
        assert response["Location"].startswith("/konto/tvasteg/")


def test_reader_without_staff_rights_is_not_asked(settings):
    """An enhetschef signs in by password alone: the requirement is for the admin's doors."""
    settings.REQUIRE_SECOND_FACTOR = True
    browser = sign_in(get_user_model().objects.create_user("enhet@example.org", "x"))

    assert browser.get("/konto/").status_code == 200
    assert browser.get("/admin/").status_code == 302
