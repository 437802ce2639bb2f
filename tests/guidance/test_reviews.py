"""The list of every page's review, its file, and the tag in search."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from guidance import reviews
from guidance.actions import confirm_unchanged
from guidance.models import Page, PageVersion
from portal.accounts.models import User
from portal.web.days import add_months
from tests.factories import make_page, make_role, make_version
from tests.pages import found, main_of, words

pytestmark = pytest.mark.django_db
LIST = "/om-webbplatsen/granskning/"
FILE = "/om-webbplatsen/granskning.csv"


@pytest.fixture
def reviewed():
    """Three pages of which one is late, one due in two weeks and one in order."""
    for slug, day in {
        "intyg": date(2025, 1, 10),
        "samtycke": date(2025, 12, 7),
        "tidslinje": date(2026, 11, 1),
    }.items():
        Page.objects.filter(slug=slug).update(reviewed_on=day, review_interval_months=12)


def titles(response):
    return found(r'<th scope="row"><a[^>]*>(.*?)</a>', main_of(response))


def names(*slugs):
    titles = dict(Page.objects.values_list("slug", "versions__title"))
    return [titles[slug] for slug in slugs]


def test_counts_stand_first_and_lead_to_their_pages(client, reviewed):
    response = client.get(LIST)
    total = Page.objects.public().count()

    assert found(r'<a class="chip"[^>]*>(.*?)</a>', main_of(response)) == [
        "Försenad granskning: 1",
        "Ska granskas inom 30 dagar: 1",
        f"Ännu inte granskad: {total - 3}",
        "Granskad, inget att göra: 1",
    ]
    assert len(titles(response)) == total


@pytest.mark.parametrize(
    ("state", "slug"), [("forsenad", "intyg"), ("snart", "samtycke"), ("granskad", "tidslinje")]
)
def test_list_is_filtered_by_state(client, reviewed, state, slug):
    assert titles(client.get(LIST, {"lage": state})) == names(slug)


def test_list_is_filtered_by_owner_and_keeps_it_in_links(client, reviewed):
    response = client.get(LIST, {"agare": "kursansvarig", "ordning": "-sida"})

    assert len(titles(response)) == 6
    assert f"6 av {Page.objects.public().count()} sidor med ägare" in words(main_of(response))
    assert "?agare=kursansvarig&amp;ordning=nasta#" in main_of(response)
    assert f"{FILE}?agare=kursansvarig&amp;ordning=-sida" in main_of(response)


def test_a_long_list_is_shown_in_parts_that_keep_the_query(client, reviewed, monkeypatch):
    monkeypatch.setattr(reviews, "PER_PAGE", 2)
    whole = titles(client.get(LIST, {"ordning": "-nasta", "page": 1}))
    second = client.get(LIST, {"ordning": "-nasta", "page": 2})
    total = Page.objects.public().count()

    assert whole == names("tidslinje", "samtycke")
    assert titles(second)[0] == names("intyg")[0]
    assert f"Alla {total} sidor med ägare och granskning, nummer 3–4" in words(main_of(second))
    assert 'href="?ordning=-nasta&amp;page=1#lista-granskning">Föregående' in main_of(second)
    assert 'href="?ordning=-nasta&amp;page=3#lista-granskning">Nästa' in main_of(second)
    text = client.get(FILE, {"ordning": "-nasta", "page": 2}).content.decode()
    assert len(text.strip().splitlines()) == total + 1


@pytest.mark.parametrize("page", ["0", "99999", "-1", "x", "\x00", "1" * 40])
def test_odd_part_of_the_list_is_no_fault_of_the_server(client, page):
    assert client.get(LIST, {"page": page}).status_code == 200


def test_list_is_ordered_both_ways_and_says_so(client, reviewed):
    down = client.get(LIST, {"ordning": "-nasta"})
    up = client.get(LIST, {"ordning": "nasta", "lage": "granskad"})

    assert titles(down)[:3] == names("tidslinje", "samtycke", "intyg")
    assert 'aria-sort="descending"><a href="?ordning=nasta#' in main_of(down)
    assert 'aria-sort="ascending"><a href="?lage=granskad&amp;ordning=-nasta#' in main_of(up)


def test_swedish_order_of_titles(client):
    first = Page.objects.get(slug="intyg").versions
    first.update(title="Ängar")
    Page.objects.get(slug="samtycke").versions.update(title="Åar")
    order = titles(client.get(LIST, {"ordning": "sida"}))

    assert order.index("Åar") < order.index("Ängar")


@pytest.mark.parametrize("query", ["agare=finns-inte", "lage=sen", "ordning=--sida", "agare=%00"])
def test_odd_choice_gets_a_message_and_the_whole_list(client, query):
    response = client.get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert "Ett val i filtret kan inte användas" in words(main_of(response))
    assert len(titles(response)) == Page.objects.public().count()


def test_file_holds_what_the_page_shows(client, reviewed):
    response = client.get(FILE, {"lage": "forsenad"})
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")

    assert response.headers["Content-Disposition"] == 'attachment; filename="granskning.csv"'
    assert row["Sida"] == names("intyg")[0]
    assert row["Adress"] == "http://testserver/intyg/"
    assert (row["Senast granskad"], row["Nästa granskning"]) == ("2025-01-10", "2026-01-10")
    assert row["Läge"] == "Försenad granskning"


@pytest.mark.parametrize("address", ["/intyg/skriva-bra-intyg.csv", "/intyg/granskning.csv"])
def test_other_pages_have_no_such_file(client, address):
    assert client.get(address).status_code == 404


def test_search_tells_which_page_is_overdue_until_somebody_reads_it(client, clock, admin_user):
    def live():
        return PageVersion.objects.live().select_related("page").get(page__slug="intyg")

    def confirm():
        confirm_unchanged(live(), by=admin_user, revision=live().page.revision)

    def tagged():
        hits = main_of(client.get("/sok/", {"q": "intyg"})).split("<li>")
        late = [hit for hit in hits if "granskning försenad" in hit]
        assert len(hits) > 10
        return [url for hit in late for url in found(r'<h2><a href="(.*?)"', hit)]

    confirm()
    assert tagged() == []
    clock.move_to(datetime.fromisoformat(f"{live().page.next_review}T09:00:00+01:00"))
    assert tagged() == ["/intyg/"]
    confirm()
    assert tagged() == []


def test_owner_of_a_new_role_can_be_chosen_at_once(client):
    page = make_version(page=make_page(owner=make_role(code="ny-roll"))).page

    assert titles(client.get(LIST, {"agare": "ny-roll"})) == names(page.slug)


@pytest.mark.parametrize("today", ["2026-11-23", "2027-02-28", "2028-02-29", "2027-04-30"])
def test_due_pages_are_those_whose_review_is_overdue(db, clock, today):
    clock.move_to(datetime.fromisoformat(f"{today}T09:00:00+01:00"))
    page = make_page()
    cases = [
        (months, add_months(date.fromisoformat(today), -months) + timedelta(days=days))
        for months in (0, 1, 6, 12, 13, 600)
        for days in range(-3, 5)
    ]
    for number, (months, reviewed_on) in enumerate(cases):
        Page.objects.create(
            slug=f"granskas-{number}", nav_title="Granskas", purpose="Granskas.",
            owner=page.owner, review_interval_months=months, reviewed_on=reviewed_on,
        )  # fmt: skip

    due = {row.slug for row in Page.objects.due()}

    assert due == {row.slug for row in Page.objects.all() if row.review_is_overdue}
    assert 18 <= len([slug for slug in due if slug.startswith("granskas-")]) < len(cases)


def test_list_of_waiting_pages_has_a_short_address(client):
    client.force_login(User.objects.create_superuser("chef@example.org", "hemligt-nog-14"))
    Page.objects.filter(parent__isnull=False).update(reviewed_on=date(2020, 1, 1))
    rows = {
        panel.rows["label"]: panel.rows
        for panel in client.get(reverse("admin:index")).context["waiting"]
    }

    row = rows["Sidor att granska på nytt"]
    assert row["url"] == "/admin/guidance/page/?vantar=ny-granskning"
    assert row["count"] == Page.objects.public().filter(parent__isnull=False).count()
    assert client.get(row["url"]).context["cl"].result_count == row["count"]
    assert client.get("/admin/guidance/page/?vantar=okant").status_code == 200
