"""Pages in the admin: drafts, review, publishing, versions, conflicts, and who may do what."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance import actions, rendering
from guidance.models import Page, PageVersion
from guidance.page_contents import snapshot
from guidance.page_forms import PageForms
from guidance.page_presenters import conflict_rows
from portal.accounts.models import User
from portal.publishing.models import VersionState
from portal.richtext.editor import from_editor
from portal.richtext.sanitise import sanitise
from portal.search.models import SearchEntry
from tests.factories import make_page, make_step, make_version

pytestmark = pytest.mark.django_db

WRITE = ["view_page", "change_page", "add_page", "submit_pageversion"]
REVIEW = ["view_page", "approve_pageversion", "publish_pageversion"]
END = ["view_page", "withdraw_pageversion"]
BODY = '<h2 id="nar">När</h2><p>Första texten.</p>'


def make_user(name, *codenames, **fields):
    user = User.objects.create_user(f"{name}@example.org", is_staff=True, **fields)
    rows = Permission.objects.filter(content_type__app_label="guidance", codename__in=codenames)
    assert rows.count() == len(codenames)
    user.user_permissions.set(rows)
    return user


@pytest.fixture
def writer():
    return make_user("skribent", *WRITE)


@pytest.fixture
def reviewer():
    return make_user("granskare", *REVIEW, "change_page")


@pytest.fixture
def ender():
    return make_user("avslutare", *END)


@pytest.fixture
def page():
    """A guideline with a live version and a step."""
    page = make_page(slug="provsidan", kind="guideline")
    version = make_version(page=page, title="Provsidan", body=BODY, lead="Ingress.")
    make_step(version=version, anchor="forst", title="Först", text="<p>Börja.</p>", position=1)
    rendering.render_version(version)
    return page


def change_url(page):
    return reverse("admin:guidance_page_change", args=[page.pk])


def step_url(page, version, address):
    name = f"admin:guidance_page_transition_{address.replace('-', '_')}"
    return reverse(name, args=[page.pk, version.number])


def form_data(page, **changes):
    """What a browser sends when the form is opened and some fields are changed."""
    page = Page.objects.get(pk=page.pk)
    shown = page.versions.working().first() or page.versions.order_by("-number").first()
    content = snapshot(page, shown)
    forms = PageForms(page, content)
    data = {"revision": page.revision, "base": json.dumps(content)}
    for form in (forms.lasting, forms.texts, forms.steps.management_form, *forms.steps):
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = field.field.prepare_value(value)
    return {**data, **changes}


def cleaned(html):
    """Sanitised, with hard blanks as letters."""
    return sanitise(html).replace("&nbsp;", "\xa0").strip()


def saved(page, user, **changes):
    content = snapshot(page, page.versions.working().first() or page.versions.first())
    content["texts"].update(changes)
    page.refresh_from_db()
    return actions.save_draft(page, content=content, revision=page.revision, by=user)


def revision(page):
    return Page.objects.values_list("revision", flat=True).get(pk=page.pk)


def publish(page, draft, writer, reviewer, **fields):
    actions.submit(draft, by=writer, revision=revision(page))
    draft.page.refresh_from_db()
    return actions.approve_and_publish(draft, by=reviewer, revision=revision(page), **fields)


# -- saving --------------------------------------------------------------------------------


def test_every_page_of_the_starting_content_loads_and_saves_unchanged():
    for version in PageVersion.objects.live().select_related("page__parent"):
        data = form_data(version.page)
        forms = PageForms(version.page, {}, data)
        assert forms.is_valid(), (version.page.slug, forms.texts.errors, forms.steps.errors)
        assert forms.posted() == snapshot(version.page, version), version.page.slug
        assert from_editor(version.body) == cleaned(version.body), version.page.slug


def test_saving_makes_a_draft_and_readers_see_no_change(client, page, writer):
    before = client.get(page.get_absolute_url()).content
    client.force_login(writer)
    response = client.post(
        change_url(page),
        form_data(
            page, **{"text-title": "Ny rubrik", "nav_title": "Ny i menyn", "purpose": "Nytt."}
        ),
        follow=True,
    )
    client.logout()

    assert [str(each) for each in response.context["messages"]] == [
        "Utkastet är sparat som version 2. Läsaren ser inget av det än."
    ]
    draft = page.versions.get(number=2)
    assert (draft.state, draft.title, draft.author) == ("draft", "Ny rubrik", writer)
    assert draft.lasting["nav_title"] == "Ny i menyn"
    live = page.versions.get(number=1)
    assert [step.uuid for step in draft.steps.all()] == [step.uuid for step in live.steps.all()]
    after = client.get(page.get_absolute_url()).content
    strip = re.compile(rb'name="kod" value="[^"]*"')
    assert strip.sub(b"", after) == strip.sub(b"", before)


def test_saving_again_updates_the_same_draft(client, page, writer):
    client.force_login(writer)
    for title in ("Ett", "Två"):
        client.post(change_url(page), form_data(page, **{"text-title": title}))

    assert page.versions.count() == 2
    assert page.versions.get(number=2).title == "Två"
    assert page.versions.get(number=2).events.count() == 1


def test_saving_without_a_change_makes_no_draft(client, page, writer):
    client.force_login(writer)
    response = client.post(change_url(page), form_data(page), follow=True)

    assert page.versions.count() == 1
    assert "Inget är ändrat" in str(next(iter(response.context["messages"])))


def test_a_new_step_gets_identity_and_anchor_and_steps_move(client, page, writer):
    client.force_login(writer)
    new = {
        "steg-TOTAL_FORMS": 2,
        "steg-1-title": "Dessförinnan",
        "steg-1-text": "<p>Tänk.</p>",
        "steg-1-position": 0,
    }
    client.post(change_url(page), form_data(page, **new))
    steps = list(page.versions.get(number=2).steps.all())

    assert [(step.anchor, step.text) for step in steps] == [
        ("dessforinnan", "<p>Tänk.</p>"),
        ("forst", "<p>Börja.</p>"),
    ]
    assert steps[1].uuid == page.versions.get(number=1).steps.get().uuid != steps[0].uuid


def test_a_step_is_removed(client, page, writer):
    client.force_login(writer)
    client.post(change_url(page), form_data(page, **{"steg-0-DELETE": "on"}))

    assert page.versions.get(number=2).steps.count() == 0
    assert page.versions.get(number=1).steps.count() == 1


def test_a_new_page_begins_as_a_draft(client, page, writer):
    client.force_login(writer)
    data = form_data(page, slug="helt-ny", nav_title="Helt ny", **{"text-title": "Helt ny"})
    response = client.post(reverse("admin:guidance_page_add"), data, follow=True)
    new = Page.objects.get(slug="helt-ny")

    assert response.status_code == 200
    assert new.versions.get().state == VersionState.DRAFT
    assert client.get(new.get_absolute_url()).status_code == 404


def test_the_boxs_html_is_brought_back_to_what_is_stored():
    html = (
        '<h2>Vem</h2><h2 id="vem">Igen</h2><ul class="fakta x"><li><p>En</p></li>'
        "<li><p>Två</p><ul><li><p>Inre</p></li></ul></li></ul>"
        '<table data-caption="Namn &amp; nummer" style="min-width:50px"><tbody>'
        '<tr><th colspan="1" rowspan="1"><p>A</p></th><th><p>B</p></th></tr>'
        "<tr><th><p>C</p></th><td><p>D</p></td></tr></tbody></table><p></p>"
    )

    stored = from_editor(html)
    assert stored == (
        '<h2 id="vem-2">Vem</h2><h2 id="vem">Igen</h2><ul class="fakta"><li>En</li>'
        "<li>Två<ul><li>Inre</li></ul></li></ul>"
        "<table><caption>Namn &amp; nummer</caption><thead><tr>"
        '<th scope="col">A</th><th scope="col">B</th></tr></thead>'
        '<tbody><tr><th scope="row">C</th><td>D</td></tr></tbody></table>'
    )
    assert from_editor(stored) == stored


# -- transitions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "fault"),
    [
        ("", "Detta fält måste fyllas i."),
        (
            "Smärta på jobbet",
            "Skriv med små bokstäver a–z, siffror och bindestreck: lakarintyg-dag-8.",
        ),
    ],
)
def test_a_new_pages_address_name_has_one_clear_fault(client, writer, slug, fault):
    client.force_login(writer)
    data = {"slug": slug, "base": "null", "revision": "0"}
    answer = client.post(reverse("admin:guidance_page_add"), data)

    assert answer.context["forms"].lasting.errors["slug"] == [fault]


def test_a_guideline_goes_from_draft_to_reader(client, page, writer, reviewer):
    draft = saved(page, writer, title="Nyare rubrik", body='<h2 id="nar">När</h2><p>Zebraord.</p>')
    client.force_login(writer)
    client.post(step_url(page, draft, "granska"), {"revision": revision(page), "reason": "Klart"})
    client.force_login(reviewer)
    response = client.post(
        step_url(page, draft, "publicera"),
        {"revision": revision(page), "reason": "Bra"},
        follow=True,
    )
    draft.refresh_from_db()

    assert "Sidan är godkänd och publicerad." in response.content.decode()
    assert (draft.state, draft.author, draft.reviewer) == ("approved", writer, reviewer)
    assert [(each.action, each.by, each.reason) for each in draft.events.all()] == [
        ("published", reviewer, "Bra"),
        ("submitted", writer, "Klart"),
        ("saved", writer, ""),
    ]
    client.logout()
    assert "Zebraord" in client.get(page.get_absolute_url()).content.decode()
    assert SearchEntry.objects.filter(kind="page", object_id=draft.pk).exists()


def test_the_writer_never_approves_a_guideline(page, writer):
    both = make_user("bada", *WRITE, *REVIEW[1:])
    draft = saved(page, both, title="Min egen")
    actions.submit(draft, by=both, revision=revision(page))
    draft.page.refresh_from_db()

    with pytest.raises(actions.TransitionRefused, match="någon annan än den som skrivit"):
        actions.approve_and_publish(draft, by=both, revision=revision(page))


def test_nor_does_somebody_who_wrote_in_it_later(page, writer):
    both = make_user("bada", *WRITE, *REVIEW[1:])
    saved(page, writer, title="Hennes")
    draft = saved(page, both, title="Bådas")
    actions.submit(draft, by=writer, revision=revision(page))
    draft.page.refresh_from_db()

    with pytest.raises(actions.TransitionRefused, match="någon annan än den som skrivit"):
        actions.approve_and_publish(draft, by=both, revision=revision(page))


def test_who_may_approve_but_has_written_is_told_why_the_button_is_missing(
    client, page, writer, reviewer
):
    told = "Du har skrivit i texten. En vägledning godkänns av någon annan än den som skrivit."
    draft = saved(page, writer, title="Ny")
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    shown = client.get(change_url(page)).text
    assert ">Godkänn och publicera<" in shown
    assert told not in shown

    PageVersion.objects.filter(pk=draft.pk).update(author=reviewer)
    shown = client.get(change_url(page)).text
    assert ">Godkänn och publicera<" not in shown
    assert told in shown


def test_a_guideline_must_have_been_sent_for_review(page, writer, reviewer):
    draft = saved(page, writer, title="X")

    with pytest.raises(actions.TransitionRefused, match="skickas för granskning först"):
        actions.approve_and_publish(draft, by=reviewer, revision=revision(page))
    assert page.versions.get(number=2).state == "draft"


def test_turning_a_guideline_into_another_kind_does_not_evade_review(page, writer, reviewer):
    content = snapshot(page, page.versions.first())
    content["lasting"]["kind"] = "editorial"
    draft = actions.save_draft(page, content=content, revision=page.revision, by=writer)

    assert actions.needs_review(draft)


def test_other_pages_need_one_person(client):
    one = make_user("ensam", *WRITE, *REVIEW[1:])
    page = make_version(page=make_page(slug="enkel")).page
    draft = saved(page, one, title="Enkel")
    version = actions.approve_and_publish(draft, by=one, revision=revision(page))

    assert (version.state, version.reviewer) == ("approved", None)


def test_text_in_review_that_is_changed_is_sent_again(page, writer):
    draft = saved(page, writer, title="X")
    actions.submit(draft, by=writer, revision=revision(page))
    saved(page, writer, title="Y")

    assert page.versions.get(number=2).state == "draft"


def test_sent_back_with_a_reason(client, page, writer, reviewer):
    draft = saved(page, writer, title="X")
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    url = step_url(page, draft, "skicka-tillbaka")
    empty = client.post(url, {"revision": revision(page), "reason": " "})

    assert empty.status_code == 200
    assert page.versions.get(number=2).state == "in_review"
    client.post(url, {"revision": revision(page), "reason": "Lagrum saknas"})
    event = page.versions.get(number=2).events.first()
    assert (event.action, event.by, event.reason) == ("sent_back", reviewer, "Lagrum saknas")
    assert page.versions.get(number=2).state == "draft"


def test_published_later_shows_from_that_moment(client, clock, page, writer, reviewer):
    draft = saved(page, writer, title="Framtidens rubrik")
    at = timezone.now() + timedelta(days=2)
    publish(page, draft, writer, reviewer, at=at)

    assert "Framtidens" not in client.get(page.get_absolute_url()).content.decode()
    clock.move_to(at + timedelta(minutes=1))
    assert "Framtidens" in client.get(page.get_absolute_url()).content.decode()


def test_a_time_that_has_passed_is_refused(page, writer, reviewer):
    draft = saved(page, writer, title="X")
    with pytest.raises(actions.TransitionRefused, match="Tiden har passerat"):
        publish(page, draft, writer, reviewer, at=timezone.now() - timedelta(hours=1))


def test_a_changed_lasting_part_is_not_published_later(page, writer, reviewer):
    content = snapshot(page, page.versions.first())
    content["lasting"]["purpose"] = "Ett annat syfte."
    draft = actions.save_draft(page, content=content, revision=page.revision, by=writer)

    with pytest.raises(actions.TransitionRefused, match="syfte"):
        publish(page, draft, writer, reviewer, at=timezone.now() + timedelta(days=1))
    draft.page.refresh_from_db()
    actions.approve_and_publish(draft, by=reviewer, revision=revision(page))
    page.refresh_from_db()
    assert page.purpose == "Ett annat syfte."


def test_publishing_names_what_must_be_mended(client, page, writer, reviewer):
    draft = saved(page, writer, body='<h2 id="nar">När</h2><p><a href="sida:borta">x</a></p>')
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    response = client.post(step_url(page, draft, "publicera"), {"revision": revision(page)})

    assert response.status_code == 200
    assert (
        "Avsnittet #nar: Länken ”x” går till sidan ”borta”, som inte finns eller inte är "
        "publicerad. Rätta adressnamnet eller ta bort länken." in response.content.decode()
    )
    assert page.versions.get(number=2).state == "in_review"


def test_withdrawn_with_reason_and_successor(client, page, ender):
    version, other = page.versions.get(), Page.objects.get(slug="samtycke")
    client.force_login(ender)
    url = step_url(page, version, "avpublicera")
    offered = client.get(url).context["form"].fields["successor"].queryset
    assert (page in offered, other in offered) == (False, True)
    assert client.post(url, {"revision": page.revision, "reason": ""}).status_code == 200
    assert page.versions.get().state == "approved"
    client.post(url, {"revision": page.revision, "reason": "Ersatt.", "successor": other.pk})
    client.logout()
    gone = client.get(page.get_absolute_url())

    assert gone.status_code == 410
    assert "Ersatt." in gone.content.decode()
    assert other.get_absolute_url() in gone.content.decode()
    assert not SearchEntry.objects.filter(kind="page", object_id=version.pk).exists()


def test_a_page_is_not_its_own_successor_and_a_draft_is_not_withdrawn(page, writer, ender):
    with pytest.raises(actions.TransitionRefused, match="av sig själv"):
        actions.withdraw(
            page.versions.get(), by=ender, revision=page.revision, reason="x", successor=page
        )
    draft = saved(page, writer, title="X")
    with pytest.raises(actions.TransitionRefused, match="publicerat"):
        actions.withdraw(draft, by=ender, revision=revision(page), reason="x")


def test_restored_as_draft_beside_what_is_there(client, page, writer, reviewer):
    publish(page, saved(page, writer, title="Andra"), writer, reviewer)
    saved(page, writer, title="På gång")
    client.force_login(writer)
    first = page.versions.get(number=1)
    data = {"revision": revision(page)}
    done = client.post(step_url(page, first, "aterstall"), data, follow=True)

    assert [str(each) for each in done.context["messages"]] == [
        "Texten ligger nu som ett utkast. Läsaren ser inget av det förrän det publiceras."
    ]
    assert [(v.number, v.title, v.state) for v in page.versions.order_by("number")] == [
        (1, "Provsidan", "approved"),
        (2, "Andra", "approved"),
        (3, "På gång", "draft"),
        (4, "Provsidan", "draft"),
    ]
    assert page.versions.get(number=4).steps.get().uuid == first.steps.get().uuid


# -- conflicts -----------------------------------------------------------------------------


def test_the_second_to_save_sees_the_conflict_and_loses_nothing(client, page, writer, reviewer):
    hers = form_data(page, **{"text-title": "Hennes", "text-lead": "Min ingress"})
    client.force_login(reviewer)
    client.post(change_url(page), form_data(page, **{"text-title": "Hans", "purpose": "Hans."}))
    client.force_login(writer)
    conflict = client.post(change_url(page), hers)
    text = conflict.content.decode()

    assert conflict.status_code == 409
    for words in ("Provsidan", "Hans", "Hennes", "Min ingress", "ni har båda ändrat"):
        assert words in text
    assert page.versions.get(number=2).title == "Hans"
    again = {**dict(conflict.context["kept"]), "revision": revision(page), "keep_other": "1"}
    client.post(change_url(page), again)
    mine = page.versions.get(number=3)
    assert (mine.title, mine.lead, mine.lasting["purpose"]) == ("Hennes", "Min ingress", "Hans.")
    assert page.versions.get(number=2).title == "Hans"


def test_a_step_in_a_conflict_has_its_fields_as_editors_write_them():
    [row] = conflict_rows({}, {"steps": []}, {"steps": [{"title": "Kalla", "kva": ["GC001"]}]})

    assert row["mine"] == "Rubrik: Kalla\nKVÅ-koder: GC001"


def test_what_changed_after_it_was_looked_at_is_not_published(client, page, writer, reviewer):
    draft = saved(page, writer, title="X")
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    response = client.post(step_url(page, draft, "publicera"), {"revision": revision(page) - 1})

    assert "Någon annan har sparat sidan" in response.content.decode()
    assert page.versions.get(number=2).state == "in_review"


# -- rights and odd input ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "missing"),
    [
        ("granska", "submit_pageversion"),
        ("skicka-tillbaka", "approve_pageversion"),
        ("publicera", "publish_pageversion"),
        ("publicera", "approve_pageversion"),
        ("avpublicera", "withdraw_pageversion"),
        ("aterstall", "change_page"),
    ],
)
def test_forged_posts_without_the_right_change_nothing(client, page, writer, address, missing):
    rights = {*WRITE, *REVIEW, *END} - {missing}
    draft = saved(page, writer, title="X")
    if address != "granska":
        actions.submit(draft, by=writer, revision=revision(page))
    target = page.versions.get(number=1) if address == "avpublicera" else draft
    client.force_login(make_user("smitare", *rights))
    before = list(page.versions.values())
    data = {"revision": revision(page), "reason": "x"}

    assert client.post(step_url(page, target, address), data).status_code == 403
    assert list(page.versions.values()) == before


@pytest.mark.parametrize("rights", [[], ["view_page"], REVIEW, END])
def test_only_who_may_change_saves(client, page, rights):
    client.force_login(make_user("lasare", *rights))

    assert client.post(change_url(page), form_data(page)).status_code == 403
    assert client.get(change_url(page)).status_code == (200 if rights else 403)
    assert page.versions.count() == 1


def test_nobody_deletes_a_page(client, page):
    client.force_login(make_user("chef", is_superuser=True))

    assert client.post(reverse("admin:guidance_page_delete", args=[page.pk])).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"revision": "x"},
        {"revision": "9" * 40},
        {"base": "{"},
        {"base": "[" * 5000},
        {"base": json.dumps({"texts": [], "lasting": 5, "steps": "x"}), "revision": "999"},
        {
            "base": json.dumps({"texts": {"laws": ["x", 9**30]}, "steps": [5, {"laws": "x"}]}),
            "revision": "999",
        },
        {"text-title": "\x00"},
        {"text-title": "x" * 500},
        {"owner": "abc"},
        {"text-laws": ["abc", "999999"]},
        {"steg-TOTAL_FORMS": "abc"},
        {"steg-TOTAL_FORMS": "100000"},
        {"steg-0-uuid": "abc"},
        {"steg-0-position": "-1"},
        {"steg-0-title": ""},
        {"text-expire_at": "igår"},
        {"text-body": "<table data-caption='\"><script>'><tr><th>"},
        {"keep_other": "1", "base": json.dumps({"texts": 5})},
    ],
)
def test_odd_input_is_answered_below_500(client, page, writer, odd):
    client.force_login(writer)
    data = form_data(page, **odd) if odd else {}

    assert client.post(change_url(page), data).status_code in {200, 302, 409}


@pytest.mark.parametrize("address", ["granska", "skicka-tillbaka", "publicera", "aterstall"])
@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"revision": "x"},
        {"revision": "-1"},
        {"revision": "0", "at": "9999-99-99T00:00"},
        {"revision": "0", "reason": "\x00" * 400},
    ],
)
def test_odd_transitions_are_answered_below_500(client, page, address, odd):
    client.force_login(make_user("chef", is_superuser=True))
    url = step_url(page, page.versions.get(), address)

    assert client.post(url, odd).status_code in {200, 302}
    assert page.versions.get(number=1).state == "approved"


def test_unknown_pages_and_versions_are_not_found(client, page):
    client.force_login(make_user("chef", is_superuser=True))
    base = f"/admin/guidance/page/{page.pk}/versioner/"

    for path in (f"{base}9/", f"{base}1..9/", f"{base}9/granska/", f"{base}1/hej/"):
        assert client.get(path).status_code in {302, 404}, path
    assert client.get("/admin/guidance/page/99999/change/").status_code == 404


# -- looking -------------------------------------------------------------------------------


def test_versions_and_difference_say_who_when_and_why(client, page, writer):
    saved(page, writer, body='<h2 id="nar">När</h2><p>Andra texten.</p>')
    client.force_login(writer)
    listed = client.get(reverse("admin:guidance_page_versions", args=[page.pk])).content.decode()
    shown = client.get(f"/admin/guidance/page/{page.pk}/versioner/1..2/").content.decode()

    assert "sparad av skribent@example.org" in listed
    assert "visas för läsaren" in listed
    assert '<del><span class="visually-hidden">borttaget: </span>Första' in shown
    assert '<ins><span class="visually-hidden">tillagt: </span>Andra' in shown
    assert "Ingress" not in shown


def test_what_is_being_written_has_nothing_to_be_restored_from(client, page, writer):
    draft = saved(page, writer)
    client.force_login(writer)
    listed = client.get(reverse("admin:guidance_page_versions", args=[page.pk])).content.decode()

    restore = "admin:guidance_page_transition_aterstall"
    assert f'href="{reverse(restore, args=[page.pk, 1])}"' in listed
    assert reverse(restore, args=[page.pk, draft.number]) not in listed


def test_restoring_says_what_will_happen_before_it_does(client, page, writer):
    client.force_login(writer)
    asked = client.get(reverse("admin:guidance_page_transition_aterstall", args=[page.pk, 1])).text

    assert "Texten i version 1 blir ett nytt utkast, som du kan ändra i." in asked
    assert '<fieldset class="module" hidden>' in asked


def test_versions_say_what_was_published_and_what_will_be(client, page, writer):
    PageVersion.objects.filter(page=page).update(publish_at=timezone.now())
    make_version(page=page, publish_at=timezone.now() + timedelta(minutes=1))
    client.force_login(writer)
    listed = client.get(reverse("admin:guidance_page_versions", args=[page.pk])).content.decode()

    assert "<dt>Publicerades</dt><dd>23 november 2026 kl. 09:00</dd>" in listed
    assert "<dt>Publiceras</dt><dd>23 november 2026 kl. 09:01</dd>" in listed


def test_preview_is_in_the_sites_look_and_says_so(client, page, writer):
    draft = saved(page, writer, title="Utkastets rubrik")
    client.force_login(writer)
    response = client.get(f"/admin/guidance/page/{page.pk}/versioner/{draft.number}/")

    assert "Förhandsvisning, inte publicerad" in response.content.decode()
    assert "<h1>Utkastets rubrik</h1>" in response.content.decode()
    assert page.versions.get(number=2).rendered == ""


def test_nonce_stands_only_under_admin(client, page, writer):
    client.force_login(writer)
    admin_page = client.get(change_url(page))
    nonce = re.search(r"'nonce-([^']+)'", admin_page.headers["Content-Security-Policy"])[1]

    assert f'nonce="{nonce}"' in admin_page.content.decode()
    assert "nonce" not in client.get(page.get_absolute_url()).headers["Content-Security-Policy"]


def test_page_list_costs_the_same_with_100_pages(client, page, writer):
    client.force_login(writer)
    url = reverse("admin:guidance_page_changelist")
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(url).status_code == 200
    for _ in range(100):
        make_version(page=make_page(parent=page, owner=page.owner))
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200

    assert len(many) == len(few)


# -- foreign files -------------------------------------------------------------------------


def samples(*patterns):
    folder = os.environ.get("PORTAL_SAMPLE_DATA")
    found = [path for each in patterns for path in sorted(Path(folder or ".").glob(each))]
    return found or [pytest.param(None, marks=pytest.mark.skip("PORTAL_SAMPLE_DATA is not set"))]


@pytest.mark.parametrize("path", samples("html-paste/*/*.html", "html-xss/bleach/*.test"), ids=str)
def test_pasted_html_is_saved_clean(client, page, writer, path):
    client.force_login(writer)
    html = path.read_text(encoding="utf-8").partition("\n--\n")[0]
    response = client.post(change_url(page), form_data(page, **{"text-body": html}))
    stored = page.versions.order_by("-number").first().body

    assert response.status_code == 302
    assert stored == from_editor(stored) == cleaned(stored)
    assert not re.search(
        r"<script|\son\w+=|javascript:|mso-|<o:p", re.sub(r">[^<]*<", "><", stored)
    )


@pytest.mark.parametrize("path", samples("html-xss/naughty-strings/blns.json"), ids=str)
def test_naughty_strings_are_saved_clean(client, page, writer, path):
    client.force_login(writer)
    texts = json.loads(path.read_text(encoding="utf-8"))
    # Many at a time: a post of each would take minutes and say no more.
    for start in range(0, len(texts), 40):
        some = texts[start : start + 40]
        changes = {
            "text-body": "".join(f"<p>{text}</p>" for text in some),
            "text-title": some[0][:120],
            "text-lead": " ".join(some),
        }
        response = client.post(change_url(page), form_data(page, **changes))
        assert response.status_code in {200, 302}
        body = page.versions.order_by("-number").first().body
        assert body == cleaned(body)
