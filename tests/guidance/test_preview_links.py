"""Sharing a draft by an address: who may, what it shows, and when it ends."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from guidance import actions, previews, rendering
from guidance.models import PageVersion
from portal.publishing.models import VersionState
from tests.factories import make_page, make_step, make_version
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


@pytest.fixture
def writer():
    return make_user("skribent", *WRITE)


@pytest.fixture
def reviewer():
    return make_user("granskare", *REVIEW, "change_page")


@pytest.fixture
def page():
    page = make_page(slug="provsidan", kind="guideline")
    version = make_version(page=page, title="Provsidan", body=BODY)
    make_step(version=version, anchor="forst", title="Först", text="<p>Börja.</p>", position=1)
    rendering.render_version(version)
    return page


@pytest.fixture
def draft(page, writer):
    return saved(page, writer, title="Ny rubrik", body="<h2>Nytt</h2><p>Hemlig text.</p>")


def share_url(draft):
    return reverse("admin:guidance_page_share", args=[draft.page_id, draft.number])


def shown(response):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", response.content.decode()))


def test_an_editor_gets_an_address_that_anybody_can_read(client, draft, writer):
    client.force_login(writer)
    pressed = client.post(share_url(draft))
    link = pressed.context["link"]
    client.logout()
    response = client.get(link)

    assert link.startswith("http://testserver/forhandsgranska/")
    assert pressed.context["until"] - timezone.now() > timedelta(days=6, hours=23)
    assert response.status_code == 200
    assert "Hemlig text." in shown(response)
    assert "Utkast, inte publicerat." in shown(response)
    assert "Länken gäller till 30 november 2026 kl. 09:0" in shown(response)
    assert LogEntry.objects.get().change_message == (
        "Delade en förhandsvisning av Ny rubrik, version 2."
    )


def test_the_preview_is_kept_by_nobody_and_sets_no_cookie(client, draft, writer):
    path, _ = previews.share(draft, by=writer)
    response = client.get(path)

    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response.cookies == {}
    assert "nonce" not in response.headers["Content-Security-Policy"]
    assert "script" not in response.headers["Content-Security-Policy"]
    assert "/admin/" not in response.content.decode()


def test_readers_and_search_see_nothing_of_it(client, page, draft, writer):
    previews.share(draft, by=writer)

    assert "Hemlig text." not in shown(client.get(page.get_absolute_url()))
    assert "Hemlig text." not in shown(client.get("/sok/", {"q": "hemlig"}))
    draft.refresh_from_db()
    assert draft.rendered == ""


def test_the_lasting_part_that_waits_is_shown_and_not_saved(client, page, writer):
    client.force_login(writer)
    client.post(change_url(page), form_data(page, nav_title="Nytt i menyn", purpose="Nytt syfte."))
    draft = page.versions.working().get()
    client.logout()
    path, _ = previews.share(draft, by=writer)

    assert "Nytt syfte." in client.get(path).content.decode()
    page.refresh_from_db()
    assert page.purpose == "En testsida."


def ended(client, path):
    response = client.get(path)
    assert response.status_code == 410
    assert "Hemlig text." not in shown(response)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    return shown(response)


def test_it_ends_after_seven_days(client, clock, draft, writer):
    path, until = previews.share(draft, by=writer)
    clock.move_to(until - timedelta(seconds=5))
    assert client.get(path).status_code == 200
    clock.move_to(until)

    assert "Länken gällde i 7 dagar, och de har gått." in ended(client, path)


def test_it_ends_when_the_draft_is_changed_but_not_when_it_is_sent_for_review(
    client, page, draft, writer
):
    path, _ = previews.share(draft, by=writer)
    actions.submit(draft, by=writer, revision=revision(page))
    assert client.get(path).status_code == 200
    saved(page, writer, title="Ännu en rubrik")

    assert "Utkastet har ändrats sedan länken delades" in ended(client, path)


def test_it_ends_when_the_text_is_published_and_leads_to_it(client, page, draft, writer, reviewer):
    path, _ = previews.share(draft, by=writer)
    publish(page, draft, writer, reviewer)

    response = client.get(path)
    assert response.status_code == 410
    assert "Texten är inte längre ett utkast." in shown(response)
    assert f'href="{page.get_absolute_url()}"' in response.content.decode()


def test_nor_does_it_come_back_when_a_coming_version_is_called_off(
    client, page, draft, writer, reviewer
):
    path, _ = previews.share(draft, by=writer)
    later = timezone.now() + timedelta(days=1)
    publish(page, draft, writer, reviewer, at=later, only_text=True)
    assert "Texten är inte längre ett utkast." in ended(client, path)
    ender = make_user("avslutare", *END)
    actions.cancel(draft, by=ender, revision=revision(page))

    assert "återkallad" in ended(client, path)


def test_it_is_called_back(client, draft, writer):
    path, _ = previews.share(draft, by=writer)
    other, _ = previews.share(draft, by=writer)
    client.force_login(writer)
    response = client.post(share_url(draft), {"call_back": "Återkalla länken"})
    client.logout()

    assert "Länken är återkallad" in shown(response)
    assert response.context["link"] == ""
    assert "återkallad" in ended(client, path)
    assert "återkallad" in ended(client, other)
    fresh, _ = previews.share(draft, by=writer)
    assert client.get(fresh).status_code == 200


def test_an_address_leads_to_its_own_draft_only(client, draft, writer):
    other = make_version(
        page=make_page(slug="annan"), title="Annan", state=VersionState.DRAFT, publish_at=None
    )
    path, _ = previews.share(draft, by=writer)
    previews.share(other, by=writer)
    value, signature = path.split("/")[2].rsplit(":", 1)
    pk, key, until = value.split(".")
    forged = [
        f"{other.pk}.{key}.{until}:{signature}",
        f"{pk}.{key}.{int(until) + 1}:{signature}",
        f"{pk}..{until}:{signature}",
        f"{value}:{signature[:-1]}",
        f"{value}:",
        value,
        signature,
        "x",
        ":",
        "a" * 10_000,
        "å:ö",
        "%00",
        "1.x.9:%F0%9F%92%A9",
        "..%2f..%2fadmin",
    ]
    for token in forged:
        response = client.get(f"/forhandsgranska/{token}/")
        assert response.status_code == 404, token
        assert "Hemlig text." not in shown(response)


def test_what_else_stands_in_the_address_counts_for_nothing(client, draft, writer):
    path, _ = previews.share(draft, by=writer)
    plain = client.get(path)
    changed = client.get(f"{path}?q=x&version=1&fel=personnummer&forsta_dag=abc&%00=%ff")

    assert changed.status_code == 200
    assert shown(changed) == shown(plain)
    assert client.post(path).status_code == 405


def test_a_token_from_another_signer_is_none(client, draft, writer):
    from django.core.signing import Signer

    previews.share(draft, by=writer)
    draft.refresh_from_db()
    far = int(timezone.now().timestamp()) + 10**6
    for salt in ("django.core.signing.Signer", "portal.web.form_token"):
        token = Signer(salt=salt).sign(f"{draft.pk}.{draft.preview_key}.{far}")
        assert client.get(f"/forhandsgranska/{token}/").status_code == 404


@pytest.mark.parametrize("rights", [["view_page"], REVIEW, []])
def test_who_may_not_change_a_page_shares_nothing(client, draft, rights):
    client.force_login(make_user("annan", *rights))

    assert client.get(share_url(draft)).status_code == 403
    assert client.post(share_url(draft)).status_code == 403
    assert PageVersion.objects.exclude(preview_key="").count() == 0


def test_without_the_second_factor_nothing_is_shared(client, settings, draft, writer):
    settings.REQUIRE_SECOND_FACTOR = True
    client.force_login(writer)
    response = client.post(share_url(draft))

    assert response.status_code == 302
    assert PageVersion.objects.exclude(preview_key="").count() == 0


def test_a_published_version_is_not_shared(client, page, draft, writer):
    live = page.versions.get(number=1)
    client.force_login(writer)
    response = client.post(share_url(live), follow=True)

    assert escape(previews.ONLY_DRAFTS) in response.content.decode()
    with pytest.raises(previews.PreviewEnded):
        previews.share(live, by=writer)
    assert client.post(reverse("admin:guidance_page_share", args=[page.pk, 99])).status_code == 404


def test_it_costs_few_queries(client, draft, writer, django_assert_max_num_queries):
    path, _ = previews.share(draft, by=writer)
    with django_assert_max_num_queries(16):
        client.get(path)
