"""Charts as pictures of their own: what they say, and that they show what everybody may see."""

import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model

from followup.disclosure import current_releases
from followup.models import Indicator
from followup.reports import unit_series
from organisation.models import Unit
from tests.pages import main_of

pytestmark = pytest.mark.django_db

CODE = "langa-90"
PAGE = f"/uppfoljning/indikatorer/{CODE}/"
REGION = f"/uppfoljning/indikatorer/{CODE}.svg"
SVG = "{http://www.w3.org/2000/svg}"


def picture(response):
    """(the texts, how many values are drawn) of a picture that needs nothing from elsewhere."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/svg+xml"
    written = response.content.decode().replace('xmlns="http://www.w3.org/2000/svg"', "", 1)
    assert not re.search(r"http|url\(|href|style|class=|%\"", written)
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    return [each.text for each in root.iter(f"{SVG}text")], len(list(root.iter(f"{SVG}circle")))


def compared_units():
    kinds = Indicator.objects.get(code=CODE).comparison_kinds.all()
    return Unit.objects.public().filter(kind__in=kinds).order_by("pk")


def drawn_at(unit):
    [row] = [row for row in unit_series(unit) if row.indicator.code == CODE]
    return row.series


def test_picture_of_the_region_says_what_whose_when_and_from_where(client):
    texts, values = picture(client.get(REGION))

    assert texts[:2] == ["Sjukfall över 90 dagar", "Region Exempelland: 22,5\u00a0% år 2025"]
    assert {"2021", "2025"} <= {*texts}
    assert texts[-1].startswith("Källa: Intygsstatistik, längdgrupperna från 91 dagar och uppåt")
    assert "(påhittade siffror). Publicerad " in texts[-1]
    assert values == len(
        current_releases([indicator := Indicator.objects.get(code=CODE)])[indicator.pk]
    )
    assert REGION in main_of(client.get(PAGE))


def test_picture_of_a_unit_shows_its_own_values(client):
    unit = next(unit for unit in compared_units() if drawn_at(unit).chart)
    address = f"/uppfoljning/enheter/{unit.hsa_id}/{CODE}.svg"

    texts, values = picture(client.get(address))

    assert texts[1].startswith(f"{unit.name}: ")
    assert values == len(drawn_at(unit).shown)
    assert address in main_of(client.get(f"/uppfoljning/enheter/{unit.hsa_id}/"))


def test_picture_holds_what_everybody_may_see_whoever_asks(client):
    everybodys = {
        unit.hsa_id: client.get(f"/uppfoljning/enheter/{unit.hsa_id}/{CODE}.svg")
        for unit in compared_units()
    }
    hidden = [unit for unit in compared_units() if len(drawn_at(unit).shown) < 5]
    assert hidden  # small counts: the page hides them
    client.force_login(get_user_model().objects.create_superuser("su@example.org", "x"))

    for unit in hidden:
        before = everybodys[unit.hsa_id]
        after = client.get(f"/uppfoljning/enheter/{unit.hsa_id}/{CODE}.svg")
        assert after.status_code == before.status_code
        if before.status_code == 200:
            assert after.content == before.content
            assert picture(after)[1] == len(drawn_at(unit).shown)


def test_what_has_no_chart_has_no_picture(client):
    region = Unit.objects.public().exclude(pk__in=compared_units()).first()
    derived = "/uppfoljning/indikatorer/sjuk-1000-median"

    assert client.get(f"/uppfoljning/enheter/{region.hsa_id}/{CODE}.svg").status_code == 404
    assert client.get(f"{derived}.svg").status_code == 404
    assert ".svg" not in main_of(client.get(f"{derived}/"))


def test_names_are_written_as_text(client):
    Indicator.objects.filter(code=CODE).update(name="<b>& \"A\" 'B'", source="S < T")

    texts, _ = picture(client.get(REGION))

    assert texts[0] == "<b>& \"A\" 'B'"
    assert "S < T" in texts[-1]
