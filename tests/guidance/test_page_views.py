import csv
import io
import logging
from collections import Counter
from datetime import date, datetime
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.core.signals import request_finished
from django.db import OperationalError
from django.test import Client

from guidance import page_views
from guidance.models import Page, PageView
from guidance.page_views import Tally, slug_of, store, write_when_due
from tests.factories import make_page, make_version
from tests.pages import queries_of, words

READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
MONDAY = date(2026, 11, 23)
PATH = "/intyg/skriva-bra-intyg/"


@pytest.fixture
def tally(monkeypatch):
    fresh = Tally()
    monkeypatch.setattr(page_views, "tally", fresh)
    return fresh


@pytest.fixture
def reader(db, tally):
    return Client(headers={"user-agent": READER})


def stored():
    return {(row.page.slug, row.week): row.count for row in PageView.objects.all()}


def test_views_are_added_up_per_page_and_week(reader, tally, clock):
    for path in (PATH, PATH, "/intyg/", "/"):
        reader.get(path)
    tally.write()
    reader.get(PATH)
    clock.move_to(datetime(2026, 11, 29, 23, 59, tzinfo=ZoneInfo("Europe/Stockholm")))
    reader.get(PATH)
    clock.move_to(datetime(2026, 11, 30, 0, 1, tzinfo=ZoneInfo("Europe/Stockholm")))
    reader.get(PATH)
    tally.write()

    assert stored() == {
        ("skriva-bra-intyg", MONDAY): 4,
        ("intyg", MONDAY): 1,
        ("start", MONDAY): 1,
        ("skriva-bra-intyg", date(2026, 11, 30)): 1,
    }


def test_nothing_but_slug_and_week_is_remembered(reader, tally):
    reader.get("/sjukskrivningsprocessen/tidslinje/?forsta_dag=2026-10-01", REMOTE_ADDR="192.0.2.7")

    assert tally.counts == Counter({("tidslinje", MONDAY): 1})
    assert {field.name for field in PageView._meta.get_fields()} == {"id", "page", "week", "count"}


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "curl/8.1"},
        {"user-agent": ""},
        {"user-agent": READER, "sec-purpose": "prefetch;prerender"},
        {"user-agent": READER, "purpose": "prefetch"},
        {"user-agent": READER, "sec-fetch-dest": "iframe"},
    ],
)
def test_robots_and_fetches_beforehand_are_no_views(db, tally, headers):
    assert Client(headers=headers).get(PATH).status_code == 200
    assert tally.counts == Counter()


@pytest.mark.parametrize(
    "path", ["/finns-inte/", "/skriva-bra-intyg/", "/aktuellt/atom.xml", "/static/css/site.css"]
)
def test_what_is_no_page_shown_is_no_view(reader, tally, path):
    reader.get(path)
    reader.head(PATH)
    reader.post(PATH)

    assert tally.counts == Counter()


def test_preview_in_the_admin_is_no_view(reader, tally):
    reader.force_login(get_user_model().objects.create_superuser("chef@example.org", "x"))
    version = Page.objects.get(slug="intyg").versions.first()

    response = reader.get(f"/admin/guidance/page/{version.page_id}/versioner/{version.number}/")
    tally.write()

    assert response.status_code == 200
    assert stored() == {}


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/", "start"),
        ("/intyg/", "intyg"),
        ("/a/b/", "b"),
        ("/a/b/c/", None),
        ("/a", None),
        ("/a/b.ics", None),
    ],
)
def test_address_says_which_page(path, slug):
    assert slug_of(path) == slug


def test_addresses_that_are_no_pages_leave_no_rows(reader, tally):
    for path in ("/aktuellt/", "/organisation/enheter/", "/halsa/", f"{PATH}utskrift/"):
        reader.get(path)
    tally.write()

    assert stored() == {("enheter", MONDAY): 1}


def test_counting_costs_a_page_no_query(reader, tally):
    before = len(queries_of(reader, PATH))
    tally.write()

    assert len(queries_of(reader, PATH)) == before
    assert tally.waiting == 1


def test_written_when_due_and_not_before(db, settings, tally, monkeypatch, clock):
    settings.PAGE_VIEWS_WRITTEN_SECONDS = 30
    written = []
    monkeypatch.setattr(page_views, "store", written.append)
    tally.written_at = page_views.time.monotonic()
    tally.add("intyg", MONDAY)
    assert not tally.is_due()
    tally.written_at -= 31
    assert tally.is_due()
    tally.write()
    assert written == [Counter({("intyg", MONDAY): 1})]
    assert not tally.is_due()
    for _ in range(page_views.MOST_WAITING):
        tally.add("intyg", MONDAY)
    assert tally.is_due()


def test_nothing_is_written_inside_a_transaction(db, settings, tally):
    settings.PAGE_VIEWS_WRITTEN_SECONDS = 30
    tally.add("intyg", MONDAY)
    tally.written_at -= 31

    write_when_due()

    assert (stored(), tally.waiting) == ({}, 1)
    assert any("page_views" in str(receiver[0]) for receiver in request_finished.receivers)


def test_database_that_cannot_be_written_to_keeps_the_views(db, tally, monkeypatch, caplog):
    def locked(counts):
        raise OperationalError("attempt to write a readonly database")

    tally.add("intyg", MONDAY)
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(page_views, "store", locked)
        tally.write()
        tally.add("intyg", MONDAY)
        tally.write()
    assert [record.message for record in caplog.records] == [
        "Sidvisningar kan inte sparas just nu: attempt to write a readonly database"
    ]
    assert tally.waiting == 2
    tally.write()

    assert stored() == {("intyg", MONDAY): 2}
    assert tally.told is False


def test_memory_has_an_end(tally, monkeypatch):
    monkeypatch.setattr(page_views, "MOST_KEPT", 2)
    for slug in ("a", "b", "c", "a"):
        tally.add(slug, MONDAY)

    assert tally.counts == Counter({("a", MONDAY): 2, ("b", MONDAY): 1})


def test_threads_lose_no_view(tally):
    barrier = Barrier(8)

    def read():
        barrier.wait()
        for _ in range(500):
            tally.add("intyg", MONDAY)

    threads = [Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (tally.waiting, tally.counts["intyg", MONDAY]) == (4000, 4000)


def test_two_processes_add_to_the_same_row(db):
    store(Counter({("intyg", MONDAY): 2}))
    store(Counter({("intyg", MONDAY): 3, ("samtycke", MONDAY): 1}))

    assert stored() == {("intyg", MONDAY): 5, ("samtycke", MONDAY): 1}


# What owners see


@pytest.fixture
def chief(client, db):
    client.force_login(get_user_model().objects.create_superuser("chef@example.org", "x"))
    return client


def view_rows():
    much = make_version(page=make_page(slug="mycket", nav_title="=Mycket")).page
    little = make_version(page=make_page(slug="lite", nav_title="Lite")).page
    for page, week, count in (
        (much, MONDAY, 7),
        (much, date(2026, 9, 7), 1200),
        (much, date(2026, 8, 31), 5000),
        (little, MONDAY, 900),
    ):
        PageView.objects.create(page=page, week=week, count=count)
    return much, little


def test_list_shows_pages_most_read_first_over_twelve_weeks(chief):
    view_rows()

    html = chief.get("/admin/guidance/page/visningar/").content.decode()

    rows = [words(row) for row in html.rpartition("<tbody>")[2].split("</tr>")[:2]]
    assert [row.split(" roll-")[0] for row in rows] == ["=Mycket", "Lite"]
    assert "1\xa0207" in html
    assert "5\xa0000" not in html
    assert 'aria-label="Visningar per vecka, den äldsta först: 1200, 0, 0, 0,' in html


def test_file_holds_the_same_and_no_formulas(chief):
    view_rows()

    response = chief.get("/admin/guidance/page/visningar.csv")

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:5] == ["sida", "adress", "ägare", "summa", "2026-09-07"]
    assert rows[0][-1] == "2026-11-23"
    assert [(row[0], row[3], row[-1]) for row in rows[1:3]] == [
        ("'=Mycket", "1207", "7"),
        ("Lite", "900", "900"),
    ]


def test_page_form_shows_its_own_views(chief):
    page, _ = view_rows()

    html = chief.get(f"/admin/guidance/page/{page.pk}/change/").content.decode()

    assert "Visningar: 1\xa0207 på 12 veckor" in html


def test_views_are_for_those_who_may_see_pages(client, db):
    user = get_user_model().objects.create_user("ingen@example.org", "x", is_staff=True)
    client.force_login(user)

    for path in ("visningar/", "visningar.csv"):
        assert client.get(f"/admin/guidance/page/{path}").status_code == 403


def test_list_costs_the_same_whatever_the_pages(chief):
    view_rows()
    few = len(queries_of(chief, "/admin/guidance/page/visningar/"))
    for number in range(5):
        PageView.objects.create(page=make_page(), week=MONDAY, count=number)

    assert len(queries_of(chief, "/admin/guidance/page/visningar/")) == few
