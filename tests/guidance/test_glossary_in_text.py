"""Abbreviations explained where they stand."""

import re

import pytest

from guidance.glossary_in_text import Entry, entries, entries_for, explain, first_sentence
from guidance.models import GlossaryTerm, PageVersion
from guidance.rendering import render_version
from portal.accounts.models import User
from tests.factories import make_page, make_version
from tests.portal.test_admin import form_values

FK = Entry("FK", "fk", "Försäkringskassan.")
HSL = Entry("HSL", "hsl", "Hälso- och sjukvårdslagen.")
HSLF = Entry("HSLF-FS", "hslf-fs", "Gemensamma författningssamlingen.")
BUTTON = '<button popovertarget="ord-fk">FK</button>'
BOX = '<span popover id="ord-fk">Försäkringskassan. <a href="/ordlista/#fk">Ordlistan</a></span>'


def explained(html, *known):
    return explain(html, known or [FK], glossary_url="/ordlista/")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>FK beslutar.</p>", f"<p>{BUTTON}{BOX} beslutar.</p>"),
        ("<p>FK:s beslut</p>", f"<p>{BUTTON}{BOX}:s beslut</p>"),
        ("<p>en FK-blankett</p>", f"<p>en {BUTTON}{BOX}-blankett</p>"),
        ("<p>(FK, AF)</p>", f"<p>({BUTTON}{BOX}, AF)</p>"),
        ("<p>FK; sedan FK</p>", f"<p>{BUTTON}{BOX}; sedan FK</p>"),
        ("<p>Till FK.</p>", f"<p>Till {BUTTON}{BOX}.</p>"),
        ("<td>FK</td>", f"<td>{BUTTON}{BOX}</td>"),
    ],
)
def test_first_abbreviation_becomes_a_button_with_its_box(before, after):
    assert explained(before) == after


@pytest.mark.parametrize(
    "html",
    [
        "<p>FKA, AFK, fk, ÄFK och KFKÅ</p>",
        "<p>FK-7804 och rak-FK och a.FK.se</p>",
        "<h2>FK</h2><h3>Om <em>FK</em></h3>",
        '<a href="/x/">FK och <strong>FK</strong></a>',
        "<th>FK</th><caption>FK</caption>",
        '<p title="FK > AF">x</p>',
        "<!--FK-->",
        "<p>Försäkringskassan (FK) beslutar. Sedan FK.</p>",
        '<h2 id="ord-fk">Ord</h2><p>FK</p>',
    ],
)
def test_leaves_what_is_no_such_word_or_cannot_hold_a_button(html):
    assert explained(html) == html


def test_a_new_section_has_a_button_but_not_a_second_box():
    html = explained("<p>FK FK</p><h2>B</h2><p>FK</p>")

    assert html == f"<p>{BUTTON}{BOX} FK</p><h2>B</h2><p>{BUTTON}</p>"


def test_the_longest_word_counts():
    html = explained("<p>HSLF-FS och HSL</p>", HSL, HSLF)

    assert re.findall(r"<button [^>]*>(.*?)<", html) == ["HSLF-FS", "HSL"]


def test_words_and_meanings_are_escaped():
    html = explained("<p>A&amp;B</p>", Entry("A&B", "ab", "<script>"))

    assert html.startswith('<p><button popovertarget="ord-ab">A&amp;B</button>')
    assert "&lt;script&gt;" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("meaning", "first"),
    [
        ("Patientdatalagen (2008:355). Den styr.", "Patientdatalagen (2008:355)."),
        ("Enligt 25 kap. 1 § OSL. Mer.", "Enligt 25 kap. 1 § OSL."),
        ("x" * 20 + " " + "y" * 200, "x" * 20 + " …"),
    ],
)
def test_box_has_the_first_sentence(meaning, first):
    assert first_sentence(meaning) == first


KARENS = Entry("Karensavdrag", "k", "Avdrag.", is_term=True, forms=("karensavdraget",))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Ett karensavdrag görs.</p>", ["karensavdrag"]),
        ("<p>Karensavdraget görs.</p>", ["Karensavdraget"]),
        ("<p>karensavdragets storlek</p>", ["karensavdragets"]),
        ("<p>(karensavdrag) och karensavdraget</p>", ["karensavdrag"]),
        ("<p>Karensavdrag</p><h2>B</h2><p>karensavdraget</p>", ["Karensavdrag", "karensavdraget"]),
        ("<p>förkarensavdrag, karensavdragen, KARENSAVDRAG, karensavdragsregel</p>", []),
        ('<h2>Karensavdrag</h2><p><a href="/x/">karensavdrag</a></p>', []),
    ],
)
def test_a_term_is_explained_in_the_forms_that_an_editor_lists(html, words):
    made = explained(html, KARENS)

    assert re.findall(r"<button [^>]*>(.*?)<", made) == words
    assert made.count("<span popover") == bool(words)


def test_a_term_of_several_words_goes_before_one_of_fewer():
    inner = Entry("Sekretess", "s", "Tystnad.", is_term=True)
    whole = Entry("Inre sekretess", "i", "Inom vårdgivaren.", is_term=True)

    html = explained("<p>Inre sekretess, sekretessen och sekretess</p>", inner, whole)

    assert re.findall(r"<button [^>]*>(.*?)<", html) == ["Inre sekretess", "sekretess"]


def test_abbreviations_and_marked_terms_are_explained_and_no_others(db):
    terms = {entry.term for entry in entries()}

    assert {"FK", "Karensavdrag"} <= terms
    assert "Sjukpenning" not in terms


def test_a_term_is_not_explained_on_the_page_that_tells_what_it_means(db):
    page, other = make_page(), make_page()
    GlossaryTerm.objects.create(
        anchor="qx", term="Qxord", meaning="Ett ord.", explained_in_text=True, page=page
    )
    GlossaryTerm.objects.create(
        anchor="qf", term="QXF", meaning="En.", kind=GlossaryTerm.Kind.ABBREVIATION, page=page
    )

    def shown(page):
        return {entry.term for entry in entries_for(page.pk)} & {"Qxord", "QXF"}

    assert shown(page) == {"QXF"}
    assert shown(other) == {"Qxord", "QXF"}


def test_marking_a_term_and_its_forms_makes_texts_anew(client, db):
    client.force_login(User.objects.create_superuser(email="r@example.org", password="x"))
    version = make_version(page=make_page(), body="<p>Qxorden och qxord.</p>")
    render_version(version)
    term = GlossaryTerm.objects.create(anchor="qx", term="Qxord", meaning="Ett ord.")
    url = f"/admin/guidance/glossaryterm/{term.pk}/change/"

    def save(**fields):
        assert client.post(url, {**form_values(client.get(url)), **fields}).status_code == 302
        version.refresh_from_db()
        return re.findall(r"<button [^>]*>(.*?)<", version.rendered)

    assert save() == []
    assert save(explained_in_text="on") == ["qxord"]
    assert save(forms="qxorden") == ["Qxorden"]
    assert save(explained_in_text="") == []


def test_editors_text_stays_clean_and_the_glossary_page_too(db):
    version = make_version(body="<p>FK beslutar.</p>")
    render_version(version)
    version.refresh_from_db()

    assert version.body == "<p>FK beslutar.</p>"
    assert 'popovertarget="ord-fk"' in version.rendered
    assert "popover" not in PageVersion.objects.live().get(page__slug="ordlista").rendered


def test_new_changed_and_deleted_words_make_texts_anew(client, db):
    client.force_login(User.objects.create_superuser(email="r@example.org", password="x"))
    version = make_version(page=make_page(), body="<p>QXZ beslutar.</p>")
    other = make_version(page=make_page(), body="<p>QXÅ beslutar.</p>")
    for each in (version, other):
        render_version(each)

    def buttons():
        rows = PageVersion.objects.filter(pk__in=[version.pk, other.pk]).order_by("pk")
        return [re.findall(r"<button [^>]*>(.*?)</button><span[^>]*>(.*?) <", row.rendered)
                for row in rows]  # fmt: skip

    add = {"term": "QXZ", "anchor": "qxz", "kind": "abbreviation", "meaning": "Provverket."}
    client.post("/admin/guidance/glossaryterm/add/", add)
    term = GlossaryTerm.objects.get(anchor="qxz")
    url = f"/admin/guidance/glossaryterm/{term.pk}/change/"
    assert buttons() == [[("QXZ", "Provverket.")], []]
    client.post(url, {**form_values(client.get(url)), "meaning": "Nya verket."})
    assert buttons() == [[("QXZ", "Nya verket.")], []]
    client.post(url, {**form_values(client.get(url)), "term": "QXÅ"})
    assert buttons() == [[], [("QXÅ", "Nya verket.")]]
    client.post(f"/admin/guidance/glossaryterm/{term.pk}/delete/", {"post": "yes"})
    assert buttons() == [[], []]
