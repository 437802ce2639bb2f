"""What stops publishing, what only warns, where it is shown; and deleting what is linked to."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from guidance import actions, rendering
from guidance.models import (
    Document,
    GlossaryTerm,
    LegalReference,
    Milestone,
    Page,
    PageVersion,
    ProcessStep,
)
from organisation.models import Role
from portal.editing.deletion import MOST_NAMED, used_by
from tests.factories import make_document, make_law, make_notice, make_page, make_role, make_version
from tests.guidance.test_page_admin import (
    END,
    REVIEW,
    WRITE,
    change_url,
    form_data,
    make_user,
    revision,
    saved,
    step_url,
)

pytestmark = pytest.mark.django_db

BODY = (
    '<h2 id="nar">När</h2><p>Första texten.</p><h2 id="hur">Hur</h2><p>Andra texten.</p>'
    '<h2 id="sist">Sist</h2><p>Tredje texten.</p>'
)


@pytest.fixture
def writer():
    return make_user("skribent", *WRITE)


@pytest.fixture
def reviewer():
    return make_user("granskare", *REVIEW, "change_page")


@pytest.fixture
def page():
    page = make_page(slug="provsidan", kind="guideline")
    rendering.render_version(make_version(page=page, title="Provsidan", body=BODY))
    return page


def linking_page(slug, href):
    page = make_page(slug=slug, nav_title=slug.title())
    version = make_version(
        page=page, title=f"Om {slug}", body=f'<h2 id="a">A</h2><p><a href="{href}">dit</a></p>'
    )
    rendering.render_version(version)
    return page


def checked(client, draft):
    return client.get(reverse("admin:guidance_page_check", args=[draft.page_id, draft.number]))


def text_of(response):
    main = re.search(
        r'<section class="module checked".*?</section>', response.content.decode(), re.S
    )
    return " ".join(re.sub("<[^>]+>", " ", main[0]).split())


def heading(response):
    return re.search(r'<h2 id="checked">(.*?)</h2>', response.content.decode())[1]


def errors(response):
    return [each["text"] for each in response.context["checked"]["errors"]]


def warnings(response):
    return [each["text"] for each in response.context["checked"]["warnings"]]


def refused(page, draft, writer, reviewer):
    actions.submit(draft, by=writer, revision=revision(page))
    with pytest.raises(actions.TextRefused) as found:
        actions.approve_and_publish(draft, by=reviewer, revision=revision(page))
    assert page.versions.live().get().number == 1
    return found.value.messages


# -- what stops -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            '<h2 id="nar">N</h2><p><a href="sida:borta">x</a></p>',
            "Avsnittet #nar: Länken ”x” går till sidan ”borta”, som inte finns eller inte är "
            "publicerad. Rätta adressnamnet eller ta bort länken.",
        ),
        (
            '<h2 id="nar">N</h2><p><a href="sida:samtycke#borta">x</a></p>',
            "Avsnittet #nar: Länken ”x” går till avsnittet ”borta”, som inte finns på sidan "
            "”samtycke”. Länka till en rubrik som finns, eller till hela sidan.",
        ),
        (
            '<h2 id="nar">N</h2><p><a href="dokument:borta">x</a></p>',
            "Avsnittet #nar: Länken ”x” går till dokument:borta, som inte finns. Rätta koden "
            "eller ta bort länken.",
        ),
        (
            '<h2 id="nar">N</h2><h4 id="hopp">H</h4><p>T.</p>',
            "Avsnittet #hopp: Gör rubriken ”H” till h3: h4 hoppar över en nivå.",
        ),
        (
            '<h2 id="nar">N</h2><table><tr><td>1</td></tr></table>',
            "Avsnittet #nar: Tabellen saknar rubrikceller. Gör första raden till th med "
            'scope="col".',
        ),
        (
            '<h2 id="nar">N</h2><p>Som 19121212-1212.</p>',
            "Avsnittet #nar: Här står ett personnummer. Ta bort det, även ur exempel och fraser.",
        ),
    ],
)
def test_faults_stop_publishing_and_lead_to_the_field(client, page, writer, reviewer, body, told):
    draft = saved(page, writer, body=body)
    client.force_login(writer)
    response = checked(client, draft)

    assert errors(response) == [told]
    assert heading(response) == "1 sak hindrar publicering"
    assert f'href="{change_url(page)}#falt-text-body"' in response.content.decode()
    assert refused(page, draft, writer, reviewer) == (told,)


def test_a_paragraph_of_another_page_stops_while_that_page_is_public(page, writer, reviewer):
    said = "Fråga alltid patienten först, och skriv svaret i journalen samma dag som mötet."
    other = make_page(slug="andra-sidan")
    rendering.render_version(make_version(page=other, body=f"<p>{said}</p>"))
    draft = saved(page, writer, body=f"{BODY}<p>{said}</p>")

    assert refused(page, draft, writer, reviewer) == (
        "Avsnittet #sist: ”Fråga alltid patienten först, och skriv svaret i …” står också på "
        "sidan ”andra-sidan”. Behåll det på en av dem och länka dit.",
    )
    ender = make_user("avslutare", *END)
    live = other.versions.live().get()
    actions.withdraw(live, by=ender, revision=revision(other), reason="Slut.")
    actions.approve_and_publish(draft, by=reviewer, revision=revision(page))
    again = saved(page, writer, body=f"{BODY}<p>{said}</p><p>Mer.</p>")
    actions.submit(again, by=writer, revision=revision(page))
    # What its own page says already is said there only.
    actions.approve_and_publish(again, by=reviewer, revision=revision(page))
    assert page.versions.live().get() == again


def test_each_place_leads_to_its_own_field(client, page, writer):
    step = {
        "uuid": "", "position": 1, "anchor": "steget", "title": "Steg",
        "text": '<p><a href="sida:borta">x</a></p>', "responsible": [], "informed": [],
        "when": "", "days": [], "certificates": [], "documented": "",
        "laws": [], "documents": [], "kva": [],
    }  # fmt: skip
    first = {**step, "anchor": "innan", "title": "Innan", "text": "<p>Gör.</p>", "position": 0}
    content = {
        "lasting": {
            "register": "laws",
            "register_anchor": "finns-inte",
            "purpose": "Kommer att ändras.",
        },
        "texts": {"title": "T", "lead": "Snart.", "body": BODY, "review_note": "Inom kort."},
        "steps": [first, step],
    }
    draft = actions.save_draft(page, content=content, revision=revision(page), by=writer)
    client.force_login(writer)
    items = checked(client, draft).context["checked"]
    places = {each["url"].partition("#falt-")[2] for rows in items.values() for each in rows}
    form = client.get(change_url(page)).content.decode()

    assert places >= {
        "register_anchor", "purpose", "text-lead", "text-review_note", "steg-1-text", "text-brief",
    }  # fmt: skip
    for place in places:
        assert form.count(f'id="falt-{place}"') == 1, place


def test_a_heading_that_others_link_to_does_not_go(client, page, writer, reviewer):
    others = [linking_page(slug, "sida:provsidan#hur") for slug in ("ett", "tva", "tre")]
    linking_page("fyra", "sida:provsidan#nar")
    linking_page("fem", "sida:provsidan")
    draft = saved(page, writer, body=BODY.replace(' id="hur"', ' id="annat"'))
    client.force_login(writer)
    response = checked(client, draft)

    told = (
        "Texten: Avsnittet ”hur” finns inte kvar, men dit länkar ”Om ett”, ”Om tre”, ”Om tva”. "
        "Behåll rubriken eller dess id, eller ändra länkarna först."
    )
    assert errors(response) == [told]
    assert {*response.context["checked"]["errors"][0]["pages"]} == {*others}
    for each in others:
        assert f'href="{change_url(each)}"' in response.content.decode()
    assert refused(page, draft, writer, reviewer) == (told,)


def test_a_heading_that_a_milestone_leads_to_does_not_go(page, writer, reviewer):
    milestone = Milestone.objects.first()
    Milestone.objects.filter(pk=milestone.pk).update(page=page, anchor="sist")
    draft = saved(page, writer, body=BODY.replace(' id="sist"', ' id="annat"'))

    [told] = refused(page, draft, writer, reviewer)
    assert told.startswith(
        f"Texten: Avsnittet ”sist” finns inte kvar, men dit länkar hållpunkt ”{milestone}”"
    )


def test_links_by_a_former_name_count(page, writer, reviewer):
    mover = make_user("flyttare", "move_page", "view_page")
    linking_page("ett", "sida:provsidan#hur")
    actions.move_page(page, parent=None, slug="nytt-namn", by=mover, revision=revision(page))
    draft = saved(page, writer, body=BODY.replace('<h2 id="hur">Hur', '<h2 id="annat">Annat'))

    [told] = refused(page, draft, writer, reviewer)
    assert told.startswith("Texten: Avsnittet ”hur” finns inte kvar, men dit länkar ”Om ett”.")


def test_a_heading_that_nobody_links_to_goes(page, writer, reviewer):
    linking_page("ett", "sida:provsidan#hur")
    draft = saved(page, writer, body=BODY.replace(' id="sist"', ' id="annat"'))
    actions.submit(draft, by=writer, revision=revision(page))
    actions.approve_and_publish(draft, by=reviewer, revision=revision(page))
    assert page.versions.live().get().number == 2


# -- what warns -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Det kommer snart.", "Avsnittet #nar: ”snart” åldras."),
        ("Det införs under hösten.", "Avsnittet #nar: ”under hösten” åldras."),
        ("Lagen ska införas 2024.", "Avsnittet #nar: ”ska införas 2024” talar om framtiden"),
        ("Ring 08-123 456 78.", "Avsnittet #nar: Ta bort ”08-123 456 78” ur texten"),
    ],
)
def test_warnings_are_shown_before_and_do_not_stop(client, page, writer, reviewer, text, told):
    body = BODY.replace("Första texten.", text)
    draft = saved(page, writer, body=body)
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    response = client.get(step_url(page, draft, "publicera"))

    assert [each[: len(told)] for each in warnings(response) if "#nar" in each] == [told]
    assert heading(response).startswith("Inget hindrar publicering, ")
    assert 'value="Godkänn och publicera ändå"' in response.content.decode()
    client.post(step_url(page, draft, "publicera"), {"revision": revision(page)})
    assert page.versions.live().get().number == 2


def test_a_page_without_remarks_is_ready(client, reviewer):
    version = PageVersion.objects.live().get(page__slug="samtycke")
    client.force_login(reviewer)
    response = checked(client, version)

    assert heading(response) == "Klart att publicera"
    assert (errors(response), warnings(response)) == ([], [])


def test_with_errors_the_form_leads_back_to_the_text(client, page, writer, reviewer):
    draft = saved(page, writer, body='<h2 id="nar">N</h2><p><a href="sida:borta">x</a></p>')
    actions.submit(draft, by=writer, revision=revision(page))
    client.force_login(reviewer)
    html = client.get(step_url(page, draft, "publicera")).content.decode()

    assert "Rätta i texten" in html
    assert 'type="submit" value="Godkänn och publicera' not in html


def test_save_and_check_from_the_form(client, page, writer):
    client.force_login(writer)
    data = form_data(page, **{"text-lead": "Det kommer snart.", "_check": "x"})
    response = client.post(change_url(page), data, follow=True)

    assert response.redirect_chain[-1][0] == reverse("admin:guidance_page_check", args=[page.pk, 2])
    assert "Ingress: ”snart” åldras." in text_of(response)


def test_who_may_not_see_pages_checks_none(client, page):
    client.force_login(make_user("annan"))
    assert checked(client, page.versions.get()).status_code == 403


def test_the_control_stores_nothing_of_the_draft(client, page, writer):
    client.force_login(writer)
    client.post(change_url(page), form_data(page, purpose="Nytt syfte."))
    checked(client, page.versions.working().get())
    page.refresh_from_db()
    assert page.purpose == "En testsida."


# -- faults that come later -------------------------------------------------------------------


def waiting_row(client):
    html = client.get(reverse("admin:index")).content.decode()
    found = re.search(r'<a href="([^"]*)">Publicerade sidor med fel i texten <b>(\d+)</b>', html)
    return found and int(found[2])


def test_links_that_break_later_wait_for_the_editor(client, page, writer, reviewer):
    other = linking_page("ett", "sida:provsidan#hur")
    client.force_login(reviewer)
    assert waiting_row(client) is None
    ender = make_user("avslutare", *END)
    actions.withdraw(page.versions.live().get(), by=ender, revision=revision(page), reason="Slut.")
    assert waiting_row(client) == 1

    version = other.versions.get()
    version.body = "<p>Utan länk.</p>"
    version.save()
    checked(client, version)
    assert waiting_row(client) is None


def test_check_content_counts_what_is_wrong_now(client, page, reviewer):
    linking_page("ett", "sida:provsidan")
    Page.objects.filter(slug="provsidan").update(slug="bytt-utan-spar")
    client.force_login(reviewer)
    assert waiting_row(client) is None
    with pytest.raises(CommandError):
        call_command("check_content", stdout=StringIO())

    assert waiting_row(client) == 1
    Page.objects.filter(slug="bytt-utan-spar").update(slug="provsidan")
    call_command("check_content", stdout=StringIO())
    assert waiting_row(client) is None


# -- deleting what is linked to ---------------------------------------------------------------


def delete_url(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])


def list_url(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")


def make_term():
    return GlossaryTerm.objects.create(anchor="provord", term="Provord", meaning="Ett ord.")


LINKED = [
    (make_law, lambda row: f"lag:{row.code}"),
    (make_document, lambda row: f"dokument:{row.slug}"),
    (make_role, lambda row: f"roll:{row.code}"),
    (make_term, lambda row: f"sida:ordlista#{row.anchor}"),
]


@pytest.mark.parametrize(("make", "reference"), LINKED)
def test_what_a_text_links_to_is_not_deleted(admin_client, make, reference):
    row = make()
    free = make_law(code="ensam") if make is make_law else None
    linking = linking_page("ett", reference(row))
    for response in (
        admin_client.get(delete_url(row)),
        admin_client.post(delete_url(row), {"post": "yes"}),
        admin_client.post(
            list_url(row), {"action": "delete_selected", "_selected_action": [row.pk]}
        ),
        admin_client.post(
            list_url(row),
            {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
        ),
    ):
        html = response.content.decode()
        assert f'Sida: <a href="{change_url(linking)}">Ett</a>' in html
        assert "går inte att ta bort" in html
    assert type(row).objects.filter(pk=row.pk).exists()
    if free:
        admin_client.post(delete_url(free), {"post": "yes"})
        assert not LegalReference.objects.filter(pk=free.pk).exists()


@pytest.mark.parametrize(("make", "reference"), LINKED)
def test_links_to_others_whose_names_begin_alike_do_not_count(make, reference):
    row = make()
    linking_page("ett", f"{reference(row)}-2")
    assert used_by([row]) == []


def test_what_is_chosen_in_lists_is_not_deleted(admin_client, page):
    law, document, role = make_law(), make_document(), make_role()
    version = page.versions.get()
    version.laws.add(law)
    step = ProcessStep.objects.create(version=version, anchor="s", title="S", text="<p>x</p>")
    step.documents.add(document)
    step.responsible.add(role)
    for row in (law, document, role):
        assert used_by([row]) == [f'Sida: <a href="{change_url(page)}">provsidan</a>']
        admin_client.post(delete_url(row), {"post": "yes"})
        assert type(row).objects.filter(pk=row.pk).exists()


def test_a_notice_that_links_is_named_and_its_name_is_escaped():
    law = make_law()
    notice = make_notice(title="<b>Ny</b> lag", text=f'<a href="lag:{law.code}">lagen</a>')
    url = reverse("admin:guidance_notice_change", args=[notice.pk])

    assert used_by(LegalReference.objects.filter(pk=law.pk)) == [
        f'Nyhet: <a href="{url}">&lt;b&gt;Ny&lt;/b&gt; lag</a>'
    ]


def test_many_rows_cost_the_same_and_the_list_is_cut(django_assert_max_num_queries, page):
    laws = [make_law(code=f"prov-{number}") for number in range(150)]
    for number in range(MOST_NAMED + 5):
        version = make_version(page=make_page(slug=f"p-{number}"), body="<p>x</p>")
        version.laws.set(laws)
    with django_assert_max_num_queries(120):
        lines = used_by(laws)

    assert len(lines) == MOST_NAMED + 1
    assert lines[-1] == "och 5 till"


def test_everything_of_the_starting_content_that_is_used_says_where():
    lines = used_by([LegalReference.objects.get(code="osl")])
    kinds = {line.partition(":")[0] for line in lines if "<a" in line}
    assert kinds == {"Sida", "Samtyckesregel"}


# -- links by identity outlive new names ---------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "reference", "name"),
    [
        (make_law, LINKED[0][1], "short_name"),
        (make_document, LINKED[1][1], "title"),
        (make_role, LINKED[2][1], "title"),
    ],
)
def test_links_survive_that_a_row_is_renamed(admin_client, make, reference, name):
    row = make()
    linking = linking_page("ett", reference(row))
    link = f'<a href="{row.get_absolute_url()}">dit</a>'
    assert link in linking.versions.get().rendered
    setattr(row, name, "Ett annat namn")
    row.save()
    rendering.render_pages()

    assert link in linking.versions.get().rendered
    assert {Document, Role} & {type(row)} or row.get_absolute_url().endswith(f"#{row.code}")
