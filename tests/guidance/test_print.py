import re

import pytest
from django.utils import timezone

from guidance.models import FormerSlug
from guidance.printing import Notes, Part, place_in_document
from guidance.rendering import render_version
from portal.publishing.models import VersionState
from tests.factories import (
    make_appointment,
    make_law,
    make_page,
    make_role,
    make_step,
    make_version,
)
from tests.pages import found, main_of, queries_of, words

SECTION = "/provavdelning/utskrift/"


@pytest.fixture
def section(db):
    version = make_version(
        page=make_page(slug="provavdelning", nav_title="Provavdelning"),
        title="Provriktlinje",
        lead="Om att prova.",
    )
    render_version(version)
    return version.page


def publish(section, slug, body="<p>Text.</p>", **fields):
    version = make_version(
        page=make_page(slug=slug, nav_title=slug, parent=section, **fields.pop("page", {})),
        body=body,
        **{"title": slug.capitalize(), **fields},
    )
    render_version(version)
    return version


def parts(response):
    return found(r'<h2 id="[^"]*">(\d+\. .*?)</h2>', main_of(response))


def placed(*texts):
    """Parts' HTML when they stand in one document, and the addresses noted."""
    made = [
        Part(version=None, url=f"/a/{slug}/", number=number, anchor=slug, html=html)
        for number, (slug, html) in enumerate(texts, start=1)
    ]
    notes = Notes()
    place_in_document(made, notes)
    return [part.html for part in made], notes.addresses


def test_section_holds_its_live_pages_in_order(client, section):
    publish(section, "andra", page={"position": 2})
    publish(section, "forsta", page={"position": 1})
    publish(section, "utkast", state=VersionState.DRAFT)
    publish(section, "kommande", publish_at=timezone.now() + timezone.timedelta(hours=1))
    publish(section, "borta", state=VersionState.WITHDRAWN)
    publish(make_page(slug="annan-avdelning"), "kusin")

    response = client.get(SECTION)

    assert parts(response) == ["1. Provriktlinje", "2. Forsta", "3. Andra"]
    text = response.content.decode()
    assert [title in text for title in ("Utkast", "Kommande", "Borta", "Kusin")] == [False] * 4


def test_part_holds_everything_of_its_page(client, section):
    version = publish(section, "hel", "<h2>Så gör du</h2><p>Brödtext.</p>", lead="En ingress.")
    version.brief = ["Det viktigaste"]
    version.review_note = "Det här återstår att granska, och anmärkningen är så lång att den viks."
    version.save()
    make_step(version=version, title="Steget", text="<p>Stegets text.</p>", when="Dag 8")
    version.laws.add(make_law(short_name="Provlagen"))
    render_version(version)
    make_appointment(role=version.page.owner, phone="08-465 004 12")

    main = main_of(client.get(SECTION))

    part = words(main.partition('id="hel">')[2])
    for text in (
        "En ingress.", "Version 1, 22 november 2026", "ännu inte granskad", "Det viktigaste",
        "Brödtext.", "Steget", "Stegets text.", "När: Dag 8", "Provlagen", "återstår att granska",
        "08-465 004 12",
    ):  # fmt: skip
        assert text in part, text
    assert len(re.findall(r"<details[^>]*>", main)) == len(re.findall(r"<details[^>]* open", main))
    assert "<details" in main


def test_sheets_are_told_address_version_and_day(client, section):
    publish(section, "barn")
    whole = client.get(SECTION).content.decode()
    single = client.get("/provavdelning/barn/utskrift/").content.decode()

    address = "http://testserver/provavdelning/"
    assert f'data-print-address="{address} · utskriven 23 november 2026"' in whole
    assert 'data-print-version="Senast ändrad 22 november 2026"' in whole
    assert f'data-print-address="{address}barn/ · utskriven 23 november 2026"' in single
    assert 'data-print-version="Version 1, 22 november 2026"' in single
    for page, canonical in ((whole, address), (single, f"{address}barn/")):
        assert f'<link rel="canonical" href="{canonical}">' in page
        assert page.count('<meta name="robots" content="noindex">') == 1


def test_ids_are_unique_and_every_anchor_leads_somewhere(client, db):
    for path in ("sjukskrivningsprocessen", "intyg", "sekretess-och-samtycke", "organisation"):
        html = client.get(f"/{path}/utskrift/").content.decode()
        ids = re.findall(r'<[a-z][^<>]*?\sid="([^"]*)"', html)
        targets = re.findall(r'href="#([^"]+)"', html)
        labels = " ".join(re.findall(r'aria-labelledby="([^"]*)"', html)).split()

        assert sorted(set(ids)) == sorted(ids), path
        assert sorted({*targets, *labels} - set(ids)) == [], path


def test_links_between_the_pages_lead_inside_the_document(client, section):
    publish(section, "mal", '<h2 id="har">Här</h2><p>x</p>')
    publish(section, "fran", '<p><a href="sida:mal#har">dit</a> <a href="sida:mal#nej">upp</a></p>')

    main = main_of(client.get(SECTION))

    assert '<a href="#mal--har">dit</a> <span class="print-only">(se avsnitt 3)</span>' in main
    assert '<a href="#mal">upp</a> <span class="print-only">(se avsnitt 3)</span>' in main
    assert "/provavdelning/mal/" not in main.partition("Adresser i texten")[2]


def test_address_is_written_once_whatever_leads_there():
    link = (
        '<p><a href="https://skr.se/?a=1&amp;b=2">SKR</a> '
        '<a href="/lagar-och-regler/#osl">OSL</a></p>'
    )

    (first, second), addresses = placed(("ett", link), ("tva", link))

    assert first.count('<sup class="print-only">1</sup>') == 1
    assert second.count('<sup class="print-only">1</sup>') == 1
    assert addresses == ["https://skr.se/?a=1&b=2", "/lagar-och-regler/#osl"]


def test_mail_phone_and_written_out_addresses_get_no_note():
    html = (
        '<a href="mailto:a@example.org">Mejla</a> <a href="tel:+468">08</a> '
        '<a href="https://skr.se/">https://skr.se/</a> <a href="#egen">egen</a>'
    )

    (shown, _), addresses = placed(("ett", html + '<p id="egen"></p>'), ("tva", ""))

    assert addresses == []
    assert "<sup" not in shown
    assert '<a href="#ett--egen">egen</a>' in shown


def test_text_that_looks_like_markup_is_left_alone():
    html = '<p id="a">Skriv id="a" &lt;h2&gt; så.</p>'

    (shown, _), _ = placed(("ett", html), ("tva", html))

    assert shown == '<p id="ett--a">Skriv id="a" &lt;h2&gt; så.</p>'


def test_names_differ_between_the_parts():
    html = '<section aria-labelledby="u"><h2 id="u">Underlag</h2><div aria-label="Tabell 1"></div>'

    (first, second), _ = placed(("ett", html), ("tva", html))

    assert first == (
        '<section><h3 id="ett--u">Underlag</h3><div aria-label="Tabell 1, avsnitt 1"></div>'
    )
    assert 'aria-label="Tabell 1, avsnitt 2"' in second


def test_headings_stand_one_level_below_the_part(client, section):
    publish(section, "rubriker", "<h2>Två</h2><h3>Tre</h3><p>x</p>")

    levels = re.findall(r"<h([1-6])", main_of(client.get(SECTION)))

    assert levels == ["1", "2", "2", "2", "3", "4"]


def test_single_page_keeps_its_ids_and_levels(client, section):
    publish(section, "ensam", '<h2 id="nar">När</h2><p>x</p>')

    main = main_of(client.get("/provavdelning/ensam/utskrift/"))

    assert found(r"<h1>(.*?)</h1>", main) == ["Ensam"]
    assert '<h2 id="nar">När</h2>' in main
    assert "print-part" not in main


def test_part_has_no_controls_and_choices_lead_to_its_page():
    html = (
        '<nav><h3 id="jag">Jag är</h3></nav><form action="#alla"><input id="q"></form>'
        '<details class="filter"><summary>Filtrera</summary><form></form></details>'
        '<a href="?roll=L#jag">Läkare</a><details><summary>Kvar</summary></details>'
    )

    (shown, _), addresses = placed(("ett", html), ("tva", ""))

    assert shown == (
        '<a href="/a/ett/?roll=L#jag">Läkare</a><details open><summary>Kvar</summary></details>'
    )
    assert addresses == []


def test_process_is_that_of_its_section_whole_whatever_is_asked(client, db):
    path = "/rehabkoordinering/utskrift/"
    html = client.get(path).content.decode()

    assert "css/process.css" in html
    assert f'href="{path}' not in html
    assert "steg för steg" in words(main_of(html_response := client.get(path)))
    assert words(main_of(client.get(f"{path}?roll=rehabkoordinator"))) == words(
        main_of(html_response)
    )


def test_lists_stand_in_the_document_and_forms_tell_where_they_are(client, db):
    laws = words(main_of(client.get("/lagar-och-regler/utskrift/")))
    guide = words(main_of(client.get("/sekretess-och-samtycke/samtyckesguide/utskrift/")))
    courses = words(main_of(client.get("/kompetens/kurser/utskrift/")))

    assert "Patientlag" in laws
    assert "Guiden här fylls i på webben: Samtyckesguide" in guide
    assert "Listan på sidan är inte med här." in courses
    assert "Listan på sidan" not in laws


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/barn/utskrift/", "/provavdelning/barn/utskrift/"),
        ("/intyg/barn/utskrift/", "/provavdelning/barn/utskrift/"),
        ("/intyg/provavdelning/utskrift/", SECTION),
        ("/provavdelning/fordom/utskrift/", "/provavdelning/barn/utskrift/"),
    ],
)
def test_other_addresses_lead_to_the_right_one(client, section, path, to):
    page = publish(section, "barn").page
    FormerSlug.objects.create(slug="fordom", page=page)

    response = client.get(path)

    assert (response.status_code, response.url) == (301, to)
    assert response.headers["Cache-Control"] == "no-cache"


def test_unpublished_is_not_found_and_withdrawn_is_gone(client, section):
    publish(section, "utkast", state=VersionState.DRAFT)
    publish(section, "borta", state=VersionState.WITHDRAWN, end_reason="Var fel.")

    gone = client.get("/provavdelning/borta/utskrift/")

    assert client.get("/provavdelning/utkast/utskrift/").status_code == 404
    assert client.get("/start/utskrift/").status_code == 404
    assert (gone.status_code, "Var fel." in gone.content.decode()) == (410, True)
    assert client.post(SECTION).status_code == 405


def test_cost_does_not_follow_the_pages(client, section):
    publish(section, "en", page={"register": "agreements"})
    few = len(queries_of(client, SECTION))
    for number in range(30):
        publish(section, f"sida-{number}", page={"register": "agreements", "owner": make_role()})

    assert len(queries_of(client, SECTION)) == few
    assert few <= 16


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("sjukskrivningsprocessen", 12),
        ("intyg", 12),
        ("organisation", 28),  # the structure, and how each requirement is met today
        ("samverkan", 12),
        ("om-webbplatsen", 12),
    ],
)
def test_every_section_has_its_budget(client, db, path, most):
    assert len(queries_of(client, f"/{path}/utskrift/")) <= most


def test_pages_lead_to_their_print(client, section):
    publish(section, "barn")

    for path in ("/provavdelning/", "/provavdelning/barn/"):
        assert f'<a href="{path}utskrift/" rel="nofollow">Skriv ut</a>' in main_of(client.get(path))
    assert "utskrift/" not in main_of(client.get("/aktuellt/"))
