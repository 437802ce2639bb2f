"""Addresses of an old website that lead to a page here."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.models import FormerSlug, Page, Redirect
from portal.packs.dumper import dump_pack
from portal.packs.loader import load_pack
from tests.factories import make_document, make_page, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make_version(page=make_page(slug="provsida")).page


def stored(path, page):
    row = Redirect(old_path=path, page=page)
    row.full_clean()
    row.save()
    return row.old_path


@pytest.mark.parametrize(
    ("written", "kept", "asked"),
    [
        ("/default.aspx?id=31", "/default.aspx?id=31", "/default.aspx?id=31"),
        ("https://gamla.example/a/b/c.html#x", "/a/b/c.html", "/a/b/c.html?utm=1"),
        ("/l%C3%A4kare/intyg", "/läkare/intyg", "/l%C3%A4kare/intyg/"),
        ("/läkare/blad/", "/läkare/blad/", "/läkare/blad"),
        ("/blanketter/samtycke/", "/blanketter/samtycke/", "/blanketter/samtycke/"),
        ("/kompetens/kurser/borta/", "/kompetens/kurser/borta/", "/kompetens/kurser/borta/"),
    ],
)
def test_leads_to_the_page_in_one_step(client, page, written, kept, asked):
    assert stored(written, page) == kept
    response = client.get(asked)

    assert (response.status_code, response.url) == (301, "/provsida/")
    assert client.post("/default.aspx?id=31").status_code in {403, 404, 405}
    assert client.get("/default.aspx?id=32").status_code == 404
    assert client.get("/a%00b/").status_code == 404


def test_the_one_with_its_query_counts_first(client, page):
    other = make_version(page=make_page(slug="annan-sida")).page
    stored("/sida.php", other)
    stored("/sida.php?id=1", page)

    assert client.get("/sida.php?id=1").url == "/provsida/"
    assert client.get("/sida.php?id=2").url == "/annan-sida/"


def test_addresses_that_are_somebodys_are_refused(page):
    make_document(slug="provblad")
    own = "Adressen används av webbplatsen själv."
    shape = "Börja med / och skriv hela sökvägen, till exempel /intyg/gammal-sida/."
    there = "Där finns sidan ”provsida”. Avpublicera den och välj vad som ersätter den, eller "
    for path, message in {
        "/sok/": own,
        "/admin/x/": own,
        "/konto/": own,
        "/api/v1/": own,
        "/organisation/enheter/": own,
        "/provsida/": f"{there}flytta den.",
        "/": shape,
        "intyg": shape,
        "https://gamla.example": shape,
        "/%ff": shape,
        "/a%00b": shape,
        "http://[": shape,
    }.items():
        with pytest.raises(ValidationError) as caught:
            stored(path, page)
        assert caught.value.message_dict == {"old_path": [message]}, path
    assert Redirect.objects.count() == 0


def test_a_page_to_come_never_leads_to_itself(client, page):
    later = make_version(
        page=make_page(slug="framtid"), publish_at=timezone.now() + timedelta(days=1)
    )
    Redirect.objects.create(old_path="/framtid/", page=later.page)

    assert client.get("/framtid/").status_code == 404


def test_pack_carries_redirects_and_former_names(client, tmp_path, page):
    stored("/default.aspx?id=31", page)
    FormerSlug.objects.create(slug="forra-namnet", page=page)
    dump_pack(tmp_path, name="prov")
    files = [tmp_path / "redirects.toml", tmp_path / "former_slugs.toml"]
    written = [file.read_text() for file in files]
    Redirect.objects.all().delete()
    FormerSlug.objects.all().delete()
    page.versions.all().delete()
    page.delete()

    assert load_pack(tmp_path).added == 3
    assert load_pack(tmp_path).changed is False
    assert client.get("/default.aspx?id=31").url == "/provsida/"
    assert client.get("/forra-namnet/").url == "/provsida/"
    dump_pack(tmp_path, name="prov")
    assert [file.read_text() for file in files] == written


def test_pack_knows_a_renamed_page_by_its_former_name(tmp_path, page):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pack.toml").write_text('name = "prov"')
    file = tmp_path / "pages" / "packsida.html"
    text = '+++\ntitle = "T"\nnav_title = "N"\npurpose = "P."\nowner = "%s"\n+++\n<p>%s</p>\n'
    file.write_text(text % (page.owner.code, "Ett."))
    load_pack(tmp_path)
    Page.objects.filter(slug="packsida").update(slug="nytt-namn")
    renamed = Page.objects.get(slug="nytt-namn")
    FormerSlug.objects.create(slug="packsida", page=renamed)
    file.write_text(text % (page.owner.code, "Två."))
    (tmp_path / "redirects.toml").write_text(
        '[[redirect]]\nold_path = "/gammal.htm"\npage = "packsida"\n'
    )

    report = load_pack(tmp_path)

    assert report.drafts == ["pages/packsida.html"]
    assert [v.state for v in renamed.versions.order_by("number")] == ["approved", "draft"]
    assert Redirect.objects.get().page == renamed
    assert not Page.objects.filter(slug="packsida").exists()
