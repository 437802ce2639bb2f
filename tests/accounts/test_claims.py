"""What claims give: whose account it is, which groups and units, and when that ends."""

from dataclasses import replace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts import rights
from portal.accounts.models import ClaimedRights, ClaimRule, User

from .region import sign_in, user_of, words

pytestmark = pytest.mark.django_db
PASSWORD = "Vinterdäck-7-och-te"


@pytest.fixture
def room():
    """A room that keeps rights for units: {(account, HSA-id): given by claims or by hand}."""
    kept = {}
    known = {"SE1-A": "Aspen", "SE1-B": "Björken", "SE1-C": "Cypressen"}

    def hold(*, user, hsa_ids):
        for key in [key for key, how in kept.items() if key[0] == user.pk and how == "claims"]:
            if key[1] not in hsa_ids:
                del kept[key]
        for hsa_id in hsa_ids & set(known):
            kept.setdefault((user.pk, hsa_id), "claims")
        return [known[hsa_id] for pk, hsa_id in kept if pk == user.pk]

    def told(user):
        mine = sorted(known[hsa_id] for pk, hsa_id in kept if pk == user.pk)
        return [f"Du får redigera {name}." for name in mine]

    def awaits(hsa_id):
        return hsa_id == "SE1-VANTAD"

    rights.register(rights.Kind("prov", "får redigera enheten", hold, told, awaits))
    yield kept
    rights.unregister("prov")


def group(name):
    return Group.objects.get(name=name)


def rule(value, name, **fields):
    return ClaimRule.objects.create(value=value, group=group(name), **fields)


def unit_rule(value, unit_from, **fields):
    return ClaimRule.objects.create(value=value, unit_right="prov", unit_from=unit_from, **fields)


def groups_of(user):
    return sorted(user.groups.values_list("name", flat=True))


def make_account(**fields):
    return User.objects.create_user("asa@example.org", PASSWORD, hsa_id="SE1-P1", **fields)


# New accounts.


def test_makes_an_account_for_whom_the_claims_give_something(client, provider):
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": ["FM-Redaktion"], "email": "Asa.Oberg@example.org"}
    provider.person["email_verified"] = True

    response = sign_in(client)

    user = User.objects.get(hsa_id="SE1-P1")
    assert response["Location"] == "/admin/"
    assert (user.email, str(user)) == ("Asa.Oberg@example.org", "Åsa Öberg")
    assert groups_of(user) == ["redaktör"]
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert not EmailAddress.objects.filter(user=user).exists()
    assert mail.outbox == []


def test_makes_none_for_whom_they_give_nothing(client, provider):
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": ["Något annat"]}

    response = sign_in(client)

    assert (response.status_code, user_of(client)) == (403, None)
    assert "Du har ingen behörighet här" in words(response)
    assert "uppge ditt HSA-id: SE1-P1" in words(response)
    assert not User.objects.filter(hsa_id="SE1-P1").exists()


def test_makes_none_where_the_region_says_so(client, provider, settings):
    settings.OIDC = replace(settings.OIDC, makes_accounts=False)
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": ["FM-Redaktion"]}

    assert sign_in(client).status_code == 403
    assert not User.objects.filter(hsa_id="SE1-P1").exists()


@pytest.mark.parametrize("email", [None, "", "inte en adress", "a@b\x00.se", 7, "x@hsa-id.invalid"])
def test_account_without_a_usable_address_gets_one_that_leads_nowhere(client, provider, email):
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": "FM-Redaktion", "email": email, "email_verified": True}

    sign_in(client)

    assert User.objects.get(hsa_id="SE1-P1").email == "se1-p1@hsa-id.invalid"
    assert "Du är inloggad som Åsa Öberg (SE1-P1)." in words(client.get("/konto/"))
    client.post("/konto/losenord/glomt/", {"email": "se1-p1@hsa-id.invalid"})
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("verified", "trusts", "email"),
    [
        (None, False, "se1-p1@hsa-id.invalid"),
        ("true", False, "se1-p1@hsa-id.invalid"),
        (True, False, "asa@example.org"),
        (None, True, "asa@example.org"),
    ],
)
def test_address_counts_when_somebody_has_proved_it(
    client, provider, settings, verified, trusts, email
):
    settings.OIDC = replace(settings.OIDC, trusts_email=trusts)
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": "FM-Redaktion", "email": "asa@example.org"}
    provider.person["email_verified"] = verified

    sign_in(client)

    assert User.objects.get(hsa_id="SE1-P1").email == email


def test_never_takes_an_account_by_its_address(client, provider):
    other = User.objects.create_superuser("asa@example.org", PASSWORD)
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": ["FM-Redaktion"], "email": "ASA@example.org"}

    response = sign_in(client)

    assert (response.status_code, user_of(client)) == (403, None)
    assert "Ditt konto saknar HSA-id" in words(response)
    assert "SE1-P1" in words(response)
    other.refresh_from_db()
    assert (other.hsa_id, groups_of(other)) == (None, [])


def test_people_who_share_a_mailbox_have_accounts_of_their_own(client, provider):
    User.objects.create_user("vc@example.org", PASSWORD, hsa_id="SE1-P2")
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": ["FM-Redaktion"], "email": "vc@example.org"}
    provider.person["email_verified"] = True

    assert sign_in(client).status_code == 302
    assert User.objects.get(hsa_id="SE1-P1").email == "se1-p1@hsa-id.invalid"


def test_identity_is_the_same_however_it_is_written(client, provider):
    user = make_account(is_staff=True)
    provider.person["employeeHsaId"] = " se1-p1 "

    sign_in(client)

    assert user_of(client) == str(user.pk)


def test_names_with_halves_of_characters_are_stored_whole(client, provider):
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": "FM-Redaktion", "given_name": "Å\x00s\ud800a"}
    provider.person["family_name"] = "Ö" * 400

    assert sign_in(client).status_code == 302
    user = User.objects.get(hsa_id="SE1-P1")
    assert (user.first_name, user.last_name) == ("Å sa", "Ö" * 150)


def test_new_name_comes_with_the_claims_but_not_over_what_an_editor_wrote(provider):
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": "FM-Redaktion"}
    sign_in(Client())
    provider.person |= {"family_name": "Ek"}
    sign_in(Client())
    assert str(User.objects.get(hsa_id="SE1-P1")) == "Åsa Ek"

    User.objects.create_user("bo@example.org", None, hsa_id="SE1-P2", first_name="Bosse")
    provider.person |= {"employeeHsaId": "SE1-P2"}
    sign_in(Client())
    assert str(User.objects.get(hsa_id="SE1-P2")) == "Bosse"


def test_closed_account_stays_closed(client, provider):
    user = make_account(is_active=False)
    rule("FM-Redaktion", "redaktör")
    provider.person |= {"groups": "FM-Redaktion"}

    response = sign_in(client)

    assert (response.status_code, user_of(client)) == (403, None)
    assert "Kontot är avstängt" in words(response)
    assert groups_of(user) == []


# Claims come in every shape.


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("FM-Redaktion", ["redaktör"]),
        (["FM-Redaktion"], ["redaktör"]),
        ("fm-redaktion", ["redaktör"]),
        (["FM-Redaktion", "FM-Kurs", "Annat"], ["kursansvarig", "redaktör"]),
        ([f"Grupp {number}" for number in range(10_000)] + ["FM-Kurs"], ["kursansvarig"]),
        ([None, 7, {"a": "FM-Kurs"}, ["FM-Kurs"], "FM-Kurs"], ["kursansvarig"]),
    ],
)
def test_groups_as_text_or_list(client, provider, claim, found):
    rule("FM-Redaktion", "redaktör")
    rule("FM-Kurs", "kursansvarig")
    # Ten thousand do not fit in a token that browsers or servers would bear.
    provider.userinfo = {"groups": claim}

    assert sign_in(client).status_code == 302
    assert groups_of(User.objects.get(hsa_id="SE1-P1")) == found


@pytest.mark.parametrize("claim", [None, "", [], {}, {"FM-Redaktion": 1}, 0, [[]], "FM-Redaktion2"])
def test_no_groups_in_other_shapes(client, provider, claim):
    rule("FM-Redaktion", "redaktör")
    provider.person["groups"] = claim

    assert sign_in(client).status_code == 403


def test_what_is_signed_counts_before_userinfo(client, provider):
    rule("FM-Redaktion", "redaktör")
    rule("FM-Kurs", "kursansvarig")
    provider.person["groups"] = "FM-Kurs"
    provider.userinfo = {"groups": "FM-Redaktion", "employeeHsaId": "SE1-P9"}

    sign_in(client)

    assert groups_of(User.objects.get(hsa_id="SE1-P1")) == ["kursansvarig"]


def test_beginning_of_a_value(client, provider):
    rule("cn=fm-", "redaktör", comparison="prefix", claim="memberOf")
    provider.person["memberOf"] = ["CN=FM-Redaktion,OU=Grupper,DC=example,DC=org"]

    assert sign_in(client).status_code == 302


# What claims gave follows them.


def test_rights_go_with_the_claims(provider):
    rule("FM-Redaktion", "redaktör")
    rule("FM-Kurs", "kursansvarig")
    provider.person["groups"] = ["FM-Redaktion"]
    sign_in(Client())
    user = User.objects.get(hsa_id="SE1-P1")
    provider.person["groups"] = ["FM-Kurs"]

    assert sign_in(Client()).status_code == 302

    user.refresh_from_db()
    assert (groups_of(user), user.is_staff) == (["kursansvarig"], True)


def test_who_is_left_with_nothing_is_out_everywhere(provider):
    rule("FM-Redaktion", "redaktör")
    provider.person["groups"] = ["FM-Redaktion"]
    before = Client()
    sign_in(before)
    assert before.get("/admin/").status_code == 200
    provider.person["groups"] = []

    response = sign_in(Client())

    assert "Du har ingen behörighet här" in words(response)
    user = User.objects.get(hsa_id="SE1-P1")
    assert (groups_of(user), user.is_staff) == ([], False)
    assert before.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/konto/logga-in/")
    logged = LogEntry.objects.filter(object_id=str(user.pk)).order_by("pk")
    assert [str(entry.change_message) for entry in logged] == [
        "Regionens inloggning: grupper: lade till redaktör.",
        "Regionens inloggning: grupper: tog bort redaktör.",
    ]


def test_what_was_given_by_hand_stays(provider):
    rule("FM-Redaktion", "redaktör")
    rule("FM-Kurs", "kursansvarig")
    user = make_account(is_staff=True)
    user.groups.add(group("redaktör"))
    provider.person["groups"] = ["FM-Redaktion", "FM-Kurs"]
    sign_in(Client())
    assert groups_of(user) == ["kursansvarig", "redaktör"]
    assert [str(each) for each in user.claimed.groups.all()] == ["kursansvarig"]
    provider.person["groups"] = []

    assert sign_in(Client()).status_code == 302

    user.refresh_from_db()
    assert (groups_of(user), user.is_staff) == (["redaktör"], True)


def test_group_without_work_in_the_admin_makes_no_staff(client, provider):
    rule("FM-Chef", "enhetschef")
    provider.person["groups"] = "FM-Chef"

    response = sign_in(client)

    assert response["Location"] == "/konto/"
    assert "Du är enhetschef." in words(client.get("/konto/"))
    page = client.get("/admin/", follow=True)
    assert page.status_code == 403
    assert "Ditt konto saknar behörighet" in words(page)


def test_rule_that_is_taken_away_takes_what_it_gave(provider):
    made = rule("FM-Redaktion", "redaktör")
    provider.person["groups"] = ["FM-Redaktion"]
    sign_in(Client())
    made.delete()

    assert sign_in(Client()).status_code == 403


def test_password_alone_does_not_bring_what_claims_gave(provider):
    rule("FM-Redaktion", "redaktör")
    user = make_account()
    provider.person["groups"] = ["FM-Redaktion"]
    sign_in(Client())
    assert groups_of(user) == ["redaktör"]

    browser = Client()
    browser.post("/konto/logga-in/e-post/", {"login": "asa@example.org", "password": PASSWORD})

    assert user_of(browser) == str(user.pk)
    assert groups_of(user) == []
    page = words(browser.get("/konto/"))
    assert "Kontot har ingen behörighet ännu." in page
    assert "Logga då ut och in igen den vägen." in page
    assert browser.get("/admin/", follow=True).status_code == 403


def test_claims_make_no_superuser_and_unmake_none(client, provider):
    rule("FM-Admin", "administratör")
    provider.person |= {"groups": "FM-Admin", "is_superuser": True, "is_staff": True}
    sign_in(client)
    assert User.objects.get(hsa_id="SE1-P1").is_superuser is False

    User.objects.create_superuser("rot@example.org", PASSWORD, hsa_id="SE1-P2")
    provider.person |= {"groups": [], "employeeHsaId": "SE1-P2"}
    assert sign_in(Client()).status_code == 302
    root = User.objects.get(hsa_id="SE1-P2")
    assert (root.is_superuser, root.is_staff) == (True, True)


# Units, through a room's own register.


def test_units_of_the_claim(client, provider, room):
    unit_rule("Chef", "claim", claim="title")
    provider.person |= {"title": "chef", "units": ["SE1-A", "se1-b", "SE9-OKÄND", "SE9-X", None]}

    response = sign_in(client)

    user = User.objects.get(hsa_id="SE1-P1")
    assert room == {(user.pk, "SE1-A"): "claims", (user.pk, "SE1-B"): "claims"}
    assert (response["Location"], user.is_staff) == ("/konto/", False)
    page = words(client.get("/konto/"))
    assert "Du får redigera Aspen." in page
    assert "Du får redigera Björken." in page
    assert "Cypressen" not in page


def test_unit_in_the_value_itself(client, provider, room):
    unit_rule("FM-Chef:", "rest", comparison="prefix")
    provider.person |= {"groups": ["FM-Chef:SE1-C", "FM-Chef:", "Annat:SE1-A"], "units": "SE1-B"}

    sign_in(client)

    user = User.objects.get(hsa_id="SE1-P1")
    assert room == {(user.pk, "SE1-C"): "claims"}


def test_units_follow_the_claims_and_leave_what_was_given_by_hand(provider, room):
    unit_rule("Chef", "claim", claim="title")
    user = make_account()
    room[user.pk, "SE1-C"] = "by hand"
    provider.person |= {"title": "Chef", "units": ["SE1-A"]}
    sign_in(Client())
    assert room == {(user.pk, "SE1-C"): "by hand", (user.pk, "SE1-A"): "claims"}
    provider.person |= {"title": "Läkare"}

    assert sign_in(Client()).status_code == 302

    assert room == {(user.pk, "SE1-C"): "by hand"}


def test_right_that_waits_for_the_person_makes_an_account(client, provider, room, monkeypatch):
    provider.person["employeeHsaId"] = "se1-vantad"
    ordinary = rights.told
    monkeypatch.setattr(rights, "told", lambda user: [*ordinary(user), "Du är väntad."])

    assert sign_in(client)["Location"] == "/konto/"
    assert "Du är väntad." in words(client.get("/konto/"))
    assert User.objects.get(hsa_id="SE1-VANTAD").is_staff is False


def test_manager_of_units_nobody_knows_has_no_right(client, provider, room):
    unit_rule("Chef", "claim", claim="title")
    provider.person |= {"title": "Chef", "units": ["SE9-X"]}

    assert sign_in(client).status_code == 403
    assert room == {}
    assert not User.objects.filter(hsa_id="SE1-P1").exists()


# Two at once.


def test_other_first_sign_in_that_came_before_is_no_fault(client, provider, monkeypatch):
    """The other one made the account between the question and the answer."""
    from portal.accounts import claims

    rule("FM-Redaktion", "redaktör")
    provider.person["groups"] = "FM-Redaktion"
    ordinary = claims._names

    def slow(found):
        if not User.objects.filter(hsa_id="SE1-P1").exists():
            User.objects.create_user("se1-p1@hsa-id.invalid", None, hsa_id="SE1-P1")
        return ordinary(found)

    monkeypatch.setattr(claims, "_names", slow)

    assert sign_in(client).status_code == 302
    assert User.objects.filter(hsa_id="SE1-P1").count() == 1


# Rules are written by administrators.


def admin():
    browser = Client()
    user = User.objects.create_user("admin@example.org", PASSWORD, is_staff=True)
    user.groups.add(group("administratör"))
    browser.force_login(user)
    return browser


def test_administrator_writes_rules(provider, monkeypatch):
    """In a site where no room has rights for units."""
    monkeypatch.setattr(rights, "_kinds", {})
    values = {"claim": "groups", "comparison": "exact", "value": "FM-Kurs"}
    browser, address = admin(), "/admin/accounts/claimrule/add/"

    assert "Regler för inloggning" in words(browser.get("/admin/"))
    assert "Ger rätten" not in words(browser.get(address))
    refused = browser.post(address, values)
    assert "Välj den grupp som regeln ger." in words(refused)
    browser.post(address, {**values, "group": group("kursansvarig").pk})

    made = ClaimRule.objects.get()
    assert (str(made), made.group.name) == ("groups är precis FM-Kurs", "kursansvarig")
    again = browser.post(address, {**values, "group": group("kursansvarig").pk})
    assert "Det finns redan en sådan regel." in words(again)


def test_administrator_writes_rules_for_units(provider, room):
    values = {"claim": "groups", "comparison": "exact", "value": "FM-Chef:", "unit_right": "prov"}
    browser, address = admin(), "/admin/accounts/claimrule/add/"

    assert "får redigera enheten" in words(browser.get(address))
    assert "Välj antingen en grupp" in words(browser.post(address, values))
    assert "måste villkoret vara" in words(browser.post(address, {**values, "unit_from": "rest"}))
    browser.post(address, {**values, "unit_from": "rest", "comparison": "prefix"})

    assert ClaimRule.objects.get().unit_right == "prov"


def test_rules_are_not_in_the_menu_without_a_provider(settings):
    assert settings.OIDC is None
    assert "Regler för inloggning" not in words(admin().get("/admin/"))


def test_account_tells_what_came_from_claims(provider):
    rule("FM-Kurs", "kursansvarig")
    provider.person["groups"] = "FM-Kurs"
    sign_in(Client())
    user = User.objects.get(hsa_id="SE1-P1")

    page = words(admin().get(f"/admin/accounts/user/{user.pk}/change/"))

    assert "Varav genom regionens inloggning: kursansvarig" in page


def test_rule_gives_one_thing():
    for fields in (
        {"group": group("redaktör"), "unit_right": "prov", "unit_from": "claim"},
        {"unit_right": "prov"},
        {"unit_from": "claim"},
        {},
    ):
        with pytest.raises(ValidationError):
            ClaimRule(value="x", **fields).full_clean()


def test_account_that_goes_takes_its_mark_along(provider):
    rule("FM-Kurs", "kursansvarig")
    provider.person["groups"] = "FM-Kurs"
    sign_in(Client())

    User.objects.get(hsa_id="SE1-P1").delete()

    assert ClaimedRights.objects.count() == 0
