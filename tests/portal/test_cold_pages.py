"""Pages that are not kept whole: what they cost in a process that has been asked before, and that
nothing they keep between them is ever shown when it has changed."""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from education.models import Occasion
from followup.models import Indicator, Release
from guidance.demo_pages import fill
from guidance.framing import pages_near
from guidance.models import Certificate, Page, PageVersion
from guidance.presenters import sections_beside
from organisation.models import Attestation, Person, Unit
from portal.caching import parts, stamp
from tests.costs import cost_of
from tests.factories import (
    make_appointment,
    make_course,
    make_indicator,
    make_notice,
    make_occasion,
    make_page,
    make_role,
    make_step,
    make_unit,
    make_version,
)
from tests.pages import words

CODE = "SE0000000000-E1001"
PAGE = "/intyg/skriva-bra-intyg/"
UNIT = f"/organisation/enheter/{CODE}/"
UNITS = "/organisation/enheter/"
CALENDAR = "/kompetens/kalender/"
INDICATOR = "/uppfoljning/indikatorer/langa-90/"
REPORT = f"/uppfoljning/enheter/{CODE}/"
FEW, MANY = 120, 5000 if os.environ.get("PORTAL_FULL_SCALE") == "1" else 720


@pytest.fixture(autouse=True)
def _one_process(db, settings, tmp_path, monkeypatch):
    """Parts are kept from request to request, and a statement moves the stamp."""
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    monkeypatch.setattr(parts, "_shelf", None)
    monkeypatch.setattr(stamp, "_fault", stamp._Fault())
    with connection.execute_wrapper(stamp.notice):
        yield


def page():
    return Page.objects.get(slug="skriva-bra-intyg")


def unit():
    return Unit.objects.get(hsa_id=CODE)


# What a page costs when another has been shown before


@pytest.mark.xdist_group("scale")
def test_the_first_reader_after_a_change_waits_no_longer_among_many_pages(client):
    """Nothing is kept then, and what is about to begin or end is asked for."""
    urls = [
        *("/", PAGE, UNIT, UNITS, CALENDAR, INDICATOR, REPORT),
        *("/lagar-och-regler/", "/dokument/", "/aktuellt/", "/aktuellt/atom.xml", "/sok/?q=intyg"),
        "/sjukskrivningsprocessen/",
        "/sjukskrivningsprocessen/utskrift/",
        "/organisation/overenskommelser/",
        "/organisation/roller-och-ansvar/rehabkoordinator/",
    ]

    def costs():
        found = {}
        for url in urls:
            client.get(url)
            stamp.move()
            found[url] = cost_of(lambda url=url: client.get(url))
        return found

    fill(FEW)
    among_few = costs()
    fill(MANY)
    among_many = costs()

    for url, (queries, steps) in among_few.items():
        assert among_many[url][0] == queries, url
        if steps:
            assert among_many[url][1] < 1.3 * steps, url


@pytest.mark.parametrize(
    ("before", "url", "cost"),
    [
        # The version, in words that are kept.
        ("/intyg/ovriga-intyg/", PAGE, 1),
        ("/intyg/ovriga-intyg/", "/intyg/ovriga-intyg/", 0),
        ("/intyg/", "/intyg/", 0),
        (UNIT, UNIT, 0),
        (UNITS, UNITS, 0),
        (CALENDAR, CALENDAR, 0),
        (INDICATOR, INDICATOR, 0),
        (REPORT, REPORT, 0),
        ("/", "/", 0),
    ],
)
@pytest.mark.parametrize("cookies", [{}, {"enhet": CODE}, {"utseende": "dark"}])
def test_a_page_costs_what_only_it_shows(
    client, before, url, cost, cookies, django_assert_num_queries
):
    client.cookies.load(cookies)
    assert client.get(before).status_code == 200
    with django_assert_num_queries(cost):
        assert client.get(url).status_code == 200


def test_a_new_page_costs_one_query_whatever_there_is_of_others(
    client, commit, django_assert_num_queries
):
    owner = make_role()
    section = make_version(page=make_page(slug="provavdelning", owner=owner)).page
    pages = [make_version(page=make_page(parent=section, owner=owner)).page for _ in range(4)]
    make_indicator().pages.add(pages[0])
    step = make_step(version=pages[0].versions.get(), anchor="steg")
    make_course(process_steps=[str(step.uuid)]).pages.add(pages[1])
    with commit():
        section.save()
    client.get(section.get_absolute_url())
    for each in pages:
        with django_assert_num_queries(1):
            assert client.get(each.get_absolute_url()).status_code == 200


# And that nothing is old


def rename(rows, name, text):
    assert rows.update(**{name: text}) == 1


def new_course(**fields):
    course = make_course(title="Helt ny kurs", **fields)
    course.pages.add(page())


def new_indicator():
    make_indicator(name="Helt ny indikator").pages.add(page())


def new_contact():
    make_appointment(role=page().owner, person=Person.objects.create(name="Aada Nysson"))


def new_sibling():
    make_version(page=make_page(parent=page().parent, nav_title="Helt ny sida"))


def new_page():
    make_version(title="Helt ny sida", publish_at=timezone.now())


def new_text():
    rename(PageVersion.objects.filter(page=page()), "title", "Helt ny rubrik")


def new_holder():
    role = make_role(title="Helt ny roll")
    make_appointment(unit=unit(), role=role)


def new_occasion():
    starts = timezone.now() + timedelta(days=1)
    make_occasion(course=make_course(title="Helt ny kurs"), starts=starts, town=unit().town)


def new_release():
    latest = Release.objects.filter(indicator__code="langa-90", is_current=True).latest("year")
    rename(Release.objects.filter(pk=latest.pk), "reason", "Helt ny rättelse")


@pytest.mark.parametrize(
    ("url", "change", "said"),
    [
        (PAGE, new_text, "Helt ny rubrik"),
        (PAGE, new_course, "Helt ny kurs"),
        (PAGE, new_indicator, "Helt ny indikator"),
        (PAGE, new_contact, "Aada Nysson"),
        (PAGE, new_sibling, "Helt ny sida"),
        ("/intyg/", lambda: rename(Certificate.objects.filter(code="FK 7804"), "name", "Helt nytt"),
         "Helt nytt"),
        (UNIT, lambda: rename(Unit.objects.filter(hsa_id=CODE), "name", "Helt ny enhet"),
         "Helt ny enhet"),
        (UNIT, new_holder, "Helt ny roll"),
        (UNIT, lambda: unit().kind.required_roles.add(make_role(title="Helt ny roll")),
         "Helt ny roll"),
        (UNIT, lambda: rename(Indicator.objects.filter(code="langa-90"), "name", "Helt ny"),
         "Helt ny"),
        (UNITS, lambda: make_unit(name="Aa helt ny enhet", kind=unit().kind), "Aa helt ny enhet"),
        (CALENDAR, new_occasion, "Helt ny kurs"),
        (CALENDAR, lambda: Occasion.objects.update(town="Nystad", format="onsite"), "Nystad"),
        (INDICATOR, lambda: rename(Indicator.objects.filter(code="langa-90"), "why", "Helt ny"),
         "Helt ny"),
        (INDICATOR, new_release, "Helt ny rättelse"),
        (REPORT, lambda: rename(Unit.objects.filter(hsa_id=CODE), "name", "Helt ny enhet"),
         "Helt ny enhet"),
        (REPORT, lambda: rename(Indicator.objects.filter(code="langa-90"), "source", "Ny källa"),
         "Ny källa"),
        ("/", new_occasion, "Helt ny kurs"),
        ("/", lambda: make_notice(title="Helt ny nyhet"), "Helt ny nyhet"),
        ("/", new_page, "Helt ny sida"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("cookies", [{}, {"enhet": CODE}])
def test_a_change_shows_at_the_next_request(client, commit, url, change, said, cookies):
    client.cookies.load(cookies)
    for _ in range(2):
        assert said not in words(client.get(url).content.decode())
    with commit():
        change()

    assert said in words(client.get(url).content.decode())


def test_the_chosen_unit_is_as_it_is_now(client, commit):
    client.cookies["enhet"] = CODE
    client.get(PAGE)
    with commit():
        rename(Unit.objects.filter(hsa_id=CODE), "name", "Helt ny enhet")

    assert "Helt ny enhet" in words(client.get(PAGE).content.decode())


def test_what_time_changes_shows_though_nobody_writes(client, commit, clock):
    """A text that replaces another and a unit that ends, both asked for in words that are kept."""
    at = timezone.now() + timedelta(minutes=5)
    with commit():
        make_version(page=page(), number=9, title="Kommande rubrik", publish_at=at)
        Unit.objects.filter(hsa_id=CODE).update(valid_to=timezone.localdate() + timedelta(days=1))
    for url in (PAGE, UNIT):
        assert client.get(url).status_code == 200
    assert "Kommande rubrik" not in client.get(PAGE).content.decode()

    clock.move_to(at + timedelta(seconds=1), tick=False)
    assert "Kommande rubrik" in client.get(PAGE).content.decode()
    clock.move_to(at + timedelta(days=1), tick=False)
    assert client.get(UNIT).status_code == 410


# Whose it is


def test_an_attestation_shows_and_a_day_in_the_address_is_a_page_of_its_own(client, commit):
    today = words(client.get(UNIT).content.decode())
    past = words(client.get(f"{UNIT}?datum=2026-01-15").content.decode())
    with commit():
        Attestation.objects.create(unit=unit(), on=timezone.localdate())

    assert "Så var det torsdag 15 januari 2026" in past
    assert "Så var det" not in today
    assert "kontrollerade 23 november 2026" in words(client.get(UNIT).content.decode())


def test_what_a_manager_may_see_is_shown_to_her_alone(client, commit, django_user_model):
    """Who may see hidden values comes first, and then whoever may not, and the other way round."""
    everybody = client.get(INDICATOR).content.decode(), client.get(REPORT).content.decode()
    boss = django_user_model.objects.create_superuser("a@example.org", "Vinterdäck-och-kaffe-7")
    client.force_login(boss)
    hers = client.get(INDICATOR).content.decode(), client.get(REPORT).content.decode()
    client.logout()
    again = client.get(INDICATOR).content.decode(), client.get(REPORT).content.decode()

    assert again == everybody
    assert "*" in words(hers[0])
    assert "Sprid inte talet" in hers[0]
    assert "Sprid inte talet" not in everybody[0]


def test_the_navigation_says_on_each_page_which_one_it_is(client):
    for url in (PAGE, "/intyg/ovriga-intyg/", "/intyg/"):
        html = client.get(url).content.decode()
        side = html.partition('class="side-nav"')[2].partition("</nav>")[0]
        assert f'<a href="{url}" aria-current="page"' in side
        assert side.count("aria-current") == 1
    # The main menu's own page, and one below it.
    top = "/sjukskrivningsprocessen/"
    for url, mark in ((top, "page"), (PAGE, "true")):
        menu = client.get(url).content.decode().partition('id="menu"')[2].partition("</nav>")[0]
        assert f'<a href="{top}" aria-current="{mark}"' in menu
        assert menu.count("aria-current") == 1


def test_side_navigation_reads_its_own_sections_and_pages_only():
    """A site may have a thousand sections."""
    for number in range(5):
        make_version(page=make_page(slug=f"avdelning-{number}"))
    section = Page.objects.get(slug="intyg")

    near = pages_near(section)

    assert {row.parent_id for row in near} == {None, section.pk}
    assert {row.slug for row in near if row.parent_id is None} <= {*sections_beside("intyg")}
    assert {row.slug for row in near if row.parent_id} == {
        row.slug for row in Page.objects.public().filter(parent=section)
    }
