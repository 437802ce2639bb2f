"""Rights to edit units, given and taken by the claims of the region's sign-in."""

from datetime import date

import pytest
from django.test import Client

from organisation import claimed_managers, scope
from organisation.models import Appointment, UnitManager
from portal.accounts import rights
from portal.accounts.claims import Given, hold
from portal.accounts.models import User
from tests.factories import make_person, make_role, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user("asa@example.org", None, hsa_id="SE1-P1")


def given(*units):
    return Given(units={"manager": {unit.hsa_id for unit in units}})


def units_of(user):
    return sorted(right.unit.name for right in scope.rights_of(user))


def test_rights_follow_the_claims(user):
    ek, al = make_unit(name="Ek"), make_unit(name="Al")
    ended = make_unit(name="Ask", valid_to=date(2026, 11, 1))

    hold(user, given(ek, ended))
    assert units_of(user) == ["Ek"]
    assert rights.told(user) == ["Du får redigera Ek."]
    assert [right.basis for right in scope.rights_of(user)] == ["genom regionens inloggning"]
    kept = UnitManager.objects.get(user=user)
    hold(user, given(ek, al))
    assert units_of(user) == ["Al", "Ek"]
    assert UnitManager.objects.get(user=user, unit=ek) == kept
    hold(user, Given())

    assert (units_of(user), rights.has_any(user)) == ([], False)
    reasons = UnitManager.history.filter(id=kept.pk).order_by("history_id")
    assert [row.history_change_reason for row in reasons] == [claimed_managers.REASON] * 2


def test_leaves_what_was_given_in_another_way(user):
    ek, al = make_unit(name="Ek"), make_unit(name="Al")
    UnitManager.objects.create(user=user, unit=ek)
    hold(user, given(ek, al))

    hold(user, Given())

    assert units_of(user) == ["Ek"]


def test_manager_of_the_catalogue_is_awaited():
    unit, role = make_unit(name="Ek"), make_role(manages_unit=True)
    person = make_person(hsa_id="SE1-P1")
    Appointment.objects.create(unit=unit, role=role, person=person, state="held")

    assert rights.awaits("SE1-P1") is True
    assert rights.awaits("SE1-P2") is False


def test_deputy_written_by_hsa_id_is_awaited():
    UnitManager.objects.create(hsa_id="SE1-P3", unit=make_unit(name="Ek"))

    assert rights.awaits("SE1-P3") is True


def test_rule_for_units_is_offered_in_the_admin():
    root = User.objects.create_superuser("rot@example.org", "x")
    browser = Client()
    browser.force_login(root)

    assert "får redigera enheten" in browser.get("/admin/accounts/claimrule/add/").text
