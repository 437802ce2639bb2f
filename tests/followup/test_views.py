import csv
import io
import re
from datetime import date

import pytest

from followup.models import Indicator, Measurement, YearlyTask
from tests.factories import (
    let_out,
    make_indicator,
    make_measurement,
    make_role,
    make_unit,
    make_unit_kind,
)
from tests.pages import found, main_of, queries_of, words

INDICATORS = "/uppfoljning/indikatorer/"


@pytest.fixture
def kind(db):
    return make_unit_kind()


@pytest.fixture
def indicator(kind):
    indicator = make_indicator(code="prov-andel", name="Provandel")
    indicator.comparison_kinds.add(kind)
    return indicator


@pytest.fixture
def ours(kind):
    return make_unit(name="Vår enhet", kind=kind, hsa_id="SE0000000099-E0001")


@pytest.fixture
def theirs(kind):
    return make_unit(name="Deras enhet", kind=kind, hsa_id="SE0000000099-E0002")


def measure(indicator, unit, sex="total", **years):
    """Released values a year: measure(…, y2024=(30, 100))."""
    for year, (numerator, denominator) in years.items():
        make_measurement(
            indicator=indicator,
            unit=unit,
            sex=sex,
            year=int(year[1:]),
            numerator=numerator,
            denominator=denominator,
        )
    let_out(indicator)


@pytest.fixture
def values(indicator, ours, theirs):
    """Ours 20, 40, 30 per cent; the region 20, 50, 40."""
    measure(indicator, ours, y2023=(20, 100), y2024=(40, 100), y2025=(30, 100))
    measure(indicator, theirs, y2023=(20, 100), y2024=(60, 100), y2025=(50, 100))


def url_of(indicator, ending="/"):
    return f"{INDICATORS}{indicator.code}{ending}"


def report_of(unit):
    return f"/uppfoljning/enheter/{unit.hsa_id}/"


def csv_rows(client, url):
    """The export's rows without the heading, as a spreadsheet reads them."""
    response = client.get(url)
    assert response.status_code == 200
    text = response.content.decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text), delimiter=";")][1:]


def json_rows(client, url):
    return client.get(url).json()["items"]


def year_table(main):
    """The rows of a series' table, in words."""
    [table] = re.findall(r"<details class=\"accordion\">.*?</table>", main, re.S)
    return found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", table)


def drawing(main):
    """What a series' chart draws: dots' heights and the lines' points."""
    dots = re.findall(r'<circle class="dot" cx="[\d.]+%" cy="([\d.]+)%"', main)
    return dots, re.findall(r'<polyline class="unit" points="([^"]*)"', main)


def bars(main):
    """{unit: (its value, its bar's width)}"""
    [table] = re.findall(r'<table class="bars">.*?</table>', main, re.S)
    rows = [words(row) for row in re.findall(r"<th scope=\"row\">(.*?)</td>", table, re.S)]
    widths = re.findall(r'<rect class="bar"[^>]* width="([\d.]+)%"', table)
    return dict(zip(rows, widths, strict=True))


def figures_of(client, unit):
    """The figures on a unit's own page."""
    return found(r'<dd class="figure">(.*?)</dd>', main_of(client.get(unit.get_absolute_url())))


# One stored value, five forms


def test_one_changed_value_changes_every_form_on_the_indicator_page(
    client, indicator, ours, values
):
    def forms():
        main = main_of(client.get(url_of(indicator)))
        [sentence, *_] = found(r"<figcaption.*?<p>(.*?)</p>", main)
        return {
            "sentence": sentence,
            "drawing": drawing(main),
            "table": year_table(main)[-1],
            "bars": bars(main),
            "json": [
                (row["unit"], row["value"], row["numerator"])
                for row in json_rows(client, url_of(indicator, "/2025.json"))
            ],
            "csv": [
                (row[2], row[6], row[7]) for row in csv_rows(client, url_of(indicator, "/2025.csv"))
            ],
        }

    assert forms() == {
        "sentence": "Regionen hade 40,0 % år 2025, upp från 20,0 % år 2023. "
        "Osäkerheten är 33,5 % till 46,9 %.",
        "drawing": (["66.67", "16.67", "33.33"], ["0,666.7 500,166.7 1000,333.3"]),
        "table": "2025 40,0 % 33,5–46,9 % saknas saknas 80 200 –",
        "bars": {"Deras enhet 50,0 %": "95.0", "Vår enhet 30,0 %": "57.0"},
        "json": [("Regionen", 40.0, 80), ("Deras enhet", 50.0, 50), ("Vår enhet", 30.0, 30)],
        "csv": [
            ("Regionen", "40,0", "80"),
            ("Deras enhet", "50,0", "50"),
            ("Vår enhet", "30,0", "30"),
        ],
    }

    Measurement.objects.filter(indicator=indicator, unit=ours, year=2025).update(numerator=25)
    let_out(indicator)

    assert forms() == {
        "sentence": "Regionen hade 37,5 % år 2025, upp från 20,0 % år 2023. "
        "Osäkerheten är 31,1 % till 44,4 %.",
        "drawing": (["66.67", "16.67", "37.5"], ["0,666.7 500,166.7 1000,375"]),
        "table": "2025 37,5 % 31,1–44,4 % saknas saknas 75 200 –",
        "bars": {"Deras enhet 50,0 %": "95.0", "Vår enhet 25,0 %": "47.5"},
        "json": [("Regionen", 37.5, 75), ("Deras enhet", 50.0, 50), ("Vår enhet", 25.0, 25)],
        "csv": [
            ("Regionen", "37,5", "75"),
            ("Deras enhet", "50,0", "50"),
            ("Vår enhet", "25,0", "25"),
        ],
    }


def test_one_changed_value_changes_every_form_on_the_unit_report(client, indicator, ours, values):
    def forms():
        main = main_of(client.get(report_of(ours)))
        [sentence] = found(r"<figcaption.*?<p>(.*?)</p>", main)
        return sentence, drawing(main), year_table(main)

    assert forms() == (
        "Vår enhet hade 30,0 % år 2025, upp från 20,0 % år 2023. "
        "Osäkerheten är 21,9 % till 39,6 %.",
        (["75.0", "25.0", "50.0"], ["0,750 500,250 1000,500"]),
        [
            "2023 20,0 % 13,3–28,9 % saknas saknas 20 100 –",
            "2024 40,0 % 30,9–49,8 % saknas saknas 40 100 –",
            "2025 30,0 % 21,9–39,6 % saknas saknas 30 100 –",
        ],
    )

    Measurement.objects.filter(indicator=indicator, unit=ours, year=2025).update(numerator=25)
    let_out(indicator)

    assert forms() == (
        "Vår enhet hade 25,0 % år 2025, upp från 20,0 % år 2023. "
        "Osäkerheten är 17,5 % till 34,3 %.",
        (["75.0", "25.0", "62.5"], ["0,750 500,250 1000,625"]),
        [
            "2023 20,0 % 13,3–28,9 % saknas saknas 20 100 –",
            "2024 40,0 % 30,9–49,8 % saknas saknas 40 100 –",
            "2025 25,0 % 17,5–34,3 % saknas saknas 25 100 –",
        ],
    )


def test_changed_value_changes_the_unit_page_and_the_indicator_list(
    client, indicator, ours, values
):
    def figures():
        cards = main_of(client.get(INDICATORS))
        [card] = re.findall(r'<article[^>]*id="prov-andel">(.*?)</article>', cards, re.S)
        return figures_of(client, ours), "37,5 %" in words(card)

    assert figures() == (["30,0 %"], False)
    Measurement.objects.filter(indicator=indicator, unit=ours, year=2025).update(numerator=25)
    let_out(indicator)
    assert figures() == (["25,0 %"], True)


def test_sentence_tells_the_units_median(client, indicator, kind, ours):
    measure(indicator, ours, y2025=(50, 100))
    for count in (10, 20, 30, 40):
        measure(indicator, make_unit(kind=kind), y2025=(count, 100))

    [sentence] = found(r"<figcaption.*?<p>(.*?)</p>", main_of(client.get(report_of(ours))))

    assert sentence == (
        "Vår enhet hade 50,0 % år 2025. Osäkerheten är 40,4 % till 59,6 %. "
        "Det är över enheternas median, 30,0 %."
    )


# Hidden values


@pytest.fixture
def small(indicator, ours, theirs, kind):
    """Our women are 3 of 47; theirs must be hidden with them, a third unit's must not."""
    third = make_unit(name="Tredje enheten", kind=kind)
    for unit, women, men in (
        (ours, (3, 47), (20, 53)),
        (theirs, (11, 61), (13, 67)),
        (third, (31, 71), (37, 73)),
    ):
        measure(indicator, unit, "women", y2025=women)
        measure(indicator, unit, "men", y2025=men)
        measure(indicator, unit, y2025=tuple(map(sum, zip(women, men, strict=True))))


HIDDEN_SHARES = ["6,4", "37,7", "18,0", "19,4"]  # 3/47, 20/53, 11/61, 13/67
HIDDEN_NUMERATORS = {("Vår enhet", "women"), ("Vår enhet", "men")} | {
    ("Deras enhet", "women"),
    ("Deras enhet", "men"),
}


def test_hidden_values_are_on_no_page(client, indicator, ours, theirs, small):
    urls = [url_of(indicator), url_of(indicator, "/2025/")]
    urls += [page for unit in (ours, theirs) for page in (report_of(unit), unit.get_absolute_url())]

    for url in urls:
        page = words(client.get(url).content.decode())
        # Ends of shown values' intervals may look like a hidden share.
        shares = re.findall(r"\d+,\d", re.sub(r"\d+,\d( % till |–)\d+,\d", "", page))
        assert set(HIDDEN_SHARES) & set(shares) == set()

    assert year_table(main_of(client.get(report_of(ours)))) == [
        "2025 23,0 % 15,8–32,2 % dolt dolt 23 100 –"
    ]
    assert year_table(main_of(client.get(report_of(theirs)))) == [
        "2025 18,8 % 12,9–26,4 % dolt dolt 24 128 –"
    ]


def test_hidden_values_are_in_no_export(client, indicator, small):
    items = json_rows(client, url_of(indicator, ".json"))
    rows = csv_rows(client, url_of(indicator, ".csv"))

    hidden = {(row["unit"], row["sex"]) for row in items if row["state"] == "hidden"}
    assert hidden == HIDDEN_NUMERATORS
    assert {(row["value"], row["numerator"]) for row in items if row["state"] == "hidden"} == {
        (None, None)
    }
    assert {(row[2], row[4]) for row in rows if row[5] == "hidden"} == HIDDEN_NUMERATORS
    assert {(row[6], row[7]) for row in rows if row[5] == "hidden"} == {("", "")}
    assert len(items) == len(rows) == 12


def test_hidden_total_is_told_without_its_number(client, indicator, kind, ours, theirs):
    measure(indicator, ours, y2024=(30, 47), y2025=(3, 47))
    measure(indicator, theirs, y2024=(30, 61), y2025=(11, 61))
    measure(indicator, make_unit(kind=kind), y2024=(30, 71), y2025=(31, 71))

    main = main_of(client.get(report_of(ours)))
    page = main_of(client.get(url_of(indicator)))

    [sentence] = found(r"<figcaption.*?<p>(.*?)</p>", main)
    assert sentence == (
        "Vår enhet hade 63,8 % år 2024. Osäkerheten är 49,5 % till 76,0 %. "
        "Värdet för 2025 visas inte."
    )
    assert year_table(main)[-1] == "2025 dolt – saknas saknas – – –"
    assert len(drawing(main)[0]) == 1
    assert found(
        r'<dd class="figure">(.*?)</dd>', main_of(client.get(ours.get_absolute_url()))
    ) == ["dolt"]
    table = found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", page.partition('class="bars"')[2])
    assert [row for row in table if row.endswith("dolt")] == ["Deras enhet dolt", "Vår enhet dolt"]
    assert "6,4" not in page


def test_unit_with_only_hidden_values_says_so(client, indicator, ours, theirs):
    measure(indicator, ours, y2025=(3, 47))
    measure(indicator, theirs, y2025=(11, 61))

    main = main_of(client.get(report_of(ours)))

    assert found(r"<figcaption.*?<p>(.*?)</p>", main) == [
        "Vår enhet har inga värden att visa: de saknas eller är dolda för att talen är små."
    ]
    assert drawing(main) == ([], [])


def test_true_zero_is_shown(client, indicator, ours):
    measure(indicator, ours, y2025=(0, 100))

    assert year_table(main_of(client.get(report_of(ours)))) == [
        "2025 0,0 % 0,0–3,7 % saknas saknas 0 100 –"
    ]


# Pages


def test_unit_without_values_says_so(client, indicator, ours, theirs):
    measure(indicator, theirs, y2025=(50, 100))

    main = main_of(client.get(report_of(ours)))

    assert found(r"<figcaption.*?<p>(.*?)</p>", main) == [
        "Vår enhet har inga värden att visa: de saknas eller är dolda."
    ]
    assert year_table(main) == ["2025 saknas – saknas saknas – – –"]
    assert "<circle" not in main
    assert found(
        r'<dd class="figure">(.*?)</dd>', main_of(client.get(ours.get_absolute_url()))
    ) == ["saknas"]


def test_unit_of_a_kind_that_no_indicator_compares(client, db):
    unit = make_unit()

    assert "Ingen indikator jämför enheter av den här typen." in main_of(
        client.get(report_of(unit))
    )
    assert "Enhetens indikatorer" not in main_of(client.get(unit.get_absolute_url()))


def test_unit_page_says_why_a_figure_is_hidden(client, db):
    main = words(main_of(client.get("/organisation/enheter/SE0000000000-E1005/")))

    assert "Kompletteringar dolt 2025, för att talen är små" in main
    assert main.count("för att talen är små") == main.count(" dolt ") == 1


def test_indicator_without_values(client, indicator):
    response = client.get(url_of(indicator))

    assert response.status_code == 200
    assert "Inga värden är publicerade." in main_of(response)
    assert json_rows(client, url_of(indicator, ".json")) == []
    assert csv_rows(client, url_of(indicator, ".csv")) == []


def test_chosen_year_shows_its_units(client, indicator, values):
    main = main_of(client.get(url_of(indicator, "/2024/")))

    assert bars(main) == {"Deras enhet 60,0 %": "95.0", "Vår enhet 40,0 %": "63.33"}
    assert found(r'aria-current="true">(.*?)</a>', main) == ["2024"]


@pytest.mark.parametrize("ending", ["/", ".csv", ".json"])
@pytest.mark.parametrize("year", ["2019", "0", "99999999999", "i-fjol", "-1"])
def test_year_without_values_is_not_found(client, indicator, values, year, ending):
    assert client.get(url_of(indicator, f"/{year}{ending}")).status_code == 404


@pytest.mark.parametrize("ending", ["/", ".csv", ".json", "/2025/", "/2025.csv", "/2025.json"])
def test_unknown_code_is_not_found(client, db, ending):
    assert client.get(f"{INDICATORS}finns-inte{ending}").status_code == 404


def test_export_of_a_year_holds_only_that_year(client, indicator, values):
    rows = csv_rows(client, url_of(indicator, "/2024.csv"))

    assert {row[3] for row in rows} == {"2024"}
    assert {row["year"] for row in json_rows(client, url_of(indicator, ".json"))} == {
        2023,
        2024,
        2025,
    }


def test_csv_is_told_as_a_file_that_spreadsheets_read(client, indicator, values):
    response = client.get(url_of(indicator, "/2025.csv"))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == ('attachment; filename="prov-andel-2025.csv"')
    assert response.content.startswith(b"\xef\xbb\xbfindicator;hsa_id;unit;year;")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_holds_no_formula(client, indicator, ours, sign):
    ours.name = f"{sign}HYPERLINK(A1)"
    ours.save()
    measure(indicator, ours, y2025=(30, 100))

    names = [row[2] for row in csv_rows(client, url_of(indicator, ".csv"))]

    assert names == ["Regionen", f"'{ours.name}"]


def test_csv_keeps_signs_that_separate_columns(client, indicator, ours):
    ours.name = 'Enhet; "norra"'
    ours.save()
    measure(indicator, ours, y2025=(30, 100))

    assert [row[2] for row in csv_rows(client, url_of(indicator, ".csv"))] == [
        "Regionen",
        'Enhet; "norra"',
    ]


def test_json_tells_what_it_holds(client, indicator, values):
    body = client.get(url_of(indicator, ".json")).json()
    body.pop("items")

    assert body == {
        "indicator": "prov-andel",
        "name": "Provandel",
        "kind": "proportion",
        "source": "Prov",
        "invented": True,
        "threshold": 5,
    }


def test_derived_indicator_shows_distance_and_its_sources_threshold(client, indicator, kind):
    for count in (10, 20, 30, 40, 50):
        measure(indicator, make_unit(name=f"Enhet {count}", kind=kind), y2025=(count, 100))
    indicator.threshold = 8
    indicator.save()
    let_out(indicator)
    derived = make_indicator(code="prov-avstand", kind="derived", derived_from=indicator)

    main = main_of(client.get(url_of(derived)))

    assert found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", main) == [
        "Enhet 30 0,0",
        "Enhet 20 −10,0",
        "Enhet 40 +10,0",
        "Enhet 10 −20,0",
        "Enhet 50 +20,0",
    ]
    assert "Antal under 8 döljs" in main
    exported = client.get(url_of(derived, ".json")).json()
    assert exported["threshold"] == 8
    assert {row["unit"]: row["value"] for row in exported["items"] if row["year"] == 2025} == {
        "Enhet 10": -20.0,
        "Enhet 20": -10.0,
        "Enhet 30": 0.0,
        "Enhet 40": 10.0,
        "Enhet 50": 20.0,
    }
    assert {row["numerator"] for row in exported["items"]} == {None}


def test_lower_case_hsa_id_leads_to_the_report(client, ours):
    response = client.get("/uppfoljning/enheter/se0000000099-e0001/")

    assert (response.status_code, response.url) == (301, report_of(ours))


def test_report_of_a_closed_unit_is_gone_of_an_unknown_or_a_level_not_found(client, db):
    closed = make_unit(valid_to=date(2026, 11, 23))
    level = make_unit(kind=make_unit_kind(level="region"))
    addresses = [report_of(closed), report_of(level), "/uppfoljning/enheter/SE0-FINNS-EJ/"]

    assert [client.get(url).status_code for url in addresses] == [410, 404, 404]


def test_indicator_page_and_report_cost_the_same_whatever_they_hold(
    client, indicator, kind, ours, values
):
    urls = [url_of(indicator), report_of(ours), url_of(indicator, ".csv"), INDICATORS]
    for url in urls:
        queries_of(client, url)
    before = [len(queries_of(client, url)) for url in urls]
    for _ in range(10):
        measure(indicator, make_unit(kind=kind), y2022=(9, 99), y2025=(9, 99))

    assert [len(queries_of(client, url)) for url in urls] == before


def test_yearly_tasks_stand_by_month(client, db):
    YearlyTask.objects.all().delete()
    role = make_role(title="Provare")
    indicator = Indicator.objects.get(code="komp-andel")
    for code, month in (("sen", 11), ("tidig", 2)):
        YearlyTask.objects.create(
            code=code, month=month, title=f"Gör {code}", owner=role, indicator=indicator
        )

    main = main_of(client.get("/uppfoljning/arshjul/"))

    assert found(r'<dt id="manad-\d+">(.*?)</dt>', main) == ["Februari", "November"]
    assert main.index("Gör tidig") < main.index("Gör sen")
    assert f'<a href="{indicator.get_absolute_url()}">' in main
