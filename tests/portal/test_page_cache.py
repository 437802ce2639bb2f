"""The page cache, through the WSGI application that gunicorn calls."""

import gzip
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import brotli
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.urls import get_resolver
from django.utils import timezone

from guidance import page_views
from guidance.models import Feedback
from guidance.page_views import Tally
from organisation.models import Role, Unit
from portal.caching import page_cache, stamp
from portal.caching.page_cache import PageCache
from portal.web.form_token import form_token
from tests.factories import (
    make_notice,
    make_page,
    make_service_message,
    make_version,
)
from tests.wsgi import ask

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PAGE = "/intyg/skriva-bra-intyg/"
UNIT = "/organisation/enheter/SE0000000000-E1001/"
READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@cache
def handler():
    return WSGIHandler()


class Site:
    """A worker of its own; `made` are the addresses that Django was asked for."""

    def __init__(self):
        self.made = []
        django = handler()

        def noted(environ, start_response):
            query = environ["QUERY_STRING"]
            self.made.append(environ["PATH_INFO"] + (f"?{query}" if query else ""))
            return django(environ, start_response)

        self.application = PageCache(noted)

    def ask(self, address, method="GET", **headers):
        return ask(self.application, address, method, **headers)

    def times_made(self, address, **headers):
        """How often Django is asked when a page is asked for three times."""
        before = len(self.made)
        for _ in range(3):
            assert self.ask(address, **headers).status == 200
        return len(self.made) - before


@pytest.fixture(autouse=True)
def _kept(db, settings, tmp_path, monkeypatch):
    """The cache is on only here: the suite's other tests ask Django's client, which goes past it,
    and have no stamp (tests/settings.py)."""
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    settings.PAGE_CACHE_MB = 4
    monkeypatch.setattr(page_views, "tally", Tally())
    monkeypatch.setattr(stamp, "_fault", stamp._Fault())
    # A real request ends by closing its connection; here that would be the test's own.
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    with connection.execute_wrapper(stamp.notice):
        yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def site():
    return Site()


# What is kept


def test_a_page_is_made_once_and_answered_with_the_same_bytes_and_headers(site):
    first, second, third = [site.ask(PAGE, accept_encoding="br") for _ in range(3)]

    assert site.made == [PAGE]
    assert brotli.decompress(second.body) == brotli.decompress(first.body)
    # Packed anew for the second reader.
    length = {"Content-Length": str(len(second.body))}
    assert second.headers == {**first.headers, **length}
    assert third == second
    assert first.status == 200
    assert first.headers["Vary"] == "Cookie, Accept-Encoding"
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.cookies == []


def test_a_kept_page_carries_every_header_that_django_gives(site, client):
    bare = client.get(PAGE, headers={"host": "localhost:8000"}).headers
    site.ask(PAGE)
    kept = site.ask(PAGE).headers

    assert set(kept) - set(bare) == {"ETag", "Cache-Control"}
    assert {name: kept[name] for name in bare} == dict(bare)
    assert {"Content-Security-Policy", "Permissions-Policy", "X-Frame-Options"} <= set(kept)


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("br;q=0,gzip;q=0.0", None, bytes),
        ("", None, bytes),
        ("\x00öåä;;;q=,,", None, bytes),
    ],
)
def test_each_reader_gets_an_encoding_that_it_takes(site, accepted, encoding, unpack):
    text = site.ask(PAGE).body
    answered = site.ask(PAGE, accept_encoding=accepted)

    assert len(site.made) == 1
    assert answered.headers.get("Content-Encoding") == encoding
    assert answered.headers["Content-Length"] == str(len(answered.body))
    assert unpack(answered.body) == text
    assert b"</html>" in text


@pytest.mark.parametrize("first", ["br", "gzip", ""])
def test_whoever_asks_first_decides_nothing_for_the_next(site, first):
    site.ask(PAGE, accept_encoding=first)

    assert brotli.decompress(site.ask(PAGE, accept_encoding="br").body).endswith(b"</html>\n")
    assert site.ask(PAGE).body.endswith(b"</html>\n")
    assert len(site.made) == 1


def test_a_page_that_is_asked_for_again_is_packed_better_once(site):
    quick, *better = [site.ask(PAGE, accept_encoding="br") for _ in range(3)]

    assert {brotli.decompress(each.body) for each in [quick, *better]} == {site.ask(PAGE).body}
    assert len(better[0].body) < len(quick.body)
    assert better[0].body == better[1].body
    assert quick.headers["ETag"] == better[0].headers["ETag"]
    assert len(site.made) == 1


def test_head_has_the_headers_of_get_and_no_body(site):
    before = site.ask(PAGE, "HEAD")
    site.ask(PAGE)
    got = site.ask(PAGE, accept_encoding="br")
    after = site.ask(PAGE, "HEAD", accept_encoding="br")

    assert before.status == 200
    assert (after.status, after.headers, after.body) == (200, got.headers, b"")
    assert site.made == [PAGE, PAGE]


def test_who_has_the_page_already_gets_304_without_its_being_made(site):
    tag = site.ask(PAGE).headers["ETag"]
    for wanted in (tag, tag.removeprefix("W/"), f'"annan", {tag}', "*"):
        answered = site.ask(PAGE, if_none_match=wanted, accept_encoding="gzip")
        assert (answered.status, answered.body, answered.headers["ETag"]) == (304, b"", tag)
        assert answered.headers["Vary"] == "Cookie, Accept-Encoding"
        assert "Content-Security-Policy" in answered.headers
        assert "Content-Length" not in answered.headers

    assert site.ask(PAGE, if_none_match='W/"annan"').status == 200
    assert len(site.made) == 1


def test_304_outlives_a_change_of_another_page(site, commit):
    tag = site.ask(PAGE).headers["ETag"]
    with commit():
        Role.objects.filter(code="studierektor-forsakringsmedicin").update(mandate="Annan text.")

    assert site.ask(PAGE, if_none_match=tag).status == 304
    assert site.made == [PAGE, PAGE]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/organisation/enheter/", {"typ": "vardcentral"}),
        ("/organisation/enheter/", {"page": "1"}),
        ("/kompetens/kalender/", {"vy": "manad"}),
        ("/kompetens/kalender.ics", {"ort": "Provstad"}),
        ("/aktuellt/", {"malgrupp": "lakare"}),
    ],
)
def test_keys_that_the_page_has_a_form_for_are_kept(site, address, query):
    assert site.times_made(f"{address}?{urlencode(query)}") == 1
    site.made.clear()
    # And they are pages of their own.
    assert site.ask(address).body != b""
    assert site.made == [address]


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}?utm_source=brev",
        f"{PAGE}?x",
        "/?typ=vardcentral",
        "/organisation/enheter/?typ=vardcentral&typ=sjukhus",
        "/organisation/enheter/?typ=vardcentral&x=1",
        "/organisation/enheter/?q=backa",
        "/organisation/enheter/?typ=" + "a" * 200,
        "/sok/",
        "/sok/?q=intyg",
        "/halsa/",
        "/halsa/redo/",
        "/organisation/hitta-koordinator/",
        "/konto/logga-in/",
        "/api/v1/roles/",
        "/aterkoppling/skriva-bra-intyg/tack/",
    ],
)
def test_what_is_not_everybodys_or_endless_is_made_each_time(site, address):
    statuses = [site.ask(address).status for _ in range(3)]

    assert len(site.made) == 3
    assert len(set(statuses)) == 1


def test_a_page_that_tells_of_one_case_is_not_kept(site):
    address = "/sjukskrivningsprocessen/tidslinje/?forsta_dag=2026-11-02"
    answered = site.ask(address)

    assert (answered.status, answered.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in answered.headers
    assert site.times_made(address) == 3


@pytest.mark.parametrize(("path", "status"), [("/finns-inte/", 404), ("/Intyg/", 404)])
def test_what_is_not_there_is_asked_for_each_time(site, path, status):
    assert [site.ask(path).status for _ in range(2)] == [status, status]
    assert len(site.made) == 2


def test_a_page_is_there_as_soon_as_it_is_published_where_none_was(site, commit):
    assert site.ask("/ny-sida/").status == 404
    with commit():
        make_version(page=make_page(slug="ny-sida"), title="Ny sida")

    assert site.ask("/ny-sida/").status == 200


# Whose it is


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc"},
        {"cookie": "annan=1; sessionid=abc"},
        {"cookie": "csrftoken=abc"},
        {"cookie": "messages=abc"},
        {"cookie": "django_language=en"},
        {"cookie": "utseende=dark; sessionid=abc"},
        {"cookie": "enhet=SE0000000000-E1001; csrftoken=abc"},
        {"cookie": f"enhet={'A' * 32}"},
        {"cookie": "enhet=Åkervallen"},
        {"authorization": "Basic YTpi"},
        {"cookie": "utseende=dark", "authorization": "Basic YTpi"},
    ],
)
def test_a_reader_who_may_see_another_page_never_meets_the_kept_one(site, headers):
    kept = site.ask(PAGE)

    assert site.times_made(PAGE, **headers) == 3
    assert "ETag" not in site.ask(PAGE, if_none_match=kept.headers["ETag"], **headers).headers
    assert site.ask(PAGE) == kept


def test_what_one_reader_has_chosen_is_shown_to_nobody_else(site):
    unit = Unit.objects.get(hsa_id="SE0000000000-E1001")
    dark = site.ask(PAGE, cookie="utseende=dark")
    own = site.ask(PAGE, cookie=f"enhet={unit.hsa_id}")
    everybody = site.ask(PAGE)

    assert 'data-theme="dark"' in dark.text
    assert unit.name in own.text
    assert 'data-theme="dark"' not in everybody.text
    assert unit.name not in everybody.text
    assert site.ask(PAGE, cookie="utseende=light").text.count('data-theme="light"') == 1


def test_who_has_chosen_an_appearance_or_a_unit_is_shown_a_kept_page_of_that(site):
    one, other = "SE0000000000-E1001", "SE0000000000-E1002"
    choices = [
        ("", ""),
        ("dark", ""),
        ("light", ""),
        ("", one),
        ("", other),
        ("dark", one),
    ]
    names = ("utseende", "enhet")
    cookies = [
        "; ".join(f"{name}={value}" for name, value in zip(names, choice, strict=True) if value)
        for choice in choices
    ]
    first = [site.ask(PAGE, cookie=cookie) for cookie in cookies]
    assert len(site.made) == len(choices)
    again = [site.ask(PAGE, cookie=f"_ga=1; {cookie}") for cookie in cookies]

    assert len(site.made) == len(choices)
    assert [page.text for page in again] == [page.text for page in first]
    assert len({page.text for page in again}) == len(choices)
    assert len({page.headers["ETag"] for page in again}) == len(choices)
    seen = [
        ("dark" if 'data-theme="dark"' in page.text else "", code if code in page.text else "")
        for page, (_, code) in zip(again, choices, strict=True)
    ]
    assert seen == [(appearance.replace("light", ""), code) for appearance, code in choices]
    # An appearance that is none is everybody's.
    assert site.times_made(PAGE, cookie="utseende=rosa") == 0
    assert (
        site.ask(PAGE, cookie="utseende=dark", if_none_match=first[0].headers["ETag"]).status == 200
    )
    assert (
        site.ask(PAGE, cookie="utseende=dark", if_none_match=first[1].headers["ETag"]).status == 304
    )


def test_a_code_that_means_no_unit_is_taken_away_each_time(site):
    unknown = "enhet=SE0000000000-E9999"

    assert site.times_made(PAGE, cookie=unknown) == 3
    (taken_away,) = site.ask(PAGE, cookie=unknown).cookies
    assert taken_away.strip().startswith('enhet="";')


def test_what_is_new_of_a_chosen_unit_shows_at_once(site, commit):
    unit = Unit.objects.get(hsa_id="SE0000000000-E1001")
    cookie = f"enhet={unit.hsa_id}"
    assert unit.name in site.ask(PAGE, cookie=cookie).text
    with commit():
        Unit.objects.filter(pk=unit.pk).update(name="Ett annat namn")

    assert "Ett annat namn" in site.ask(PAGE, cookie=cookie).text
    assert unit.name not in site.ask(PAGE, cookie=cookie).text


def test_pages_of_those_who_have_chosen_do_not_drive_out_everybodys(site, settings):
    settings.PAGE_CACHE_MB = 0.05
    everybodys = site.ask(PAGE)
    for number in range(1001, 1007):
        site.ask(PAGE, cookie=f"enhet=SE0000000000-E{number}")
    made = len(site.made)

    assert site.ask(PAGE).text == everybodys.text
    assert len(site.made) == made
    site.ask(PAGE, cookie="enhet=SE0000000000-E1001")
    assert len(site.made) == made + 1


def test_who_is_signed_in_sees_her_own_page(site, client, django_user_model):
    user = django_user_model.objects.create_user("a@example.org", "Vinterdäck-och-kaffe-7")
    client.force_login(user)
    everybody = site.ask(PAGE)
    session = client.cookies["sessionid"].value
    site.ask(PAGE, cookie=f"sessionid={session}")

    assert len(site.made) == 2
    assert site.ask(PAGE) == everybody


def test_cookies_of_other_sites_on_the_domain_do_not_matter(site):
    assert site.times_made(PAGE, cookie="_ga=GA1.2.3; intranat=1") == 1


def test_names_of_the_site_and_ways_to_it_have_their_own_pages(site, settings):
    settings.ALLOWED_HOSTS = ["localhost", "portal.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    one = site.ask(PAGE).text
    other = site.ask(PAGE, host="portal.example.org").text
    safe = site.ask("/sjukskrivningsprocessen/", x_forwarded_proto="https")
    odd = site.ask(PAGE, host="nagon-annans.example")

    assert f"localhost:8000{PAGE}" in one
    assert f"portal.example.org{PAGE}" in other
    assert (safe.status, odd.status) == (200, 400)
    assert len(site.made) == 4
    assert site.ask(PAGE, host="nagon-annans.example").status == 400
    assert len(site.made) == 5


def test_forms_are_received_and_their_page_stays(site):
    page = site.ask(PAGE)
    fields = {"kod": form_token("aterkoppling"), "version": "1", "svar": "ja"}
    answered = ask(
        site.application,
        "/aterkoppling/skriva-bra-intyg/",
        "POST",
        body=urlencode(fields).encode(),
    )

    assert answered.status in {302, 303}
    assert Feedback.objects.filter(page__slug="skriva-bra-intyg").count() == 1
    assert form_token("aterkoppling") in page.text
    assert site.ask(PAGE) == page
    assert site.made == [PAGE, "/aterkoppling/skriva-bra-intyg/"]


# What is new


def test_a_change_shows_at_once_on_every_worker(site, commit):
    other = Site()
    for each in (site, other):
        assert "Stängt i kväll" not in each.ask(PAGE).text
    with commit():
        message = make_service_message(text="Stängt i kväll")

    assert "Stängt i kväll" in site.ask(PAGE).text
    assert "Stängt i kväll" in other.ask(PAGE).text
    with commit():
        message.delete()
    assert "Stängt i kväll" not in other.ask(PAGE).text
    assert "Stängt i kväll" not in site.ask(PAGE).text


def test_a_page_that_was_begun_before_a_change_is_not_kept(site, monkeypatch):
    def change_meanwhile(*arguments, **named):
        stamp.move()
        return kept(*arguments, **named)

    kept = page_cache.KeptPage
    monkeypatch.setattr(page_cache, "KeptPage", change_meanwhile)
    site.ask(PAGE)

    assert site.application.shelf is None


def test_nothing_is_kept_while_the_stamp_cannot_be_told(site, settings, tmp_path):
    settings.CONTENT_STAMP = str(tmp_path / "finns" / "inte")

    assert site.times_made(PAGE) == 3


# When it changes by itself


@pytest.mark.parametrize(
    ("make", "address", "words"),
    [
        (
            lambda at: make_version(page=make_page(slug="ny-sida"), title="Ny sida", publish_at=at),
            "/sitemap-sidor-1.xml",
            "ny-sida",
        ),
        (
            lambda at: make_service_message(
                text="Driftstopp", starts_at=at, ends_at=at + timedelta(hours=1)
            ),
            PAGE,
            "Driftstopp",
        ),
    ],
)
def test_a_page_is_made_anew_at_the_moment_something_begins(
    site, commit, clock, make, address, words
):
    at = timezone.now() + timedelta(minutes=3)
    with commit():
        make(at)
    assert words not in site.ask(address).text

    clock.move_to(at - timedelta(seconds=1), tick=False)
    assert words not in site.ask(address).text
    assert len(site.made) == 1
    clock.move_to(at, tick=False)
    assert words in site.ask(address).text
    assert len(site.made) == 2


def test_a_page_is_gone_at_the_moment_it_expires(site, commit, clock):
    at = timezone.now() + timedelta(minutes=2)
    with commit():
        make_version(page=make_page(slug="kort-sida"), title="Kort", expire_at=at)
    assert site.times_made("/kort-sida/") == 1

    clock.move_to(at, tick=False)
    assert site.ask("/kort-sida/").status == 410


def test_no_page_lives_past_the_swedish_midnight(site, clock):
    clock.move_to(datetime(2026, 11, 23, 23, 59, 30, tzinfo=STOCKHOLM), tick=False)
    before = site.ask(PAGE).text
    clock.move_to(datetime(2026, 11, 23, 23, 59, 59, tzinfo=STOCKHOLM), tick=False)
    assert site.ask(PAGE).text == before
    clock.move_to(datetime(2026, 11, 24, 0, 0, tzinfo=STOCKHOLM), tick=False)
    after = site.ask(PAGE).text

    assert len(site.made) == 2
    assert form_token("aterkoppling") in after
    assert form_token("aterkoppling") not in before


# Who counts it


def test_page_views_are_counted_on_kept_pages_as_on_made_ones(site):
    for _ in range(4):
        site.ask(PAGE, user_agent=READER)
    tag = site.ask(PAGE, user_agent=READER).headers["ETag"]
    site.ask(PAGE, user_agent=READER, if_none_match=tag)
    site.ask(PAGE, user_agent="Googlebot/2.1")
    site.ask(PAGE, user_agent=READER, sec_purpose="prefetch")
    site.ask(PAGE, "HEAD", user_agent=READER)
    site.ask("/kompetens/kalender.ics", user_agent=READER)
    site.ask("/kompetens/kalender.ics", user_agent=READER)

    assert len(site.made) == 2
    assert {slug: n for (slug, _), n in page_views.tally.counts.items()} == {"skriva-bra-intyg": 6}


def test_views_of_kept_pages_are_written_down_when_it_is_time(site, settings, monkeypatch):
    settings.PAGE_VIEWS_WRITTEN_SECONDS = 30
    written = []
    monkeypatch.setattr(page_views, "write_when_due", lambda: written.append(True))
    site.ask(PAGE, user_agent=READER)
    site.ask(PAGE, user_agent=READER)
    assert written == []

    page_views.tally.written_at -= 31
    site.ask(PAGE, user_agent=READER)

    assert written == [True]
    assert len(site.made) == 1


# How much


def test_a_full_cache_drops_the_oldest_and_queries_drop_only_each_other(site, settings):
    settings.PAGE_CACHE_MB = 1
    addresses = [f"/kompetens/kalender/?ort=Ort{n}" for n in range(40)]
    site.ask(PAGE)
    for address in addresses:
        site.ask(address)
    rooms = site.application.shelf.rooms
    assert 10 < len(rooms[True][0]) < 40
    assert rooms[True][1][0] <= 250_000
    site.made.clear()

    site.ask(PAGE)
    site.ask(addresses[-1])
    assert site.made == []
    site.ask(addresses[0])
    assert site.made == [addresses[0]]


def test_it_can_be_turned_off(site, settings):
    settings.PAGE_CACHE_MB = 0

    assert site.times_made(PAGE) == 3


# What the rooms have said


def names_of(resolver, before=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names_of(pattern, before + space)
        elif pattern.name:
            yield before + pattern.name


def test_every_view_that_may_be_kept_exists():
    assert set(page_cache.kept_views()) - set(names_of(get_resolver())) == set()


def test_no_view_of_one_persons_matters_may_be_kept():
    kept = set(page_cache.kept_views())

    assert {name for name in kept if name.startswith(("admin:", "account", "mfa", "api"))} == set()
    assert (
        kept
        & {
            "guidance:feedback",
            "guidance:shared_preview",
            "organisation:find_coordinator",
            "organisation:unit_edit",
            "search",
            "alive",
            "ready",
        }
        == set()
    )
    assert "q" not in {key for keys in page_cache.kept_views().values() for key in keys}


def test_a_proxy_in_front_may_keep_everybodys_pages_for_a_second(site, settings, clock):
    assert "X-Accel-Expires" not in site.ask(PAGE).headers
    settings.MICROCACHE = True
    now = datetime(2026, 11, 23, 9, 0, 30, 900_000, tzinfo=STOCKHOLM)
    clock.move_to(now, tick=False)
    kept = site.ask(PAGE)

    assert kept.headers["X-Accel-Expires"] == f"@{int(now.timestamp())}"
    # Older nginx goes by whichever stands first.
    assert next(iter(kept.headers)) == "X-Accel-Expires"
    assert "X-Accel-Expires" in site.ask(PAGE, if_none_match=kept.headers["ETag"]).headers
    assert "X-Accel-Expires" not in site.ask(PAGE, cookie="utseende=dark").headers
    assert "X-Accel-Expires" not in site.ask("/sok/?q=intyg").headers


def test_notices_reach_the_start_page_at_once(site, commit):
    site.ask("/")
    with commit():
        make_notice(title="Ny rutin för intyg")

    assert "Ny rutin för intyg" in site.ask("/").text
