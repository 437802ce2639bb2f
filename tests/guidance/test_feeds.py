"""Atom feeds: valid by RFC 4287, the same from one call to the next, nothing hidden in them."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from guidance import rendering
from guidance.models import Notice, PageVersion
from organisation.models import Profession
from portal.publishing.models import VersionState
from tests.factories import make_notice, make_page, make_version
from tests.pages import main_of, queries_of, words

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "/aktuellt/atom.xml"
PAGE = "/provavdelning/provsida/atom.xml"
HOUR = timedelta(hours=1)


@pytest.fixture
def page():
    section = make_version(page=make_page(slug="provavdelning")).page
    page = make_page(slug="provsida", nav_title="Provsida", parent=section)
    make_version(page=page, title="Provsida", publish_at=timezone.now() - 48 * HOUR)
    return page


def change(page, note, **fields):
    fields = {"is_major": True, "title": "Provsida", "change_note": note, **fields}
    version = make_version(page=page, **fields)
    rendering.render_version(version)
    return version


def parsed(response):
    """The feed, held to what RFC 4287 demands of one, by a parser that knows nothing of ours."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314 (our own feed)
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    for element in [feed, *entries]:
        for name in ("id", "title", "updated"):  # 4.1.1, 4.1.2: exactly one of each
            assert len(element.findall(ATOM + name)) == 1
        assert urlsplit(element.findtext(f"{ATOM}id")).scheme
        moment = element.findtext(f"{ATOM}updated")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)", moment)
        datetime.fromisoformat(moment)
        for link in element.findall(f"{ATOM}link"):
            assert re.match(r"https?://[^/]+/", link.get("href"))
            assert link.get("rel", "alternate") in {"alternate", "self"}
    assert [each.get("rel") for each in feed.findall(f"{ATOM}link")] == ["alternate", "self"]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    moments = [datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert moments == sorted(moments, reverse=True)
    if moments:
        assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated")) == moments[0]
    return feed


def entries(response):
    return [
        tuple(entry.findtext(ATOM + name) for name in ("title", "summary"))
        for entry in parsed(response).iter(f"{ATOM}entry")
    ]


def link(feed, rel):
    return next(each.get("href") for each in feed.findall(f"{ATOM}link") if each.get("rel") == rel)


def test_major_change_comes_of_itself_and_minor_does_not(client, page):
    Notice.objects.all().delete()
    PageVersion.objects.update(is_major=False)
    change(page, "Ny regel & <b>.", publish_at=timezone.now() - 3 * HOUR)
    change(page, "Stavning.", publish_at=timezone.now() - 2 * HOUR, is_major=False)

    for url in (SITE, PAGE):
        # A summary is HTML by its type, so what is no HTML is escaped in it.
        assert entries(client.get(url)) == [("Ändrad: Provsida", "Ny regel &amp; &lt;b&gt;.")]
    news = words(main_of(client.get("/aktuellt/")))
    assert ("Ny regel & <b>." in news, "Stavning" in news) == (True, False)


def test_entry_leads_to_what_is_new_and_has_the_day_it_came(client, page):
    version = change(page, "Ny regel.", publish_at=timezone.now() - HOUR)

    [entry] = parsed(client.get(PAGE)).iter(f"{ATOM}entry")

    url = entry.find(f"{ATOM}link").get("href")
    assert url == "http://testserver/provavdelning/provsida/versioner/1..2/"
    assert client.get(url).status_code == 200
    updated = datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
    assert updated == version.publish_at.replace(microsecond=0)


def test_first_version_that_is_major_is_a_new_page(client):
    page = make_page(slug="ny-sida")
    change(page, "Ny vägledning.")

    feed = client.get("/ny-sida/atom.xml")
    assert entries(feed) == [("Ny sida: Provsida", "Ny vägledning.")]


def test_links_are_absolute_and_its_own(client, page):
    feed = parsed(client.get(PAGE, headers={"host": "localhost"}, secure=True))
    assert link(feed, "alternate") == "https://localhost/provavdelning/provsida/"
    assert link(feed, "self") == f"https://localhost{PAGE}"
    audience = parsed(client.get(f"{SITE}?malgrupp=lakare"))
    assert link(audience, "alternate") == "http://testserver/aktuellt/?malgrupp=lakare"
    assert link(audience, "self") == f"http://testserver{SITE}?malgrupp=lakare"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": VersionState.DRAFT},
        {"state": VersionState.IN_REVIEW},
        {"publish_at": datetime(2026, 11, 24, tzinfo=ZoneInfo("UTC"))},
        {"suppressed_at": datetime(2026, 11, 23, tzinfo=ZoneInfo("UTC")), "suppress_reason": "x"},
    ],
    ids=["draft", "in review", "scheduled", "hidden"],
)
def test_nothing_hidden_is_in_a_feed(client, page, fields):
    change(page, "Hemligt.", **fields)
    change(page, "Öppet.", number=9, publish_at=timezone.now() - HOUR)

    for url in (SITE, PAGE, "/aktuellt/"):
        html = client.get(url).content.decode()
        assert ("Hemligt" in html, "Öppet" in html) == (False, True)


@pytest.mark.parametrize("state", [VersionState.APPROVED, VersionState.WITHDRAWN])
def test_page_that_is_gone_is_in_no_feed(client, page, state):
    change(page, "Ändrat.", publish_at=timezone.now() - 3 * HOUR)
    ended = {"expire_at": timezone.now() - HOUR} if state == VersionState.APPROVED else {}
    make_version(page=page, state=state, publish_at=timezone.now() - 2 * HOUR, **ended)

    assert "Ändrat." not in client.get(SITE).content.decode()
    assert client.get(PAGE).status_code == 410


def test_page_nobody_has_seen_has_no_feed(client):
    make_version(page=make_page(slug="utkastsida"), state=VersionState.DRAFT)

    assert client.get("/utkastsida/atom.xml").status_code == 404
    assert client.get("/finns-inte/atom.xml").status_code == 404


def test_feed_for_a_profession_holds_what_concerns_it_and_everybody(client, page):
    Notice.objects.all().delete()
    PageVersion.objects.update(is_major=False)
    doctors, everyone = (Profession.objects.get(code=code) for code in ("lakare", "alla"))
    other = Profession.objects.exclude(code__in=["lakare", "alla"]).first()
    for title, audiences in {
        "Läkare": [doctors, other], "Andra": [other], "Alla": [everyone], "Ingen": [],
    }.items():  # fmt: skip
        own = make_page()
        own.audiences.set(audiences)
        change(own, title)
        make_notice(title=f"Om {title}", page=own)
    make_notice(title="Utan sida")

    said = {f"{title} {text}" for title, text in entries(client.get(f"{SITE}?malgrupp=lakare"))}

    assert said == {
        "Ny sida: Provsida Läkare", "Ny sida: Provsida Alla", "Ny sida: Provsida Ingen",
        "Om Läkare Prov.", "Om Alla Prov.", "Om Ingen Prov.", "Utan sida Prov.",
    }  # fmt: skip
    shown = words(main_of(client.get("/aktuellt/?malgrupp=lakare")))
    assert ("Om Läkare" in shown, "Om Andra" in shown) == (True, False)


def test_unknown_profession_is_told_on_the_page_and_has_no_feed(client):
    assert client.get(f"{SITE}?malgrupp=finns-inte").status_code == 404
    response = client.get("/aktuellt/?malgrupp=finns-inte")
    assert response.status_code == 200
    assert "Välj en målgrupp i listan." in words(main_of(response))


def test_ids_stay_when_the_page_moves_and_a_newer_version_comes(client, page):
    change(page, "Första.", publish_at=timezone.now() - 2 * HOUR)
    [first] = parsed(client.get(PAGE)).iter(f"{ATOM}entry")
    page.slug = "annat-namn"
    page.save()
    change(page, "Andra.", publish_at=timezone.now() - HOUR)

    ids = [
        entry.findtext(f"{ATOM}id")
        for entry in parsed(client.get("/provavdelning/annat-namn/atom.xml")).iter(f"{ATOM}entry")
    ]

    assert len(ids) == 2
    assert ids[1] == first.findtext(f"{ATOM}id")


def test_feed_of_a_former_name_leads_on(client, page):
    response = client.get("/intyg/provsida/atom.xml")

    assert (response.status_code, response.url) == (301, PAGE)


def test_feed_without_changes_is_valid_and_stays_the_same(client, page, clock):
    Notice.objects.all().delete()
    PageVersion.objects.update(is_major=False)
    before = {url: client.get(url).content for url in (SITE, PAGE)}
    clock.shift(timedelta(hours=2))

    for url, content in before.items():
        assert entries(client.get(url)) == []
        assert client.get(url).content == content


@pytest.mark.parametrize("url", [SITE, PAGE])
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_unchanged_feed_is_not_sent_again(client, page, url, encoding):
    change(page, "Ändrat.")
    headers = {"accept-encoding": encoding}
    first = client.get(url, headers=headers)

    assert set(first.headers) >= {"ETag", "Last-Modified"}
    assert first.cookies == {}
    assert "Cookie" not in first.headers.get("Vary", "")
    for validator in (
        {"if-none-match": first.headers["ETag"]},
        {"if-modified-since": first.headers["Last-Modified"]},
    ):
        again = client.get(url, headers={**headers, **validator})
        assert (again.status_code, again.content) == (304, b"")
    change(page, "Ändrat igen.", publish_at=timezone.now())
    changed = client.get(url, headers={**headers, "if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_pages_tell_browsers_of_their_feed(client, page):
    found = re.findall(
        r'<link rel="alternate" type="application/atom\+xml" title="([^"]+)" href="([^"]+)">',
        client.get("/provavdelning/provsida/").content.decode()
        + client.get("/aktuellt/?malgrupp=lakare").content.decode(),
    )

    assert found == [
        ("Ändringar på sidan", PAGE),
        ("Aktuellt för Läkare", f"{SITE}?malgrupp=lakare"),
    ]


def test_feeds_and_news_cost_the_same_among_many_changes(client, page):
    change(page, "Ändrat.")
    urls = (SITE, PAGE, "/aktuellt/", f"{SITE}?malgrupp=lakare")
    few = {url: len(queries_of(client, url)) for url in urls}
    for _ in range(20):
        change(make_page(), "Ändrat.")
        change(page, "Ändrat igen.", publish_at=timezone.now())
        make_notice(page=page)

    assert {url: len(queries_of(client, url)) for url in urls} == few


def test_only_reading_is_answered(client, page):
    for url in (SITE, PAGE):
        assert client.post(url).status_code == 405
        assert client.head(url).status_code == 200
