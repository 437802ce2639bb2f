"""A page read against an amendment: its flag goes, the law's own date stays."""

from datetime import date

import pytest
from django.urls import reverse

from guidance import actions
from guidance.law_register import pages_needing_check
from guidance.models import Page
from guidance.rendering import render_version
from guidance.text_control import control
from portal.accounts.models import User
from tests.factories import make_law, make_page, make_step, make_version
from tests.pages import main_of, words
from tests.portal.test_admin import form_values

pytestmark = pytest.mark.django_db

FLAG = "Texten är inte kontrollerad mot den."
READ = "Sidan är läst mot ändringen 2026:999, som gäller från den 1 januari 2027."


@pytest.fixture
def law():
    return make_law(
        short_name="Provlagen",
        wording_checked_on=date(2026, 6, 1),
        latest_amendment="2026:999",
        amended_in_force_on=date(2027, 1, 1),
    )


@pytest.fixture
def editor():
    return User.objects.create_superuser(email="r@example.org", password="x")


def page_on(law, **fields):
    page = make_page(**fields)
    version = make_version(page=page)
    version.laws.add(law)
    render_version(version)
    return page


def live(page):
    return page.versions.live().select_related("page__parent").get()


def shown(client, page):
    text = words(main_of(client.get(page.get_absolute_url())))
    flagged = pages_needing_check().filter(pk=page.pk).exists()
    warned = any("Provlagen" in each["text"] for each in control(live(page))["warnings"])
    return FLAG in text, READ in text, flagged, warned


def revision(page):
    return Page.objects.get(pk=page.pk).revision


def test_confirming_a_page_clears_its_flag_and_no_other(client, law, editor):
    page, other = page_on(law), page_on(law)
    assert shown(client, page) == shown(client, other) == (True, False, True, True)

    actions.confirm_unchanged(live(page), by=editor, revision=revision(page))

    assert shown(client, page) == (False, True, False, False)
    assert shown(client, other) == (True, False, True, True)
    law.refresh_from_db()
    assert law.wording_checked_on == date(2026, 6, 1)
    assert law.needs_check is True
    assert FLAG in words(main_of(client.get("/lagar-och-regler/")))


def test_the_next_amendment_flags_the_page_anew(client, law, editor):
    page = page_on(law)
    actions.confirm_unchanged(live(page), by=editor, revision=revision(page))
    client.force_login(editor)
    url = f"/admin/guidance/legalreference/{law.pk}/change/"

    client.post(url, {**form_values(client.get(url)), "latest_amendment": "2026:1234"})

    assert shown(client, page) == (True, False, True, True)
    actions.confirm_unchanged(live(page), by=editor, revision=revision(page))
    assert shown(client, page)[:1] + shown(client, page)[2:] == (False, False, False)


@pytest.mark.parametrize(
    ("reviewed", "after"),
    [("on", (False, True, False, False)), ("", (True, False, True, True))],
)
def test_publishing_clears_it_only_when_the_whole_page_is_said_to_be_reviewed(
    client, law, editor, reviewed, after
):
    page = page_on(law)
    draft = make_version(page=page, number=2, state="draft", publish_at=None)
    draft.laws.add(law)
    client.force_login(editor)
    url = reverse("admin:guidance_page_transition_publicera", args=[page.pk, 2])
    html = words(client.get(url).content.decode())

    assert "Provlagen , ändrad genom 2026:999 från den 1 januari 2027" in html
    assert "Lagrum: Provlagen (2026:999) har ändrats sedan lydelsen kontrollerades." in html
    response = client.post(url, {"revision": revision(page), "reviewed": reviewed})

    assert response.status_code == 302
    assert live(page).number == 2
    assert shown(client, page) == after


def test_a_step_that_rests_on_the_law_is_named_with_its_field(law, editor):
    version = make_version(page=make_page())
    make_step(version=version, anchor="provsteg").laws.add(law)

    [warning] = [each for each in control(version)["warnings"] if "Provlagen" in each["text"]]

    assert warning["text"].startswith("Avsnittet #provsteg: Provlagen (2026:999) har ändrats")
    assert warning["url"].endswith("#falt-steg-0-text")
    assert pages_needing_check().filter(pk=version.page_id).exists()
    actions.confirm_unchanged(live(version.page), by=editor, revision=revision(version.page))
    assert not pages_needing_check().filter(pk=version.page_id).exists()


def test_laws_are_flagged_by_constant_queries(law, django_assert_num_queries):
    page_on(law)
    with django_assert_num_queries(3):
        list(pages_needing_check())
    for _ in range(3):
        page_on(law)
    with django_assert_num_queries(3):
        assert len(pages_needing_check()) == 4
