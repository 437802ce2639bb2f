"""Indicators as files and JSON for others: what each says agrees, and what describes them."""

import csv
import io
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from followup.open_data import STATES
from portal.tables.writing import xlsx_of

pytestmark = pytest.mark.django_db

BASE = "/uppfoljning/indikatorer"
NS = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
RESOURCE = f"{{{NS['rdf']}}}resource"
ABOUT = f"{{{NS['rdf']}}}about"


def csv_rows(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def sheet_rows(content, name):
    header, *rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("part", "states"),
    [
        ("komp-andel", {"value", "hidden"}),
        ("komp-andel/2025", {"value", "hidden"}),
        ("sjuk-1000-median", {"value"}),
    ],
)
def test_all_files_say_the_same(client, part, states):
    table = csv_rows(client.get(f"{BASE}/{part}.csv"))
    items = client.get(f"{BASE}/{part}.json").json()["items"]
    sheet = sheet_rows(client.get(f"{BASE}/{part}.xlsx").content, "Värden")
    code, _, year = part.partition("/")
    api = client.get(f"/api/v1/indicators/{code}", {"year": year} if year else {}).json()["values"]
    words = {str(state): word for state, word in STATES.items()}

    assert len(items) > 10
    assert {row["state"] for row in items} >= states
    assert [(row["hsa_id"], int(row["year"]), row["sex"], row["state"]) for row in table] == [
        (row["hsa_id"], row["year"], row["sex"], row["state"]) for row in items
    ]
    assert [{name: each for name, each in row.items() if name != "indicator"} for row in items] == (
        api
    )
    assert [
        (row["HSA-id"], row["år"], row["läge"], row["värde"], row["täljare"]) for row in sheet
    ] == [
        (
            row["hsa_id"],
            row["year"],
            words[row["state"]],
            "" if row["value"] is None else row["value"],
            "" if row["numerator"] is None else row["numerator"],
        )
        for row in items
    ]


def test_workbook_tells_what_the_values_are(client):
    response = client.get(f"{BASE}/komp-andel.xlsx")
    about = {row["Uppgift"]: row["Text"] for row in sheet_rows(response.content, "Om indikatorn")}

    assert response.headers["Content-Disposition"] == 'attachment; filename="komp-andel.xlsx"'
    assert about["Källa"] == "Intygsstatistik"
    assert about["HSA-id"] == "Enhetens HSA-id; tomt för hela regionen."
    assert about["Döljs"] == "Antal under 5, och tal som annars skulle avslöja dem."


def test_description_follows_the_file(client):
    response = client.get(f"{BASE}/komp-andel/2025.csv")
    link = response.headers["Link"]
    address = link.partition("<")[2].partition(">")[0]
    told = client.get(address.removeprefix("http://testserver"))
    columns = told.json()["tableSchema"]["columns"]

    assert link == (
        f"<http://testserver{BASE}/komp-andel/2025.csv-metadata.json>; "
        'rel="describedby"; type="application/csvm+json"'
    )
    assert told.headers["Content-Type"] == "application/csvm+json; charset=utf-8"
    assert told.json()["url"] == f"http://testserver{BASE}/komp-andel/2025.csv"
    assert [each["titles"] for each in columns] == [[name] for name in csv_rows(response)[0]]
    assert columns[7]["dc:description"].startswith("Intyg där Försäkringskassan begärt")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "csv-metadata.json"])
def test_year_without_values_is_not_found(client, ending):
    assert client.get(f"{BASE}/komp-andel/1999.{ending}").status_code == 404
    assert client.get(f"{BASE}/finns-inte.{ending}").status_code == 404


def test_api_says_what_is_wrong(client):
    unknown = client.get("/api/v1/indicators/finns-inte")
    empty = client.get("/api/v1/indicators/komp-andel", {"year": "1999"})
    odd = client.get("/api/v1/indicators/komp-andel", {"year": "i fjol"})

    assert (unknown.status_code, empty.status_code, odd.status_code) == (404, 404, 422)
    assert odd.json()["errors"] == {"year": ["Värdet går inte att tyda."]}


def test_api_lists_indicators_and_describes_itself(client):
    rows = client.get("/api/v1/indicators/").json()
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    assert {row["code"]: row["kind"] for row in rows}["sjuk-1000-median"] == "derived"
    assert {"/api/v1/indicators/", "/api/v1/indicators/{code}"} <= set(paths)


def test_catalogue_leads_to_files_that_are_there(client):
    response = client.get("/dcat.rdf")
    graph = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    listed = [each.get(RESOURCE) for each in graph.findall("dcat:Catalog/dcat:dataset", NS)]
    files = {each.get(ABOUT): each for each in graph.findall("dcat:Distribution", NS)}

    assert response.headers["Content-Type"] == "application/rdf+xml"
    assert listed == [each.get(ABOUT) for each in graph.findall("dcat:Dataset", NS)]
    assert f"http://testserver{BASE}/komp-andel/#data" in listed
    assert len(files) == 3 * len(listed)
    for address, each in files.items():
        found = client.get(address.removeprefix("http://testserver"))
        kind = each.find("dct:format", NS).text

        assert found.status_code == 200
        assert found.headers["Content-Type"].partition(";")[0] == kind


def test_catalogue_costs_the_same_for_every_number_of_indicators(
    client, django_assert_max_num_queries
):
    client.get("/dcat.rdf")
    with django_assert_max_num_queries(6):
        client.get("/dcat.rdf")


def test_workbook_has_texts_and_numbers_and_no_formula():
    content = xlsx_of(
        {"Blad": [["a", "b"], ["=1+1", 2.5], ["http://example.org", None], ["\x00å\ud800", ""]]}
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    assert rows == [["a", "b"], ["=1+1", 2.5], ["http://example.org", ""], ["å", ""]]
    assert b"<f>" not in content
