""" "Bekräftad oförändrad": who may say it, what it moves, and what readers see."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from guidance import actions, rendering
from guidance.models import PageVersionEvent
from tests.factories import make_page, make_version
from tests.guidance.test_page_admin import (
    END,
    REVIEW,
    WRITE,
    change_url,
    form_data,
    make_user,
    publish,
    revision,
    saved,
)

pytestmark = pytest.mark.django_db

BODY = '<h2 id="nar">När</h2><p>Första texten.</p>'
TODAY = date(2026, 11, 23)


@pytest.fixture
def writer():
    return make_user("skribent", *WRITE)


@pytest.fixture
def reviewer():
    return make_user("granskare", *REVIEW, "change_page")


@pytest.fixture
def page():
    page = make_page(slug="provsidan", kind="guideline", reviewed_on=date(2025, 3, 12))
    rendering.render_version(make_version(page=page, title="Provsidan", body=BODY))
    return page


def live(page):
    return page.versions.live().get()


def confirm_url(page):
    return reverse("admin:guidance_page_transition_bekrafta", args=[page.pk, live(page).number])


def meta(client, page):
    html = client.get(page.get_absolute_url()).content.decode()
    found = re.search(r'<dl class="page-meta">(.*?)</dl>', html, re.S)[1]
    return " ".join(re.sub("<[^>]+>", " ", found).split())


def confirmations():
    rows = PageVersionEvent.objects.filter(action="confirmed")
    return [(row.version.page.slug, str(row.by), row.reason) for row in rows]


def test_a_reviewer_confirms_and_readers_see_it(client, page, reviewer):
    assert meta(client, page).startswith("Senast granskad 12 mars 2025 Nästa granskning mars 2026")
    client.force_login(reviewer)
    data = {"revision": revision(page), "reason": "Jämförd med SFS."}
    response = client.post(confirm_url(page), data, follow=True)
    client.logout()

    assert [str(each) for each in response.context["messages"]] == [
        "Sidan är bekräftad oförändrad, och granskningens datum är i dag."
    ]
    assert meta(client, page).startswith(
        "Bekräftad oförändrad 23 november 2026 Nästa granskning november 2027"
    )
    assert confirmations() == [("provsidan", str(reviewer), "Jämförd med SFS.")]
    assert live(page).number == 1


def test_history_tells_of_it(client, page, reviewer):
    actions.confirm_unchanged(live(page), by=reviewer, revision=revision(page), reason="Läst allt.")
    client.force_login(reviewer)
    html = client.get(reverse("admin:guidance_page_versions", args=[page.pk])).content.decode()

    assert f"bekräftad oförändrad av {reviewer}. ”Läst allt.”" in html


def test_a_page_that_was_never_reviewed_says_so_until_then(client, page, reviewer):
    page.reviewed_on = None
    page.save()
    assert "ännu inte granskad" in meta(client, page)
    actions.confirm_unchanged(live(page), by=reviewer, revision=revision(page))

    assert "ännu inte granskad" not in meta(client, page)
    assert "Bekräftad oförändrad 23 november 2026" in meta(client, page)


def test_a_later_version_is_not_the_one_that_was_confirmed(client, page, writer, reviewer):
    actions.confirm_unchanged(live(page), by=reviewer, revision=revision(page))
    page.refresh_from_db()
    publish(page, saved(page, writer, title="Ny"), writer, reviewer)

    assert meta(client, page).startswith("Senast granskad 23 november 2026")


def test_a_draft_that_waits_does_not_bring_the_old_day_back(client, page, writer, reviewer):
    draft = saved(page, writer, title="Ny")
    page.refresh_from_db()
    actions.confirm_unchanged(live(page), by=reviewer, revision=revision(page))
    publish(page, draft, writer, reviewer)

    page.refresh_from_db()
    assert page.reviewed_on == TODAY


def test_a_day_that_somebody_wrote_in_a_draft_is_left(client, page, writer, reviewer):
    client.force_login(writer)
    client.post(change_url(page), form_data(page, reviewed_on="2026-11-01"))
    actions.confirm_unchanged(live(page), by=reviewer, revision=revision(page))

    assert page.versions.working().get().lasting["reviewed_on"] == "2026-11-01"


def test_a_guideline_needs_the_reviewers_right(client, page, writer):
    client.force_login(writer)
    assert client.post(confirm_url(page), {"revision": revision(page)}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.confirm_unchanged(live(page), by=writer, revision=revision(page))
    page.refresh_from_db()

    assert (page.reviewed_on, confirmations()) == (date(2025, 3, 12), [])
    assert "Bekräfta oförändrad" not in client.get(change_url(page)).content.decode()


def test_nobody_confirms_a_guideline_of_her_own(page, reviewer):
    version = live(page)
    version.author = reviewer
    version.save()
    with pytest.raises(actions.TransitionRefused, match="Du har skrivit i texten"):
        actions.confirm_unchanged(version, by=reviewer, revision=revision(page))
    assert confirmations() == []


def test_another_page_is_confirmed_by_whoever_may_change_it(client, writer):
    page = make_page(slug="redaktionell", kind="editorial")
    rendering.render_version(make_version(page=page, body=BODY, author=writer))
    client.force_login(writer)
    assert "Bekräfta oförändrad" in client.get(change_url(page)).content.decode()
    client.post(confirm_url(page), {"revision": revision(page)})

    page.refresh_from_db()
    assert page.reviewed_on == TODAY


def test_only_what_readers_see_is_confirmed(page, writer, reviewer):
    draft = saved(page, writer, title="Ny")
    with pytest.raises(actions.TransitionRefused, match="Bara den text som läsaren ser"):
        actions.confirm_unchanged(draft, by=reviewer, revision=revision(page))
    ender = make_user("avslutare", *END)
    version = live(page)
    actions.withdraw(version, by=ender, revision=revision(page), reason="Slut.")
    with pytest.raises(actions.TransitionRefused, match="Bara den text som läsaren ser"):
        actions.confirm_unchanged(version, by=reviewer, revision=revision(page))
    assert confirmations() == []


def test_what_was_saved_meanwhile_is_not_confirmed(client, page, reviewer):
    client.force_login(reviewer)
    response = client.post(confirm_url(page), {"revision": revision(page) + 1})

    assert "Någon annan har sparat sidan" in response.content.decode()
    assert confirmations() == []


def test_a_note_with_a_personal_number_is_refused(client, page, reviewer):
    client.force_login(reviewer)
    data = {"revision": revision(page), "reason": "Frågan gällde 19121212-1212"}
    response = client.post(confirm_url(page), data)

    assert "ser ut att stå ett personnummer" in response.content.decode()
    assert confirmations() == []


def test_publishing_moves_no_date_by_itself(page, writer, reviewer):
    publish(page, saved(page, writer, title="Ny"), writer, reviewer)
    page.refresh_from_db()
    assert page.reviewed_on == date(2025, 3, 12)


def test_publishing_moves_it_when_the_reviewer_says_so(page, writer, reviewer):
    publish(page, saved(page, writer, title="Ny"), writer, reviewer, reviewed=True)
    page.refresh_from_db()
    assert page.reviewed_on == TODAY
    assert confirmations() == []


def test_a_review_is_not_told_for_a_text_to_come(client, page, writer, reviewer):
    draft = saved(page, writer, title="Ny")
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    url = reverse("admin:guidance_page_transition_publicera", args=[page.pk, draft.number])
    data = {"revision": revision(page), "at": "2026-12-01T08:00", "reviewed": "on"}
    response = client.post(url, data)

    assert response.context_data["form"].errors["reviewed"] == [
        "Datumet flyttas genast. Bekräfta sidan när texten är publicerad."
    ]
