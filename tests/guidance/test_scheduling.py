"""Publishing at a moment to come: what the editor is told, what waits, what is taken back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from guidance import actions, rendering
from guidance.models import Page
from guidance.page_contents import snapshot
from portal.search.models import SearchEntry
from tests.factories import make_page, make_version
from tests.guidance.test_page_admin import END, REVIEW, WRITE, make_user, revision, step_url
from tests.pages import words

pytestmark = pytest.mark.django_db

AT = datetime(2026, 12, 1, 8, 0, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture
def editor():
    return make_user("ensam", *{*WRITE, *REVIEW, *END})


@pytest.fixture
def page():
    version = make_version(page=make_page(slug="provsida", nav_title="Provsidan"))
    rendering.render_version(version)
    return version.page


def draft_of(page, by, *, title="Nyare", **lasting):
    content = snapshot(page, page.versions.order_by("-number").first())
    content["texts"]["title"] = title
    content["lasting"] |= lasting
    return actions.save_draft(page, content=content, revision=revision(page), by=by)


def states(page):
    rows = page.versions.order_by("number")
    return [(row.number, row.state, row.title) for row in rows]


def test_list_and_form_say_when(client, page, editor):
    draft = draft_of(page, editor)
    actions.approve_and_publish(draft, by=editor, revision=revision(page), at=AT)
    client.force_login(editor)

    rows = client.get(reverse("admin:guidance_page_changelist"), {"q": "provsida"})
    assert "publiceras 1 december 2026 kl. 08:00" in rows.content.decode()
    form = client.get(reverse("admin:guidance_page_change", args=[page.pk])).content.decode()
    assert "Version 2 publiceras 1 december 2026 kl. 08:00." in form
    assert "Avbryt publiceringen av version 2" in form
    assert ">Avpublicera<" in form  # of version 1, which readers see


def test_called_off_it_is_a_draft_again_and_readers_saw_nothing(client, page, editor):
    draft = draft_of(page, editor)
    version = actions.approve_and_publish(draft, by=editor, revision=revision(page), at=AT)
    assert SearchEntry.objects.filter(kind="page", object_id=version.pk).exists()
    client.force_login(editor)
    url = step_url(page, version, "stall-in")
    done = client.post(url, {"revision": revision(page), "reason": "Väntar på beslut"}, follow=True)
    version.refresh_from_db()

    assert [str(each) for each in done.context["messages"]] == [
        "Publiceringen är inställd. Texten är ett utkast igen, och läsaren har inte sett den."
    ]
    assert (
        "Version 2 är ett utkast igen : du avbröt publiceringen 23 november 2026 09:00: "
        "”Väntar på beslut”."
    ) in words(done.text)
    assert (version.state, version.publish_at, version.reviewer) == ("draft", None, None)
    event = version.events.first()
    assert (event.action, event.by, event.reason) == ("cancelled", editor, "Väntar på beslut")
    assert not SearchEntry.objects.filter(kind="page", object_id=version.pk).exists()
    assert states(page) == [(1, "approved", "Testsida"), (2, "draft", "Nyare")]
    assert client.get(page.get_absolute_url()).status_code == 200


def test_when_the_time_has_come_it_is_withdrawn_not_called_off(clock, page, editor):
    draft = draft_of(page, editor)
    version = actions.approve_and_publish(draft, by=editor, revision=revision(page), at=AT)
    with pytest.raises(actions.TransitionRefused, match="Bara det som är publicerat kan"):
        actions.withdraw(version, by=editor, revision=revision(page), reason="x")
    version.page.refresh_from_db()
    clock.move_to(AT + timedelta(seconds=1))

    with pytest.raises(actions.TransitionRefused, match="avpubliceras"):
        actions.cancel(version, by=editor, revision=revision(page))
    version.page.refresh_from_db()
    actions.withdraw(version, by=editor, revision=revision(page), reason="x")


def test_only_who_may_withdraw_calls_off(client, page, editor):
    draft = draft_of(page, editor)
    version = actions.approve_and_publish(draft, by=editor, revision=revision(page), at=AT)
    client.force_login(make_user("smitare", *{*WRITE, *REVIEW}))

    assert client.post(step_url(page, version, "stall-in"), {"revision": 9}).status_code == 403
    assert states(page)[-1] == (2, "approved", "Nyare")


def test_form_says_before_the_press_what_cannot_wait(client, page, editor):
    draft = draft_of(page, editor, purpose="Ett annat syfte.")
    client.force_login(editor)
    url = step_url(page, draft, "publicera")
    html = client.get(url).content.decode()
    assert "Sidans fasta del är ändrad: syfte." in html
    assert html.count('type="radio" name="parts"') == 2

    later = {"revision": revision(page), "at": "2026-12-01T08:00"}
    for data in (later, {**later, "parts": "all"}, {**later, "parts": "x"}):
        assert client.post(url, data).status_code == 200
    assert states(page)[-1] == (2, "draft", "Nyare")


def test_time_of_publishing_in_another_century_is_a_slip(client, page, editor):
    draft = draft_of(page, editor, title="Nyare")
    client.force_login(editor)
    data = {"revision": revision(page), "at": "2126-12-01T08:00"}
    form = client.post(step_url(page, draft, "publicera"), data).context["form"]

    assert form.errors["at"] == [
        "Kontrollera årtalet. Dagen ska ligga mellan 1940-01-01 och 2036-11-23."
    ]
    assert states(page)[-1] == (2, "draft", "Nyare")


def test_text_goes_at_its_time_and_the_lasting_part_waits_in_a_draft(client, clock, page, editor):
    draft = draft_of(page, editor, purpose="Ett annat syfte.")
    client.force_login(editor)
    client.post(
        step_url(page, draft, "publicera"),
        {"revision": revision(page), "at": "2026-12-01T08:00", "parts": "text"},
    )

    assert states(page) == [
        (1, "approved", "Testsida"),
        (2, "draft", "Nyare"),
        (3, "approved", "Nyare"),
    ]
    assert page.versions.get(number=2).lasting["purpose"] == "Ett annat syfte."
    assert actions.has_written(editor, page.versions.get(number=2))
    clock.move_to(AT + timedelta(minutes=1))
    assert "<h1>Nyare</h1>" in client.get("/provsida/").content.decode()
    assert Page.objects.get(pk=page.pk).purpose == "En testsida."
    actions.approve_and_publish(
        page.versions.get(number=2), by=editor, revision=revision(page), at=None
    )
    assert Page.objects.get(pk=page.pk).purpose == "Ett annat syfte."
    assert states(page)[-1] == (4, "approved", "Nyare")


def test_everything_now_needs_no_split(client, page, editor):
    draft = draft_of(page, editor, purpose="Ett annat syfte.")
    client.force_login(editor)
    data = {"revision": revision(page), "parts": "all"}
    assert client.post(step_url(page, draft, "publicera"), data).status_code == 302

    assert Page.objects.get(pk=page.pk).purpose == "Ett annat syfte."
    assert states(page) == [(1, "approved", "Testsida"), (2, "approved", "Nyare")]


def test_publishing_past_a_version_that_waits_is_told_first(client, page, editor):
    waiting = draft_of(page, editor)
    actions.approve_and_publish(waiting, by=editor, revision=revision(page), at=AT)
    draft = draft_of(page, editor, title="Ännu nyare")
    client.force_login(editor)
    url = step_url(page, draft, "publicera")

    assert (
        "Version 2 publiceras 1 december 2026 kl. 08:00. Publicerar du den här versionen visas "
        "den i stället, också efter den tiden." in client.get(url).content.decode()
    )
    assert timezone.now() < AT
