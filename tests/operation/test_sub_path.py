"""The site below a path of another one."""

import io
import re

import pytest
import segno
from django.test import Client

from portal.web import sub_path
from portal.web.models import SiteSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def below(settings):
    settings.SUB_PATH = "/portalen"
    # A client of its own makes the middleware anew.
    return Client()


def test_every_address_on_a_page_is_below_the_path(below):
    for address in ("/", "/intyg/", "/sok/?q=intyg", "/kompetens/kurser/", "/konto/logga-in/"):
        text = below.get(address).text
        found = re.findall(r'\s(?:href|src|action)="(/[^"]*)', text)
        assert found
        assert [each for each in found if not each.startswith("/portalen/")] == []


def test_redirects_and_whole_addresses_are_below_it(below):
    SiteSettings.objects.update(noindex=False)
    moved = below.get("/intyg")
    feed = below.get("/aktuellt/atom.xml")

    assert moved.headers["Location"] == "/portalen/intyg/"
    assert "http://testserver/portalen/aktuellt/" in feed.text
    assert "http://testserver/aktuellt/" not in feed.text
    assert "http://testserver/portalen/sitemap.xml" in below.get("/robots.txt").text


def test_subscriptions_printed_addresses_and_pictures_are_below_it(below, settings):
    calendar = below.get("/kompetens/kalender/")

    assert 'href="webcal://testserver/portalen/kompetens/kalender.ics"' in calendar.text
    assert "testserver/portalen/intyg/" in below.get("/intyg/").text
    code = io.BytesIO()
    address = "webcal://testserver/portalen/kompetens/kalender.ics"
    segno.make_qr(address, error="m").save(code, kind="svg", scale=4, light="#fff", border=4)
    assert below.get("/kompetens/kalender.svg").content == code.getvalue()
    picture = '<source srcset="/logga.svg"><img src="/logga.svg">'
    expected = '<source srcset="/portalen/logga.svg"><img src="/portalen/logga.svg">'
    assert sub_path.ADDRESS.sub(r"\1/portalen/", picture) == expected


def test_cookies_stay_below_it(below):
    code = re.search(r'name="kod" value="([^"]+)"', below.get("/").text)[1]
    below.post("/utseende/", {"utseende": "dark", "kod": code})
    below.get("/konto/logga-in/")

    paths = {name: each["path"] for name, each in below.cookies.items()}
    assert paths == {"utseende": "/portalen/", "csrftoken": "/portalen/"}


def test_addresses_elsewhere_and_what_somebody_wrote_stay():
    text = '<a href="https://a.example/x"></a><a href="//b/"></a><input value="/x"><a href="/y">'
    links = re.compile(sub_path.ADDRESS.pattern)

    assert links.sub(r"\1/p/", text) == text.replace('"/y"', '"/p/y"')


def test_at_the_root_nothing_is_changed(client):
    assert 'href="/intyg/"' in client.get("/").text
