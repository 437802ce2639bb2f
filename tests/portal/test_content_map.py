"""The pages, addresses and anchors that the content map promises (content_map.csv)."""

import csv
import re
from pathlib import Path

import pytest

from education.models import CompetenceArea
from followup.models import Indicator
from guidance.models import GlossaryTerm, LegalReference, PageVersion
from organisation.models import Profession, Role, Unit

with (Path(__file__).parent / "content_map.csv").open(encoding="utf-8") as file:
    PAGES = list(csv.DictReader(file, delimiter=";"))

IN_FULL = [
    "start",
    "definition",
    "sjukskrivningsprocessen",
    "forsakringsmedicinsk-bedomning",
    "tidslinje",
    "lakarintyg-for-sjukpenning",
    "skriva-bra-intyg",
    "rehabkoordinering",
    "koordinering-steg-for-steg",
    "samtycke",
    "roller-och-ansvar",
    "utbildningsstruktur",
]


def address(row):
    if row["slug"] == "start":
        return "/"
    return f"/{row['parent']}/{row['slug']}/" if row["parent"] else f"/{row['slug']}/"


def ids_on(client, url):
    return set(re.findall(r'\bid="([^"]+)"', client.get(url).content.decode()))


def test_the_map_has_72_pages():
    assert len(PAGES) == 72


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row["slug"])
def test_page_stands_at_its_address_with_its_anchors(client, db, row):
    ids = ids_on(client, address(row))

    assert set(row["anchors"].split()) - ids == set()


@pytest.mark.parametrize(
    ("url", "model", "field"),
    [
        ("/organisation/roller-och-ansvar/", Role, "code"),
        ("/kompetens/kompetensomraden/", CompetenceArea, "code"),
        ("/uppfoljning/indikatorer/", Indicator, "code"),
        ("/lagar-och-regler/", LegalReference, "code"),
        ("/ordlista/", GlossaryTerm, "anchor"),
    ],
)
def test_register_page_has_an_anchor_for_each_row(client, db, url, model, field):
    wanted = set(model.objects.values_list(field, flat=True))

    assert wanted
    assert wanted - ids_on(client, url) == set()


def test_every_page_says_purpose_owner_and_audience(db):
    slugs = [row["slug"] for row in PAGES]
    versions = PageVersion.objects.live().filter(page__slug__in=slugs).select_related("page")

    assert len(versions) == 72
    assert {v.page.slug for v in versions if not v.page.purpose or not v.page.owner_id} == set()
    assert {v.page.slug for v in versions if not v.page.audiences.exists()} == set()


@pytest.mark.parametrize("slug", IN_FULL)
def test_core_page_is_written_in_full(db, slug):
    version = PageVersion.objects.live().get(page__slug=slug)
    words = len(re.sub(r"<[^>]+>", " ", version.rendered).split())

    assert words >= (150 if slug == "start" else 250)
    if slug != "start":
        assert 3 <= len(version.brief) <= 5


def test_tables_of_the_map_are_loaded(db):
    assert Role.objects.count() == 15
    assert LegalReference.objects.count() == 25
    assert Indicator.objects.count() == 6
    assert CompetenceArea.objects.count() == 5
    assert Profession.objects.exclude(code="alla").count() == 14
    assert Unit.objects.public().count() == 25


def test_texts_that_nobody_has_reviewed_say_so(client, db):
    for url in ("/sjukskrivningsprocessen/", "/kompetens/kurser/", "/organisation/enheter/"):
        text = client.get(url).content.decode()

        assert "ännu inte granskad" in text
        assert "Nästa granskning" not in text
