"""robots.txt and the site map: every public page once, with its day."""

import re
from datetime import UTC, datetime

import pytest

from guidance.models import Page, PageVersion
from portal.web import sitemap
from portal.web.models import SiteSettings
from tests.conftest import TODAY
from tests.factories import make_unit


def test_robots_names_the_sitemap(db, client):
    SiteSettings.objects.update(noindex=False)
    response = client.get("/robots.txt")

    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /konto/",
        "Disallow: /sok/",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def test_every_address_of_the_sitemap_answers_once(db, client):
    make_unit(valid_to=TODAY)
    Page.objects.create(slug="utkast", nav_title="U", purpose="U", owner_id=1)
    response = client.get("/sitemap.xml")
    found = re.findall(r"<loc>http://testserver(/[^<]*)</loc>", response.text)

    assert response.headers["Content-Type"] == "application/xml"
    assert sorted(found) == sorted(set(found))
    assert {address: client.get(address).status_code for address in found} == dict.fromkeys(
        found, 200
    )
    assert len(found) > 150
    assert not [address for address in found if "utkast" in address]


def test_sitemap_of_many_addresses_is_an_index_of_parts(db, client, monkeypatch):
    whole = locations(client.get("/sitemap.xml"))
    monkeypatch.setattr(sitemap, "PART", 40)

    index = client.get("/sitemap.xml")
    parts = locations(index)

    assert index.text.count("<sitemap>") == len(parts)
    assert "/sitemap-sidor-1.xml" in parts
    assert "/sitemap-sidor-2.xml" in parts
    pieces = [locations(client.get(part)) for part in parts]
    assert max(map(len, pieces)) <= 41  # the list of news besides
    assert sorted(url for piece in pieces for url in piece) == sorted(whole)


@pytest.mark.parametrize("part", ["sidor-0", "sidor-9", "annat-1", "roller-999999999999999999999"])
def test_part_that_the_sitemap_has_not(db, client, part):
    assert client.get(f"/sitemap-{part}.xml").status_code == 404


def test_sitemap_says_when_a_page_was_changed(db, client):
    version = PageVersion.objects.live().select_related("page__parent").get(page__slug="samtycke")
    moment = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    PageVersion.objects.filter(pk=version.pk).update(publish_at=moment)

    text = client.get("/sitemap.xml").text

    address = f"<loc>http://testserver{version.page.get_absolute_url()}</loc>"
    assert f"<url>{address}<lastmod>2026-11-20T08:30:00+00:00</lastmod></url>" in text
    assert "<url><loc>http://testserver/aktuellt/</loc></url>" in text


def locations(response):
    return re.findall(r"<loc>http://testserver(/[^<]*)</loc>", response.text)
