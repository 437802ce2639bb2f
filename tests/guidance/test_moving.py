"""Moving a page and changing its address: what readers, texts, search and editors meet."""

import random
import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from guidance import actions, moving, rendering
from guidance.models import FormerSlug, Page, PageVersion, Redirect
from guidance.text_control import findings_of
from portal.accounts.models import User
from portal.search.index import index
from portal.search.models import SearchEntry
from tests.factories import make_document, make_page, make_version
from tests.guidance.test_page_admin import make_user
from tests.pages import main_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mover():
    return make_user("flyttare", "view_page", "move_page")


@pytest.fixture
def page():
    return make_version(page=make_page(slug="provsida", parent=section("provavdelning"))).page


def section(slug):
    return make_version(page=make_page(slug=slug, nav_title=slug.capitalize())).page


def move(page, by, *, parent=None, slug=None):
    page = Page.objects.select_related("parent").get(pk=page.pk)
    return actions.move_page(
        page, parent=parent, slug=slug or page.slug, by=by, revision=page.revision
    )


def linking(target):
    version = make_version(body=f'<p><a href="sida:{target}#del">dit</a></p>')
    rendering.render_version(version)
    return version


def hop(client, path):
    """Where an address leads in one step; the page there must be shown."""
    response = client.get(path)
    assert response.status_code == 301, path
    assert response.headers["Cache-Control"] == "no-cache"
    assert client.get(response.url).status_code == 200
    return response.url


def crumbs_of(client, path):
    html = client.get(path).content.decode()
    crumbs = re.search(r'<nav class="breadcrumbs".*?</nav>', html, re.S)[0]
    return re.findall(r'href="([^"]*)"', crumbs)


def parent_of(page):
    return Page.objects.select_related("parent").get(pk=page.pk).parent


def address(page):
    return Page.objects.select_related("parent").get(pk=page.pk).get_absolute_url()


def refusals(page, by, **to):
    with pytest.raises(actions.TransitionRefused) as caught:
        move(page, by, **to)
    return list(caught.value.messages)


# -- what readers meet ------------------------------------------------------------------


def test_old_address_leads_to_the_new_one_and_breadcrumbs_follow(client, page, mover):
    other = section("annan-avdelning")
    move(page, mover, parent=other, slug="nytt-namn")

    assert hop(client, "/provavdelning/provsida/") == "/annan-avdelning/nytt-namn/"
    assert hop(client, "/provavdelning/nytt-namn/") == "/annan-avdelning/nytt-namn/"
    assert crumbs_of(client, "/annan-avdelning/nytt-namn/") == ["/", "/annan-avdelning/"]
    assert client.get("/provavdelning/aldrig-funnits/").status_code == 404


def test_section_takes_the_pages_below_along(client, page, mover):
    plan = move(page.parent, mover, slug="ny-avdelning")

    assert [(old, new) for _, old, new in plan.addresses] == [
        ("/provavdelning/", "/ny-avdelning/"),
        ("/provavdelning/provsida/", "/ny-avdelning/provsida/"),
    ]
    assert hop(client, "/provavdelning/") == "/ny-avdelning/"
    assert hop(client, "/provavdelning/provsida/") == "/ny-avdelning/provsida/"


def test_texts_that_link_there_are_made_ready_and_not_rewritten(page, mover):
    version, draft = linking("provsida"), make_version(state="draft", body="x")
    plan = moving.plan_for(page, parent=page.parent, slug="nytt-namn")
    assert plan.texts == [version.page]

    move(page, mover, parent=page.parent, slug="nytt-namn")

    version.refresh_from_db()
    assert '<a href="/provavdelning/nytt-namn/#del">' in version.rendered
    assert version.body == '<p><a href="sida:provsida#del">dit</a></p>'
    assert [link.target for link in version.links.all()] == [page]
    draft.body = version.body
    rendering.make_ready(draft)
    assert '<a href="/provavdelning/nytt-namn/#del">' in draft.rendered


def test_content_checks_know_former_names(page, mover):
    version = make_version(body='<p><a href="sida:provsida">dit</a></p>')
    other = make_version(body='<p><a href="sida:provsidan">dit</a></p>')
    move(page, mover, parent=page.parent, slug="nytt-namn")

    assert "link-target" not in {finding.rule for finding in findings_of(version)}
    assert "link-target" in {finding.rule for finding in findings_of(other)}


def test_search_leads_to_the_new_address(page, mover):
    version = page.versions.get()
    index("page", [version.pk])
    before = SearchEntry.objects.get(kind="page", object_id=version.pk)
    move(page, mover, slug="provsida")
    after = SearchEntry.objects.get(kind="page", object_id=version.pk)

    assert (before.url, after.url) == ("/provavdelning/provsida/", "/provsida/")
    assert (before.pk, before.text) == (after.pk, after.text)


def test_an_unpublished_pages_new_address_is_not_given_away(client, mover):
    hidden = make_version(page=make_page(slug="hemlig"), state="draft").page
    move(hidden, mover, slug="annan-hemlig")
    Redirect.objects.create(old_path="/gammal-hemlig/", page=hidden)

    assert client.get("/hemlig/").status_code == 404
    assert client.get("/gammal-hemlig/").status_code == 404


def test_moved_back_it_is_as_before(client, page, mover):
    start = page.parent
    move(page, mover, parent=section("annan-avdelning"), slug="nytt-namn")
    move(page, mover, parent=start, slug="provsida")

    assert client.get("/provavdelning/provsida/").status_code == 200
    assert hop(client, "/annan-avdelning/nytt-namn/") == "/provavdelning/provsida/"
    assert [*FormerSlug.objects.values_list("slug", flat=True)] == ["nytt-namn"]


def test_any_sequence_of_moves_keeps_every_address_links_and_breadcrumbs(client, mover):
    """Three pages in two sections that change places and names, sixty moves."""
    chance = random.Random(20261123)
    sections = [section("avdelning-a"), section("avdelning-b")]
    pages = [make_version(page=make_page(slug=f"blad-{n}", parent=sections[0])).page for n in "xyz"]
    text = linking("blad-x")
    seen = {address(row): row for row in (*sections, *pages)}
    moves = 0
    for _ in range(60):
        row = chance.choice([*pages, *sections])
        parent = chance.choice([*sections, None]) if row in pages else None
        slug = chance.choice(["blad-x", "blad-y", *(f"namn-{n}" for n in range(12))])
        try:
            move(row, mover, parent=parent, slug=slug)
        except actions.TransitionRefused:
            continue
        moves += 1
        seen |= {address(each): each for each in (*sections, *pages)}
        for path, target in seen.items():
            now = address(target)
            assert path == now or hop(client, path) == now
        text.refresh_from_db()
        assert f'<a href="{address(pages[0])}#del">' in text.rendered
        crumbs = crumbs_of(client, address(pages[1]))
        assert crumbs == ["/", *([address(above)] if (above := parent_of(pages[1])) else [])]
        names = {*Page.objects.values_list("slug", flat=True)}
        assert not names & {*FormerSlug.objects.values_list("slug", flat=True)}
    assert moves > 15


# -- what is refused --------------------------------------------------------------------


def test_a_name_that_leads_to_another_page_is_refused(page, mover):
    other = section("annan")
    move(other, mover, slug="annan-ny")

    assert refusals(page, mover, slug="annan", parent=page.parent) == [
        "”annan” har varit adressnamn för sidan ”Annan” och leder dit. Välj ett annat, till "
        "exempel annan-2."
    ]
    assert refusals(page, mover, slug="annan-ny") == ["Sida med detta Adressnamn finns redan."]
    assert address(page) == "/provavdelning/provsida/"
    new = Page(slug="annan", nav_title="Ny", purpose="x", owner=page.owner)
    with pytest.raises(Exception, match="har varit adressnamn"):
        new.full_clean()


@pytest.mark.parametrize("slug", ["admin", "konto", "api", "halsa", "aktuellt", "sok"])
def test_the_sites_own_addresses_are_refused(page, mover, slug):
    Page.objects.filter(slug=slug).update(slug="undan")

    assert len(refusals(page, mover, slug=slug)) == 1
    assert address(page) == "/provavdelning/provsida/"


def test_below_a_section_too(page, mover):
    make_document(slug="provblad")
    dokument = Page.objects.get(slug="dokument")
    kompetens = Page.objects.get(slug="kompetens")
    Page.objects.filter(slug="kurser").update(slug="undan")

    assert refusals(page, mover, parent=page.parent, slug="versioner") == [
        "Adressnamnet används av webbplatsen själv."
    ]
    assert refusals(page, mover, parent=dokument, slug="provblad") == [
        "På /dokument/provblad/ finns ett dokument. Välj ett annat adressnamn."
    ]
    assert refusals(page, mover, parent=kompetens, slug="kurser") == [
        "Adressen /kompetens/kurser/ används av webbplatsen själv. Välj ett annat adressnamn."
    ]


@pytest.mark.parametrize("slug", ["start", "sok", "intyg", "enheter", "dokument", "ordlista"])
def test_pages_that_the_site_leads_to_by_name_stay(mover, slug):
    fixed = Page.objects.select_related("parent").get(slug=slug)

    assert refusals(fixed, mover, parent=fixed.parent, slug="annat-namn") == [
        moving.obstacle(fixed)
    ]
    assert moving.obstacle(make_page()) == ""


def test_section_with_pages_does_not_go_below_another(page, mover):
    assert refusals(page.parent, mover, parent=section("annan")) == [
        "En avdelning med sidor under sig kan inte flyttas."
    ]


def test_an_address_that_a_redirect_has_is_refused_and_its_own_is_taken_up(client, page, mover):
    Redirect.objects.create(old_path="/gammal/", page=section("annan"))
    own = Redirect.objects.create(old_path="/egen/", page=page)

    assert refusals(page, mover, slug="gammal") == [
        "/gammal/ är en omdirigering till sidan ”Annan”. Ta bort omdirigeringen eller välj ett "
        "annat adressnamn."
    ]
    move(page, mover, slug="egen")
    assert client.get("/egen/").status_code == 200
    assert not Redirect.objects.filter(pk=own.pk).exists()


def test_nothing_new_and_an_old_form_are_refused(page, mover):
    assert refusals(page, mover, parent=page.parent) == [
        "Sidan har redan den adressen. Välj en annan avdelning eller ett nytt namn."
    ]
    with pytest.raises(actions.EditConflict):
        actions.move_page(page, parent=None, slug="x", by=mover, revision=page.revision + 1)
    assert address(page) == "/provavdelning/provsida/"


# -- the form ---------------------------------------------------------------------------


def url(page):
    return reverse("admin:guidance_page_move", args=[page.pk])


def test_form_tells_what_happens_and_then_does_it(client, page, mover):
    text = linking("provsida").page
    client.force_login(mover)
    data = {"parent": "", "slug": "provavdelning-2", "revision": 0}
    shown = client.post(url(page.parent), data)
    html = shown.content.decode()

    for words in (
        "<code>/provavdelning/</code>",
        "<code>/provavdelning-2/</code>",
        "1 sida under sidan får ny adress.",
        "<code>/provavdelning-2/provsida/</code>",
        "1 sida länkar hit.",
        text.nav_title,
    ):
        assert words in html
    assert address(page) == "/provavdelning/provsida/"
    done = client.post(url(page.parent), {**data, "confirm": "1"}, follow=True)
    assert [str(each) for each in done.context["messages"]] == [
        "/provavdelning/ har blivit /provavdelning-2/. Den gamla adressen leder till den nya."
    ]
    assert address(page) == "/provavdelning-2/provsida/"
    again = client.get(url(page.parent)).content.decode()
    assert "Tidigare adressnamn <code>provavdelning</code>" in again


@pytest.mark.parametrize(
    "data",
    [
        {"slug": "Stora Bokstäver"},
        {"slug": "Stora"},
        {"slug": "under_streck"},
        {"slug": ""},
        {"slug": "a" * 51},
        {"slug": "nytt\0"},
        {"parent": "999999"},
        {"parent": "x"},
        {"revision": "x"},
        {"revision": "7"},
    ],
)
def test_odd_posts_change_nothing_and_say_why(client, page, mover, data):
    client.force_login(mover)
    sent = {"parent": "", "slug": "nytt", "revision": "0", "confirm": "1", **data}
    response = client.post(url(page), sent)

    assert response.status_code == 200
    assert "errorlist" in response.content.decode() or "Det gick inte" in response.content.decode()
    assert address(page) == "/provavdelning/provsida/"
    assert FormerSlug.objects.count() == 0


@pytest.mark.parametrize("group", ["redaktör", "granskare", "administratör", "kursansvarig"])
def test_who_lets_pages_out_moves_them_and_nobody_else(client, page, group):
    user = User.objects.create_user(f"{group}@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    may = group in {"granskare", "administratör"}
    sent = {"parent": "", "slug": "nytt", "revision": "0", "confirm": "1"}

    assert client.get(url(page)).status_code == (200 if may else 403)
    assert client.post(url(page), sent).status_code == (302 if may else 403)
    assert address(page) == ("/nytt/" if may else "/provavdelning/provsida/")
    change = client.get(reverse("admin:guidance_page_change", args=[page.pk])).content.decode()
    assert (url(page) in change) is may


def test_fixed_page_says_so_instead_of_a_form(client, mover):
    client.force_login(mover)
    html = client.get(url(Page.objects.get(slug="intyg"))).content.decode()

    assert "så den är fast" in html
    assert 'name="slug"' not in html


def test_side_navigation_shows_the_page_in_its_new_section(client, page, mover):
    other = section("annan-avdelning")
    move(page, mover, parent=other)

    assert "/annan-avdelning/provsida/" in main_of(client.get("/annan-avdelning/"))
    assert "/provsida/" not in main_of(client.get("/provavdelning/"))
    assert PageVersion.objects.live().filter(page=page).count() == 1
