"""What goes wrong is told on a page of the site, with its status and without its cause."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from guidance.models import Page, PageVersion
from tests.conftest import NOW
from tests.portal.addresses import assert_guarded


def assert_in_the_look(response, heading):
    assert response.text.count("<h1") == 1
    assert f"<h1>{heading}</h1>" in response.text
    assert '<html lang="sv">' in response.text
    assert "/tema/200.css?v=" in response.text
    assert "css/site.css" in response.text
    assert not re.search(r"<script|<style| style=|{[{%]", response.text)
    assert_guarded(response)
    assert response.cookies == {}


@pytest.fixture
def failing(settings, db):
    settings.ROOT_URLCONF = "tests.portal.failing_urls"
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_400_is_a_page_of_the_site(db, client):
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert_in_the_look(response, "Förfrågan kunde inte tolkas")
    assert "evil.example" not in response.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("&".join(f"a{n}=1" for n in range(2001)), "application/x-www-form-urlencoded"),
        ("x", "multipart/form-data; boundary=å"),
        ("x", "multipart/form-data"),
    ],
    ids=["fields", "boundary", "no boundary"],
)
def test_body_that_cannot_be_read_is_a_400_page(db, client, body, kind):
    response = client.generic("POST", "/utseende/", body.encode(), content_type=kind)

    assert response.status_code == 400
    assert_in_the_look(response, "Förfrågan kunde inte tolkas")


def test_body_too_large_is_a_413_page_that_names_the_limit(db, client):
    body = b"x" * 3_000_000
    response = client.generic(
        "POST", "/utseende/", body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 413
    assert_in_the_look(response, "Det som skickades är för stort")
    assert "Högst 1 MB kan tas emot här, och inget har sparats." in response.text


def test_403_is_a_page_of_the_site(failing):
    response = failing.get("/prov/forbjudet/")

    assert response.status_code == 403
    assert_in_the_look(response, "Du har inte tillgång till sidan")


def test_form_without_its_check_gets_a_page_of_the_site(failing):
    response = failing.post("/prov/formular/")

    assert response.status_code == 403
    assert_in_the_look(response, "Formuläret kunde inte tas emot")


@pytest.mark.parametrize("address", ["/finns-inte/", "/intyg/finns-inte/", "/a.php", "/%ff/", "/ "])
def test_404_is_a_page_of_the_site(db, client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert_in_the_look(response, "Sidan finns inte")


def test_410_says_why_and_what_instead(db, client):
    PageVersion.objects.filter(page__slug="tidslinje").update(
        publish_at=NOW - timedelta(days=1),
        expire_at=NOW,
        end_reason="Slagits ihop <b>nu</b>.",
        successor=Page.objects.get(slug="samtycke"),
    )
    response = client.get("/sjukskrivningsprocessen/tidslinje/")

    assert response.status_code == 410
    assert_in_the_look(response, "Sidan gäller inte längre")
    assert "Slagits ihop &lt;b&gt;nu&lt;/b&gt;." in response.text
    assert 'Läs i stället: <a href="/sekretess-och-samtycke/samtycke/">' in response.text


def test_500_is_a_page_of_the_site_and_tells_no_cause(failing):
    response = failing.get("/prov/fel/")

    assert response.status_code == 500
    assert_in_the_look(response, "Något gick fel hos oss")
    assert "hemlig" not in response.text


def test_page_without_database_is_a_503_page(broken_database):
    response = Client(raise_request_exception=False).get("/")

    assert response.status_code == 503
    assert_in_the_look(response, "Portalen svarar inte just nu")
