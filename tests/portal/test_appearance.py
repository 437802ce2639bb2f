"""Light or dark by a press, kept in a cookie, and the sheet of colours."""

import re
from datetime import timedelta

import pytest

from portal.web.form_token import form_token, token_is_valid
from tests.conftest import TODAY


def choose(client, **fields):
    return client.post("/utseende/", {"kod": form_token("utseende"), "sida": "/intyg/", **fields})


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_appearance_is_remembered_and_shown(db, client, choice):
    response = choose(client, utseende=choice)
    cookie = response.cookies["utseende"]

    assert (response.status_code, response.headers["Location"]) == (302, "/intyg/")
    assert (cookie.value, cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (
        choice,
        31_536_000,
        "Lax",
        True,
    )
    assert not cookie["secure"]
    assert f'<html lang="sv" data-theme="{choice}">' in client.get("/").text


def test_appearance_cookie_is_secure_over_https(client):
    response = client.post(
        "/utseende/", {"kod": form_token("utseende"), "utseende": "dark"}, secure=True
    )

    assert response.cookies["utseende"]["secure"] is True


def test_automatic_appearance_takes_the_cookie_away(db, client):
    choose(client, utseende="dark")
    response = choose(client, utseende="")

    assert response.status_code == 302
    assert (response.cookies["utseende"].value, response.cookies["utseende"]["max-age"]) == ("", 0)
    assert '<html lang="sv">' in client.get("/").text


def test_the_pages_own_form_works(db, client):
    page = client.get("/sok/?q=" + "%C3%A5" * 199).text
    code = re.search(r'name="kod" value="([^"]+)"', page)[1]
    back = re.search(r'name="sida" value="([^"]+)"', page)[1]
    response = client.post("/utseende/", {"kod": code, "sida": back, "utseende": "dark"})

    assert (response.status_code, response.headers["Location"]) == (302, back)


@pytest.mark.parametrize("age", [0, 1])
def test_token_is_valid_for_two_days(client, age):
    token = form_token("utseende", on=TODAY - timedelta(days=age))

    assert choose(client, kod=token, utseende="dark").status_code == 302


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "utseende|2026-11-23",
        form_token("utseende", on=TODAY) + "x",
        form_token("utseende", on=TODAY - timedelta(days=2)),
        form_token("utseende", on=TODAY + timedelta(days=1)),
        form_token("aterkoppling", on=TODAY),
        form_token("utseende|2026-11-23", on=TODAY),
        "å" * 200,
        "a" * 201,
        ":" * 50,
    ],
)
def test_wrong_token_changes_nothing_and_says_so(client, token):
    response = choose(client, kod=token, utseende="dark")

    assert response.status_code == 400
    assert response.text == (
        "Utseendet kunde inte ändras. Gå tillbaka, läs in sidan på nytt och försök igen."
    )
    assert response.cookies == {}
    assert not token_is_valid(token, "utseende")


@pytest.mark.parametrize("choice", ["blå", "light; domain=evil.example", "LIGHT", "\x00"])
def test_unknown_appearance_changes_nothing(client, choice):
    response = choose(client, utseende=choice)

    assert (response.status_code, response.cookies) == (400, {})


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "intyg/",
        "",
        "https:///evil.example",
        "/a" * 2000,
    ],
)
def test_way_back_never_leads_to_another_host(client, back):
    response = choose(client, sida=back, utseende="dark")

    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("back", ["/a\r\nSet-Cookie: x=y", "/å?q=ä#ö", "/%0d%0aX: y", "/@evil"])
def test_way_back_is_one_header_line_on_this_host(client, back):
    response = choose(client, sida=back, utseende="dark")

    assert response.status_code == 302
    assert re.fullmatch(r"/[!-~]*", response.headers["Location"])
    assert not response.headers["Location"].startswith("//")
    assert [*response.cookies] == ["utseende"]


@pytest.mark.parametrize("hue", [0, 200, 359])
def test_theme_never_changes_at_its_address(client, hue):
    response = client.get(f"/tema/{hue}.css")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("hue", ["360", "9" * 5000, "-1", "1.5", "x", "٣"])
def test_theme_of_no_hue_is_not_found(db, client, hue):
    response = client.get(f"/tema/{hue}.css")

    assert response.status_code == 404
    assert "Cache-Control" not in response.headers
