import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from guidance.models import DocumentVersion, Notice, PageVersion, Redirect
from guidance.rendering import render_version
from portal.publishing.models import VersionState
from tests.factories import (
    make_appointment,
    make_document,
    make_indicator,
    make_notice,
    make_page,
    make_role,
    make_step,
    make_version,
)
from tests.pages import found, main_of, queries_of, words

HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def page(db):
    section = make_version(page=make_page(slug="provavdelning", nav_title="Provavdelning"))
    return make_page(slug="provsida", nav_title="Provsida", parent=section.page)


def publish(page, text, **fields):
    version = make_version(page=page, body=f"<p>{text}</p>", title=f"Titel {text}", **fields)
    render_version(version)
    return version


def shown(client, page):
    """Status and the words of a page's own content."""
    response = client.get(page.get_absolute_url())
    return response.status_code, words(main_of(response))


def test_live_page_is_shown_with_its_frame(client, page):
    publish(page, "levande", lead="Ingress.", brief=["Först", "Sedan"])
    make_appointment(role=page.owner, phone="08-465 004 12")

    response = client.get("/provavdelning/provsida/")

    assert response.status_code == 200
    main = main_of(response)
    assert found(r"<h1>(.*?)</h1>", main) == ["Titel levande"]
    assert found(r'<p class="lead">(.*?)</p>', main) == ["Ingress."]
    assert found(r'<a href="([^"]*)" aria-current="page">', main) == ["/provavdelning/provsida/"]
    assert "<p>levande</p>" in main
    assert "ännu inte granskad" in main
    assert "Fråga en kollega" in main


@pytest.mark.parametrize("state", [VersionState.DRAFT, VersionState.IN_REVIEW])
def test_unpublished_page_is_not_found(client, page, state):
    publish(page, "hemligt", state=state)

    status, text = shown(client, page)

    assert status == 404
    assert "hemligt" not in text


def test_page_without_version_is_not_found(client, page):
    assert shown(client, page)[0] == 404


def test_scheduled_page_appears_when_its_moment_comes(client, page, clock):
    moment = timezone.now() + HOUR
    publish(page, "planerat", publish_at=moment)

    status, text = shown(client, page)
    assert status == 404
    assert "planerat" not in text
    clock.move_to(moment)
    status, text = shown(client, page)
    assert status == 200
    assert "planerat" in text


def test_draft_beside_the_live_version_is_not_shown(client, page):
    publish(page, "levande")
    publish(page, "utkastet", state=VersionState.DRAFT)

    status, text = shown(client, page)

    assert status == 200
    assert ("levande" in text, "utkastet" in text) == (True, False)


def test_scheduled_version_takes_over_when_its_moment_comes(client, page, clock):
    publish(page, "gammalt")
    moment = timezone.now() + HOUR
    publish(page, "nytt", publish_at=moment)

    text = shown(client, page)[1]
    assert ("gammalt" in text, "nytt" in text) == (True, False)
    clock.move_to(moment)
    text = shown(client, page)[1]
    assert ("gammalt" in text, "nytt" in text) == (False, True)


def test_expired_page_is_gone_with_reason_and_successor(client, page, clock):
    successor = publish(make_page(nav_title="Efterträdaren"), "följer").page
    end = timezone.now() + HOUR
    publish(page, "utgånget", expire_at=end, end_reason="Lagen upphörde.", successor=successor)

    assert shown(client, page)[0] == 200
    clock.move_to(end)
    response = client.get(page.get_absolute_url())

    assert response.status_code == 410
    main = main_of(response)
    assert found(r'<p class="lead">(.*?)</p>', main) == ["Lagen upphörde."]
    assert f'<a href="{successor.get_absolute_url()}">Efterträdaren</a>' in main
    assert "utgånget" not in response.content.decode()


def test_expired_page_without_reason_says_what_to_do(client, page):
    publish(page, "utgånget", expire_at=timezone.now() - HOUR)

    status, text = shown(client, page)

    assert status == 410
    assert "Innehållet har tagits bort. Sök efter det du behöver" in text


def test_older_version_never_comes_back(client, page):
    publish(page, "ursprunget")
    publish(page, "utgånget", publish_at=timezone.now() - 2 * HOUR, expire_at=timezone.now() - HOUR)

    status, text = shown(client, page)

    assert status == 410
    assert "ursprunget" not in text


def test_withdrawn_page_is_gone(client, page):
    publish(page, "ursprunget")
    publish(page, "avpublicerat", state=VersionState.WITHDRAWN, end_reason="Var fel.")

    status, text = shown(client, page)

    assert status == 410
    assert "Var fel." in text
    assert ("ursprunget" in text, "avpublicerat" in text) == (False, False)


def test_withdrawn_page_can_be_published_anew(client, page):
    publish(page, "avpublicerat", state=VersionState.WITHDRAWN)
    publish(page, "tillbaka")

    status, text = shown(client, page)

    assert status == 200
    assert "tillbaka" in text


@pytest.mark.parametrize("path", ["/intyg/provsida/", "/finns-inte/provsida/", "/provsida/"])
def test_wrong_section_leads_to_the_right_address(client, page, path):
    publish(page, "levande")

    response = client.get(path)

    assert (response.status_code, response.url) == (301, "/provavdelning/provsida/")


@pytest.mark.parametrize("path", ["/start/", "/intyg/start/"])
def test_start_page_has_one_address(client, db, path):
    response = client.get(path)

    assert (response.status_code, response.url) == (301, "/")


@pytest.mark.parametrize("path", ["/intyg/gammal-sida/", "/gammal-sida/", "/dokument/gammal-sida/"])
def test_redirect_leads_from_an_old_address(client, page, path):
    publish(page, "levande")
    Redirect.objects.create(old_path=path, page=page)

    response = client.get(path)

    assert (response.status_code, response.url) == (301, "/provavdelning/provsida/")
    assert client.get("/intyg/aldrig-funnits/").status_code == 404


def test_unpublished_sibling_is_not_in_the_side_navigation(client, page):
    publish(page, "levande")
    sibling = publish(make_page(nav_title="Syskon", parent=page.parent), "syskon").page
    hidden = make_page(nav_title="Utkastsyskon", parent=page.parent)
    publish(hidden, "utkast", state=VersionState.DRAFT)
    elsewhere = publish(make_page(nav_title="Kusin", parent=make_page()), "kusin").page

    main = main_of(client.get(page.get_absolute_url()))

    assert sibling.get_absolute_url() in main
    assert hidden.get_absolute_url() not in main
    assert elsewhere.get_absolute_url() not in main


def test_overdue_review_is_told(client, page):
    page.reviewed_on = date(2025, 10, 5)
    page.save()
    publish(page, "levande")

    meta = found(r'<dl class="page-meta">(.*?)</dl>', main_of(client.get(page.get_absolute_url())))

    assert meta == [
        "Senast granskad 5 oktober 2025 Nästa granskning oktober 2026 granskning försenad "
        "Version 1, 22 november 2026 , alla versioner "
        f"Ägare {page.owner.title} Utskrift Skriv ut"
    ]


def test_list_stands_between_the_parts_of_the_text(client, page):
    page.register, page.register_anchor = "laws", "fore"
    page.save()
    version = make_version(page=page, body="<h2>Före</h2><p>a</p><h2>Sedan</h2><p>b</p>")
    render_version(version)

    main = main_of(client.get(page.get_absolute_url()))

    places = [main.index(mark) for mark in ('id="fore"', "Patientlag", 'id="sedan"')]
    assert places == sorted(places)


@pytest.mark.parametrize("path", ["/finns-inte/", "/finns-inte/alls/", "/a/b/c/", "/å/"])
def test_unknown_address_is_not_found(client, db, path):
    assert client.get(path).status_code == 404


def test_pages_take_only_reading(client, page):
    publish(page, "levande")
    urls = [page.get_absolute_url(), "/aktuellt/", "/aktuellt/atom.xml"]

    assert [client.post(url).status_code for url in urls] == [405, 405, 405]


# Documents


def test_document_page_shows_versions_roles_and_pages(client, page):
    document = make_document(slug="provblad", title="Provblad", issuer="Provverket", code="P-1")
    for position, label in enumerate(["Version 2", "Version 1"]):
        DocumentVersion.objects.create(
            document=document, label=label, year=2026 - position, position=position
        )
    document.roles.add(make_role(title="Provare"))
    publish(page, "levande").documents.add(document)
    in_step = publish(make_page(nav_title="Stegsidan"), "steg")
    make_step(version=in_step).documents.add(document)
    make_step(version=in_step).documents.add(document)
    draft = publish(make_page(nav_title="Utkastsidan"), "utkast", state=VersionState.DRAFT)
    draft.documents.add(document)
    publish(make_page(nav_title="Annan sida"), "annan").documents.add(make_document())

    response = client.get("/dokument/provblad/")

    main = main_of(response)
    assert response.status_code == 200
    assert found(r"<h1>(.*?)</h1>", main) == ["Provblad"]
    assert found(r'<dl class="page-meta">(.*?)</dl>', main) == [
        "Utgivare Provverket Beteckning P-1"
    ]
    assert found(r'id="versioner".*?<ul[^>]*>(.*?)</ul>', main) == ["Version 2 2026 Version 1 2025"]
    assert found(r'id="roller".*?<ul[^>]*>(.*?)</ul>', main) == ["Provare"]
    assert sorted(found(r"<li><a[^>]*>(.*?)</a></li>", main.partition('id="anvands"')[2])) == [
        "Provsida",
        "Stegsidan",
    ]


def test_document_whose_page_moved_on_is_no_longer_used_there(client, page):
    document = make_document()
    publish(page, "gammal").documents.add(document)
    publish(page, "ny")

    assert 'id="anvands"' not in main_of(client.get(document.get_absolute_url()))


def test_document_costs_the_same_whatever_uses_it(client, db):
    document = make_document()
    url = document.get_absolute_url()
    publish(make_page(parent=make_page()), "x").documents.add(document)
    queries_of(client, url)
    one = len(queries_of(client, url))
    for _ in range(3):
        publish(make_page(parent=make_page()), "x").documents.add(document)

    assert len(queries_of(client, url)) == one


def test_page_in_the_document_section_comes_before_a_document(client, db):
    section = PageVersion.objects.live().get(page__slug="dokument").page
    publish(make_page(slug="samma", parent=section), "sidan")
    make_document(slug="samma", title="Dokumentet")

    text = words(main_of(client.get("/dokument/samma/")))

    assert ("sidan" in text, "Dokumentet" in text) == (True, False)


def test_unknown_document_is_not_found(client, db):
    assert client.get("/dokument/finns-inte/").status_code == 404


# News


def test_notice_from_tomorrow_is_not_shown_until_then(client, db, clock):
    Notice.objects.all().delete()
    PageVersion.objects.update(is_major=False)
    make_notice(title="Nytt i dag", published_on=date(2026, 11, 23))
    make_notice(title="Nytt i morgon", published_on=date(2026, 11, 24))

    def titles():
        return found(r"<h2 id=.*?>(.*?)</h2>", main_of(client.get("/aktuellt/")))

    assert titles() == ["Nytt i dag"]
    clock.move_to("2026-11-24T08:00:00+00:00")
    assert titles() == ["Nytt i morgon", "Nytt i dag"]


def test_news_cost_the_same_whatever_they_hold(client, page):
    queries_of(client, "/aktuellt/")
    one = len(queries_of(client, "/aktuellt/"))
    for _ in range(3):
        make_notice(page=page)

    assert len(queries_of(client, "/aktuellt/")) == one


def test_feed_holds_public_notices(client, page):
    Notice.objects.all().delete()
    PageVersion.objects.filter(is_major=True).update(is_major=False)
    make_notice(slug="ny", title="Nytt & <viktigt>", text="Text å.", page=page)
    make_notice(slug="sen", title="Nytt i morgon", published_on=date(2026, 11, 24))

    response = client.get("/aktuellt/atom.xml")

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314 (our own feed)
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}title") == "Aktuellt i försäkringsmedicin, Region Exempelland"
    entries = [
        [entry.findtext(ATOM + tag) for tag in ("title", "id", "updated", "summary")]
        for entry in feed.iter(f"{ATOM}entry")
    ]
    assert entries == [["Nytt & <viktigt>", "aktuellt:ny", "2026-11-23T00:00:00+01:00", "Text å."]]
    [link] = [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")]
    assert link.endswith("/aktuellt/#ny")


# What a page costs


def content_queries(queries):
    return [sql for sql in queries if re.search(r'FROM "guidance_page(version)?"', sql)]


def test_guidance_page_costs_at_most_seven_queries_two_of_them_for_content(client, page):
    publish(page, "levande")
    make_appointment(role=page.owner)
    make_indicator().pages.add(page)

    queries = queries_of(client, page.get_absolute_url())

    assert len(queries) <= 7
    assert len(content_queries(queries)) <= 2


def test_demo_guidelines_keep_the_budget(client, db):
    live = PageVersion.objects.live().filter(page__kind="guideline")
    costs = {}
    for version in live.select_related("page__parent"):
        queries = queries_of(client, version.page.get_absolute_url())
        costs[version.page.slug] = (len(queries), len(content_queries(queries)))

    assert len(costs) > 10
    assert {slug: cost for slug, cost in costs.items() if cost[0] > 7 or cost[1] > 2} == {}


def test_fifty_pages_in_another_section_cost_nothing_more(client, page):
    publish(page, "levande")
    before = len(queries_of(client, page.get_absolute_url()))
    section = make_version().page
    for number in range(50):
        make_version(page=make_page(parent=section, nav_title=f"Bortom {number}"))

    queries = queries_of(client, page.get_absolute_url())

    assert len(queries) == before
    assert "Bortom" not in client.get(page.get_absolute_url()).content.decode()
