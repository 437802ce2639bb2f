"""What a text may link to, found by some letters: the page form asks, and a page answers without
script."""

import pytest
from django.urls import reverse

from guidance.link_target_admin import MOST, _pages, link_targets
from guidance.models import Page, PageVersion
from guidance.rendering import render_version
from tests.costs import cost_of
from tests.factories import make_page, make_version
from tests.guidance.test_page_admin import WRITE, make_user
from tests.pages import found as found_in

pytestmark = pytest.mark.django_db

JSON = reverse("admin:guidance_page_link_targets_json")
PAGE = reverse("admin:guidance_page_link_targets")


@pytest.fixture
def editor(client):
    client.force_login(make_user("redaktor", *WRITE))
    return client


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("samt munt", ("sida:samtycke#muntligt", "Samtycke: Muntligt samtycke")),
        ("MUNTLIGT", ("sida:samtycke#muntligt", "Samtycke: Muntligt samtycke")),
        ("Samtycke", ("sida:samtycke", "Samtycke")),
        (" sida:intyg ", ("sida:intyg", "Intyg")),
        ("sida:samtycke#muntligt", ("sida:samtycke#muntligt", "Samtycke: Muntligt samtycke")),
    ],
)
def test_every_word_is_in_the_title_or_the_address(typed, first):
    found = link_targets(typed)

    assert found[0] == first
    for href, title in found:
        assert all(word in f"{title} {href}".casefold() for word in typed.casefold().split())


@pytest.mark.parametrize(
    "typed",
    ["", " ", "a", "ingen sådan", "sida:finns-inte", "%_"],
)
def test_nothing_is_found_for_nothing(typed, editor):
    assert link_targets(typed) == []
    assert editor.get(JSON, {"q": typed}).json() == {"targets": []}


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_what_no_database_takes_is_left_out(odd):
    assert link_targets(f"{odd}Samtycke{odd}")[0] == ("sida:samtycke", "Samtycke")


def test_what_begins_with_the_first_word_stands_first_and_there_is_an_end():
    for number in range(MOST):
        make_version(page=make_page(slug=f"om-matt-{number}", nav_title=f"Om mått {number}"))
    make_version(page=make_page(slug="matt", nav_title="Mått"))
    found = link_targets("mått")

    assert found[0] == ("sida:matt", "Mått")
    assert len(found) == MOST


def test_swedish_letters_are_known_in_either_case():
    for number in range(MOST):
        make_version(page=make_page(slug=f"ar-{number}", nav_title=f"Årets översikt {number}"))
    page = make_page(slug="over", nav_title="Översikt")
    render_version(make_version(page=page, body='<h2 id="an">Ännu ett Ärende</h2><p>Text.</p>'))

    assert ("sida:over", "Översikt") in link_targets("övers")
    assert link_targets("ännu ärende") == [("sida:over#an", "Översikt: Ännu ett Ärende")]


def test_the_database_leaves_out_what_lacks_the_letters():
    pages = [slug for slug, *_ in _pages("muntligt samtycke", ["muntligt", "samtycke"])]

    assert "samtycke" in pages
    assert len(pages) < PageVersion.objects.live().count() / 10


def test_only_what_readers_see_is_proposed():
    make_version(page=make_page(slug="hemlig", nav_title="Hemligt utkast"), state="draft")

    assert link_targets("hemligt utkast") == []


def test_the_page_form_is_given_what_it_asks_for(editor):
    found = editor.get(JSON, {"q": "samt munt"})

    assert found.json() == {
        "targets": [{"href": "sida:samtycke#muntligt", "title": "Samtycke: Muntligt samtycke"}]
    }
    form = editor.get(reverse("admin:guidance_page_add"))
    assert f'data-link-targets="{JSON}"' in form.text


def test_without_script_a_page_of_its_own_answers(editor):
    assert f'<a href="{PAGE}">' in editor.get(reverse("admin:guidance_page_add")).text
    found = editor.get(PAGE, {"q": "samt munt"})
    assert found_in(r'<ul class="link-targets">(.*?)</ul>', found.text) == [
        "sida:samtycke#muntligt Samtycke: Muntligt samtycke"
    ]
    nothing = editor.get(PAGE, {"q": "ingen sådan"}).text
    assert "Ingen sida eller rubrik har de orden. Pröva med färre bokstäver." in nothing


@pytest.mark.parametrize("url", [JSON, PAGE])
def test_others_are_not_told(client, url):
    assert client.get(url).status_code == 302
    client.force_login(make_user("annan"))
    assert client.get(url).status_code == 403


def test_the_form_weighs_the_same_among_many_pages(editor):
    url = reverse("admin:guidance_page_add")
    editor.get(url)
    few, size = cost_of(lambda: editor.get(url)), len(editor.get(url).content)
    section = Page.objects.get(slug="samverkan")
    for number in range(30):
        render_version(
            make_version(
                page=make_page(slug=f"matt-{number}", parent=section, owner=section.owner),
                body="".join(f'<h2 id="r{n}">Rubrik {n}</h2><p>Text.</p>' for n in range(20)),
            )
        )
    many = cost_of(lambda: editor.get(url))

    assert len(editor.get(url).content) == size
    assert many[0] == few[0]
