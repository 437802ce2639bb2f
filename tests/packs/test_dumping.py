"""A database out as a pack and in again: the same site."""

import re
from datetime import timedelta

from django.apps import apps

from guidance.models import Page, PageVersion
from portal.packs.dumper import dump_pack
from portal.packs.loader import load_pack
from tests.conftest import NOW

from .folders import APPS, everything, files


def empty_the_tables():
    # Foreign keys are checked when the transaction ends, so any order will do.
    for label in APPS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            model._base_manager.all()._raw_delete("default")


def public_pages(client):
    """The text of every page of the content tree, and of some of every other kind."""
    addresses = re.findall("<loc>http://testserver([^<]*)</loc>", client.get("/sitemap.xml").text)
    pages = {page.get_absolute_url() for page in Page.objects.select_related("parent")}
    others = [address for address in addresses if address not in pages]
    chosen = [*sorted(pages), *others[::30], "/aktuellt/atom.xml"]
    texts = {address: client.get(address).text for address in chosen} | {"all": addresses}
    # A change's identity in feeds belongs to the database that it was made in.
    texts["/aktuellt/atom.xml"] = re.sub(r"urn:uuid:[0-9a-f-]+", "", texts["/aktuellt/atom.xml"])
    return texts


def test_dump_loaded_into_an_empty_database_gives_the_same_site(db, client, tmp_path):
    counts = dump_pack(tmp_path / "ett", name="exempelland")
    before = public_pages(client)
    empty_the_tables()
    assert sum(len(rows) for rows in everything().values()) == 0
    report = load_pack(tmp_path / "ett")
    dump_pack(tmp_path / "tva", name="exempelland")

    assert (report.kept, report.drafts, report.updated) == ([], [], 0)
    assert report.added == sum(counts.values()) + 1  # the values are one entry
    assert files(tmp_path / "tva") == files(tmp_path / "ett")
    assert len(before) > 60
    after = public_pages(client)
    assert after.keys() == before.keys()
    assert {url for url, text in before.items() if after[url] != text} == set()
    assert load_pack(tmp_path / "ett").changed is False


def test_dumped_page_that_is_not_live_does_not_become_public(db, client, tmp_path):
    gone, expired, draft = (
        Page.objects.get(slug=slug) for slug in ("ordlista", "intyg", "tidslinje")
    )
    PageVersion.objects.filter(page=gone).update(
        state="withdrawn",
        withdrawn_at=NOW,
        end_reason="Slagits ihop.",
        successor=Page.objects.get(slug="samtycke"),
    )
    PageVersion.objects.filter(page=expired).update(
        publish_at=NOW - timedelta(days=1), expire_at=NOW - timedelta(hours=1)
    )
    PageVersion.objects.filter(page=draft).update(state="draft")
    addresses = [page.get_absolute_url() for page in (gone, expired, draft)]
    assert [client.get(address).status_code for address in addresses] == [410, 410, 404]
    dump_pack(tmp_path / "ett", name="ett")
    empty_the_tables()
    load_pack(tmp_path / "ett")
    dump_pack(tmp_path / "tva", name="ett")

    assert files(tmp_path / "tva") == files(tmp_path / "ett")
    assert [client.get(address).status_code for address in addresses] == [410, 410, 404]
    assert "Slagits ihop." in client.get(addresses[0]).text
