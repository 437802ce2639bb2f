"""What holds at every address: the same guard, no cookie, and an answer to any method."""

import re

import pytest

from tests.portal.addresses import (
    FILES,
    FORMS,
    OTHER_ANSWERS,
    PUBLIC_POLICY,
    assert_guarded,
    public_addresses,
)

# The two pages that a search begins on propose words by a script of the site's own.
SEARCH_POLICY = {**PUBLIC_POLICY, "script-src": "'self'", "connect-src": "'self'"}
SEARCH_BEGINS = {"start", "search"}
ADMIN_POLICY = {**PUBLIC_POLICY, "script-src": "'self'", "connect-src": "'self'"}


@pytest.fixture
def addresses(db):
    return public_addresses()


def test_every_address_answers_with_the_same_policy_and_no_cookie(addresses, client):
    policies = set()
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == OTHER_ANSWERS.get(name, 200), address
        if name in FILES:
            assert "sandbox" in response.headers["Content-Security-Policy"]
            continue
        # A calendar file's address tells of one case and is passed on to nobody.
        one_case = name == "guidance:page_calendar"
        expected = SEARCH_POLICY if name in SEARCH_BEGINS else PUBLIC_POLICY
        assert_guarded(response, expected, "no-referrer" if one_case else "same-origin")
        assert response.cookies == {}, address
        assert "Set-Cookie" not in response.headers
        policies.add(response.headers["Content-Security-Policy"])

    assert len(addresses) > 25
    assert len(policies) == 2
    assert not re.search(r"unsafe|nonce|data:|\*|http", " ".join(policies))


@pytest.mark.parametrize(
    "address",
    ["/finns-inte/", "/intyg", "/sekretess-och-samtycke", "/start/", "/tema/999.css", "/%00/"],
)
def test_other_answers_carry_the_same(db, client, address):
    response = client.get(address)

    assert response.status_code in {301, 404}
    assert_guarded(response)
    assert response.cookies == {}


def test_admin_has_a_policy_of_its_own_without_anything_unsafe(admin_client):
    for address in ("/admin/login/", "/admin/", "/admin/accounts/user/", "/admin/finns-inte/"):
        assert_guarded(admin_client.get(address), ADMIN_POLICY)
    assert admin_client.get("/admin/").status_code == 200


def test_policy_is_the_public_one_for_a_signed_in_reader(admin_client):
    assert_guarded(admin_client.get("/"), SEARCH_POLICY)
    assert_guarded(admin_client.get("/administrera/"))


@pytest.mark.parametrize("name", ["start", "guidance:page", "organisation:unit_list", "search"])
@pytest.mark.parametrize("value", ["light", "dark", "<script>", "\xf0\x9f", "a" * 5000])
def test_cookie_of_any_kind_gives_a_page(addresses, client, name, value):
    client.cookies["utseende"] = value
    response = client.get(addresses[name])
    shown = re.search(r"<html lang=\"sv\"( [^>]*)?>", response.text)[1]

    assert response.status_code == 200
    assert shown == (f' data-theme="{value}"' if value in {"light", "dark"} else None)


def test_head_and_options_and_post(addresses, client):
    for name, address in addresses.items():
        if name in OTHER_ANSWERS:
            continue
        head, got = client.head(address), client.get(address)
        if name in FILES:
            assert (head.status_code, b"".join(head)) == (200, b""), address
            continue
        assert (head.status_code, head.content) == (200, b""), address
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        if name in FORMS:
            continue
        for method in (client.post, client.put, client.patch, client.delete, client.options):
            status = method(address).status_code
            assert status == 405 or (status == 200 and method == client.options), address
