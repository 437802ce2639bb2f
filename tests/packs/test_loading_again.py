"""A pack that is loaded again: nothing doubled, and what editors changed is kept."""

from datetime import timedelta

import pytest

from followup.models import Measurement
from guidance.models import Page, PageVersion, ProcessStep
from organisation.models import Responsibility, Role
from portal.packs.loader import load_pack
from portal.packs.models import PackEntry
from portal.publishing.models import VersionState
from tests.conftest import NOW
from tests.factories import make_version

from .folders import add_to_page, everything, live_number, replace, role, versions, write


def test_second_load_changes_nothing(pack):
    before = everything()
    report = load_pack(pack)

    assert (report.added, report.updated, report.kept, report.drafts) == (0, 0, [], [])
    assert report.unchanged == PackEntry.objects.count()
    assert everything() == before


def test_second_load_on_another_day_changes_nothing(pack, clock):
    before = everything()
    clock.move_to(NOW + timedelta(days=400))
    load_pack(pack)

    assert everything() == before


def test_row_that_an_editor_changed_is_kept_and_named(pack):
    Role.objects.filter(code="processtod").update(mandate="Redaktörens ord.")
    old = Role.objects.get(code="fma").mandate
    replace(pack, "roles.toml", 'code = "processtod"', 'code = "processtod"\nreview_note = "Ny."')
    replace(pack, "roles.toml", old, "Paketets nya ord.")
    report = load_pack(pack)

    assert report.kept == ["roles.toml, processtod"]
    assert (report.added, report.updated, report.drafts) == (0, 1, [])
    kept = Role.objects.get(code="processtod")
    assert (kept.mandate, kept.review_note) == ("Redaktörens ord.", "")
    assert Role.objects.get(code="fma").mandate == "Paketets nya ord."
    assert load_pack(pack).kept == []


def test_editors_change_is_kept_while_the_pack_stays_as_it_was(pack):
    Role.objects.filter(code="processtod").update(mandate="Redaktörens ord.")
    before = everything()
    report = load_pack(pack)

    assert (report.changed, report.kept) == (False, [])
    assert everything() == before


def test_editors_change_of_a_rows_children_counts(pack):
    Responsibility.objects.filter(role__code="processtod").first().delete()
    left = Responsibility.objects.filter(role__code="processtod").count()
    replace(pack, "roles.toml", 'code = "processtod"', 'code = "processtod"\nreview_note = "Ny."')

    assert load_pack(pack).kept == ["roles.toml, processtod"]
    assert Responsibility.objects.filter(role__code="processtod").count() == left


def test_row_that_an_editor_deleted_does_not_come_back(small_pack):
    load_pack(small_pack)
    Role.objects.get(code="prov-roll").delete()
    write(small_pack, "roles.toml", role("prov-roll", mandate="Ny text."))

    assert load_pack(small_pack).kept == ["roles.toml, prov-roll"]
    assert not Role.objects.filter(code="prov-roll").exists()


def test_row_that_was_here_before_the_pack_is_kept(small_pack):
    mine = Role.objects.create(code="prov-roll", title="Min", level="unit", mandate="Mitt.")

    assert load_pack(small_pack).kept == ["roles.toml, prov-roll"]
    mine.refresh_from_db()
    assert mine.title == "Min"


def test_unedited_page_gets_the_packs_text_as_a_new_version(pack, client):
    add_to_page(pack, "samtycke", "<p>Paketets nya mening.</p>")
    report = load_pack(pack)

    assert (report.updated, report.added, report.kept, report.drafts) == (1, 0, [], [])
    assert versions("samtycke") == [(1, "approved"), (2, "approved")]
    response = client.get("/sekretess-och-samtycke/samtycke/")
    assert "Paketets nya mening." in response.content.decode()
    old, new = PageVersion.objects.filter(page__slug="samtycke").order_by("number")
    assert new.body == f"{old.body}\n<p>Paketets nya mening.</p>"
    assert load_pack(pack).changed is False


def test_new_version_of_a_page_takes_its_steps_with_their_identities(pack):
    slug = ProcessStep.objects.order_by("pk").first().version.page.slug
    add_to_page(pack, slug, "<p>Nytt.</p>")
    load_pack(pack)
    *_, old, new = PageVersion.objects.filter(page__slug=slug).order_by("number")

    assert [*new.steps.values_list("uuid", "anchor", "title", "text")] == [
        *old.steps.values_list("uuid", "anchor", "title", "text")
    ]
    assert old.steps.count() > 1


@pytest.mark.parametrize(
    ("fields", "live"),
    [
        ({"state": VersionState.APPROVED}, 2),
        ({"state": VersionState.DRAFT, "publish_at": None}, 1),
        ({"state": VersionState.IN_REVIEW, "publish_at": None}, 1),
        ({"publish_at": NOW + timedelta(days=7)}, 1),
    ],
    ids=["published", "draft", "in review", "waiting"],
)
def test_page_with_an_editors_version_gets_the_packs_text_as_a_draft(
    pack, client, clock, fields, live
):
    page = Page.objects.get(slug="samtycke")
    make_version(page=page, title="Redaktörens", rendered="<p>R</p>", **fields)
    before = client.get("/sekretess-och-samtycke/samtycke/").content
    add_to_page(pack, "samtycke", "<p>Paketets nya mening.</p>")
    report = load_pack(pack)

    assert report.drafts == ["pages/samtycke.html"]
    assert (report.added, report.updated, report.kept) == (0, 0, [])
    assert versions("samtycke")[2] == (3, "draft")
    assert live_number("samtycke") == live
    draft = PageVersion.objects.get(page=page, number=3)
    assert draft.body.endswith("<p>Paketets nya mening.</p>")
    assert client.get("/sekretess-och-samtycke/samtycke/").content == before
    assert load_pack(pack).drafts == []
    clock.move_to(NOW + timedelta(days=8))
    if fields.get("publish_at"):
        assert live_number("samtycke") == 2


def test_page_that_an_editor_moved_keeps_its_place(pack):
    Page.objects.filter(slug="samtycke").update(nav_title="Redaktörens titel")
    add_to_page(pack, "samtycke", "<p>Ny.</p>")

    assert load_pack(pack).drafts == ["pages/samtycke.html"]
    assert Page.objects.get(slug="samtycke").nav_title == "Redaktörens titel"
    assert live_number("samtycke") == 1


def test_values_that_somebody_changed_are_kept(pack):
    replace(pack, "pack.toml", "seed = 2026", "seed = 2027")
    changed = Measurement.objects.filter(state="value").first()
    Measurement.objects.filter(pk=changed.pk).update(denominator=99_999)
    before = Measurement.objects.count()

    assert load_pack(pack).kept == ["mätvärden"]
    assert Measurement.objects.get(pk=changed.pk).denominator == 99_999
    assert Measurement.objects.count() == before
