import re

import pytest

from guidance.models import PageVersion
from guidance.rendering import REGISTER_PLACE, render_pages, render_version
from tests.factories import (
    make_course,
    make_document,
    make_law,
    make_page,
    make_role,
    make_step,
    make_version,
)
from tests.pages import words

pytestmark = pytest.mark.django_db


def rendered(body="", **fields):
    """A version after rendering, read back from the database."""
    version = make_version(body=body, **fields)
    render_version(version)
    return PageVersion.objects.get(pk=version.pk)


def test_takes_out_markup_that_texts_may_not_use():
    version = rendered(
        '<p onclick="x()" style="color:red">Text<script>alert(1)</script><img src="x"></p>'
        '<p><a href="javascript:alert(1)">länk</a></p><style>p{}</style><div>kvar</div>'
        '<blockquote class="viktigt annan">Råd</blockquote>'
    )

    assert version.rendered == (
        '\n<div class="prose"><p>Text</p><p><a>länk</a></p>kvar'
        '<blockquote class="viktigt">Råd</blockquote></div>\n\n\n\n\n'
    )


def test_gives_every_heading_an_id_of_its_own():
    version = rendered(
        '<h2 id="kvar">Första</h2><h3>Åtgärder nu</h3><h2>Åtgärder nu</h2><h2 id="kvar">Sist</h2>'
    )

    assert re.findall(r'<h([23]) id="([^"]*)"', version.rendered) == [
        ("2", "kvar"),
        ("3", "atgarder-nu"),
        ("2", "atgarder-nu-2"),
        ("2", "kvar-2"),
    ]
    assert version.contents == [
        {"id": "kvar", "title": "Första"},
        {"id": "atgarder-nu-2", "title": "Åtgärder nu"},
        {"id": "kvar-2", "title": "Sist"},
    ]


def test_turns_links_by_identity_into_addresses():
    page = make_page(parent=make_page(slug="provavdelning"), slug="provsida")
    make_version(page=page)
    make_role(code="provroll")
    make_law(code="provlag")
    make_document(slug="provblad")
    make_course(slug="provkurs")
    body = "".join(
        f'<p><a href="{reference}">ord</a></p>'
        for reference in (
            f"sida:{page.slug}#del",
            "roll:provroll",
            "lag:provlag",
            "dokument:provblad",
            "kurs:provkurs",
            "https://example.se/",
        )
    )

    version = rendered(body)

    assert re.findall(r'<a href="([^"]*)">ord</a>', version.rendered) == [
        "/provavdelning/provsida/#del",
        "/organisation/roller-och-ansvar/provroll/",
        "/lagar-och-regler/#provlag",
        "/dokument/provblad/",
        "/kompetens/kurser/provkurs/",
        "https://example.se/",
    ]


def test_link_that_leads_nowhere_leaves_its_text():
    make_course(slug="dold-kurs", is_published=False)

    version = rendered(
        '<p>Se <a href="sida:finns-inte#x">en <strong>viktig</strong> sida</a>, '
        '<a href="kurs:dold-kurs">en kurs</a>.</p>'
    )

    assert "<p>Se en <strong>viktig</strong> sida, en kurs.</p>" in version.rendered
    assert version.links.count() == 0


def test_steps_without_a_place_stand_first_as_sections():
    version = make_version(body="<p>Inledning.</p><h2>Efteråt</h2><p>Slut.</p>")
    make_step(version=version, anchor="tva", title="Två", position=2)
    make_step(version=version, anchor="ett", title="Ett", position=1)
    make_step(version=make_version(), anchor="annan", title="Annan sidas steg")

    render_version(version)

    assert re.findall(r'<h2 id="([^"]*)"', version.rendered) == ["ett", "tva", "efterat"]
    assert [item["id"] for item in version.contents] == ["ett", "tva", "efterat"]
    assert "Annan sidas steg" not in version.rendered


@pytest.mark.parametrize(
    ("heading", "ids"),
    [
        ('<h2 id="steg">Steg</h2>', ["fore", "steg", "ett", "efter"]),
        ('<h2 id="gor">Gör</h2><h3 id="steg">Steg</h3>', ["fore", "gor", "steg", "ett", "efter"]),
    ],
)
def test_steps_stand_in_the_section_with_their_heading(heading, ids):
    version = make_version(body=f'<h2 id="fore">Före</h2>{heading}<h2 id="efter">Efter</h2>')
    make_step(version=version, anchor="ett", title="Ett")

    render_version(version)

    assert re.findall(r'<h[23] id="([^"]*)"', version.rendered) == ids
    assert '<h3 id="ett">Ett</h3>' in version.rendered
    assert "ett" not in [item["id"] for item in version.contents]


def test_step_shows_its_facts_and_is_sanitised():
    version = make_version(body="")
    step = make_step(
        version=version,
        title="Ring <chefen>",
        text="<p>Ring.<script>x()</script></p>",
        when="Dag 8",
        documented="I journalen",
        kva=["GC001", "AU124"],
    )
    step.responsible.add(make_role(code="provroll", title="Provare"))
    step.informed.add(make_role(title="Kollega"))
    step.laws.add(make_law(short_name="Provlagen"))
    step.documents.add(make_document(title="Provblad"))

    render_version(version)

    assert words(version.rendered) == (
        "Ring <chefen> Ring. Vem: Provare Informeras: Kollega När: Dag 8 "
        "Dokumenteras: I journalen Lag: Provlagen Underlag: Provblad "
        "KVÅ Klassifikation av vårdåtgärder. Ordlistan : GC001, AU124"
    )
    assert '<a href="/organisation/roller-och-ansvar/provroll/">Provare</a>' in version.rendered
    assert "script" not in version.rendered


def test_sources_stand_last():
    version = make_version(body="<h2>Avsnitt</h2><p>Text.</p>")
    version.laws.add(make_law(short_name="Provlagen", number="2099:1", parts="3 kap."))
    version.documents.add(make_document(title="Provblad", issuer="Provverket"))

    render_version(version)

    assert version.contents == [
        {"id": "avsnitt", "title": "Avsnitt"},
        {"id": "underlag", "title": "Källor och underlag"},
    ]
    assert words(version.rendered).endswith(
        "Källor och underlag Provlagen , 2099:1: 3 kap. Lydelsen är ännu inte kontrollerad. "
        "Provblad . Provverket. Blankett."
    )


def test_law_that_is_known_by_its_number_is_named_once():
    version = make_version(body="<p>Text.</p>")
    version.laws.add(make_law(short_name="PROV 2099:1", number="PROV 2099:1", parts="3 kap."))

    render_version(version)

    assert words(version.rendered).endswith(
        "Källor och underlag PROV 2099:1 : 3 kap. Lydelsen är ännu inte kontrollerad."
    )


def test_page_without_sources_has_no_heading_for_them():
    version = rendered("<h2>Avsnitt</h2>")

    assert "underlag" not in version.rendered
    assert version.contents == [{"id": "avsnitt", "title": "Avsnitt"}]


def test_register_stands_after_its_section():
    page = make_page(register="laws", register_anchor="ett")

    version = rendered("<h2>Ett</h2><p>a</p><h2>Två</h2><p>b</p>", page=page)

    before, _, after = version.rendered.partition(REGISTER_PLACE)
    assert (words(before), words(after)) == ("Ett a", "Två b")


def test_register_without_anchor_stands_before_the_sections():
    version = rendered("<p>Inledning.</p><h2>Ett</h2>", page=make_page(register="laws"))

    before, _, after = version.rendered.partition(REGISTER_PLACE)
    assert (words(before), words(after)) == ("Inledning.", "Ett")


def test_tables_scroll_in_boxes_that_the_keyboard_reaches():
    version = rendered("<table><caption>Tider</caption><tr><td>1</td></tr></table>")

    assert (
        '<div class="table-scroll" tabindex="0" role="region" aria-labelledby="tabell-1">'
        '<table><caption id="tabell-1">Tider</caption>'
    ) in version.rendered


def test_page_links_of_body_and_steps_are_stored_once_each():
    target, other = make_page(slug="mal-a"), make_page(slug="mal-b")
    link = '<p><a href="sida:mal-a#del">a</a> <a href="sida:mal-a">b</a></p>'
    version = make_version(body=link * 2 + '<p><a href="sida:finns-inte">c</a></p>')
    make_step(version=version, text='<p><a href="sida:mal-b">d</a></p>')

    render_version(version)
    render_version(version)

    assert [*version.links.order_by("pk").values_list("target", "anchor")] == [
        (target.pk, ""),
        (target.pk, "del"),
        (other.pk, ""),
    ]


def test_rendering_again_drops_links_that_are_gone():
    make_page(slug="mal-a")
    version = rendered('<p><a href="sida:mal-a">a</a></p>')
    version.body = "<p>Utan länk.</p>"

    render_version(version)

    assert version.links.count() == 0


def test_rendering_again_follows_a_page_that_moved():
    target = make_page(slug="mal-a")
    make_version(page=target)
    version = rendered('<p><a href="sida:mal-a">a</a></p>')
    assert '<a href="/mal-a/">' in version.rendered
    target.parent = make_page(slug="ny-avdelning")
    target.save()

    render_version(version)

    assert '<a href="/ny-avdelning/mal-a/">' in version.rendered


def test_all_live_pages_are_rendered_and_no_draft():
    PageVersion.objects.update(state="draft")
    live, draft = make_version(), make_version(state="draft")

    assert render_pages() == 1
    live.refresh_from_db()
    draft.refresh_from_db()
    assert (words(live.rendered), draft.rendered) == ("Text.", "")
