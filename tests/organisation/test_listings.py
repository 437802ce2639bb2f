"""The yearly list of listed patients: its rules, what is set aside, and the unit's own figure."""

import json

import pytest
from django.core.management import CommandError, call_command

from organisation import intake
from organisation.listing_files import plan_listings
from organisation.models import Listing, Unit
from tests.factories import make_unit
from tests.workbooks import xlsx

pytestmark = pytest.mark.django_db
HEADER = ["Vårdenhetsnamn", "HSA-id", "Antal listade patienter"]


def counts(year):
    rows = Listing.objects.filter(year=year, unit__hsa_id__startswith="T-")
    return dict(rows.values_list("unit__hsa_id", "listed_patients"))


def test_list_is_stored_by_year_with_blank_and_zero_told_apart():
    for number in range(1, 6):
        make_unit(hsa_id=f"T-{number}")
    content = xlsx(
        [
            HEADER,
            ["Ett", " t-1 ", 9800],
            ["Två", "T-2", "8\u00a0150"],
            ["Tre", "T-3", 0],
            ["Fyra", "T-4", ""],
            ["", "T-5", "12"],
            ["Okänd", "T-99", 5],
            ["Totalt", "", 18000],
        ]
    )
    plan = intake.import_listings("lista.xlsx", content, year=2025)

    assert counts(2025) == {"T-1": 9800, "T-2": 8150, "T-3": 0, "T-5": 12}
    assert plan.blank == 1
    assert [(fault.row, fault.value) for fault in plan.aside] == [(7, "T-99"), (8, "Totalt")]
    assert Listing.objects.filter(year=2025).first().source == "lista.xlsx"


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("många", "Ska vara ett tal, utan bokstäver och enheter."),
        (12.5, "Ska vara ett helt tal, utan decimaler."),
        (-1, "Kan inte vara mindre än noll."),
        (500_001, "Kan vara högst 500000."),
    ],
)
def test_wrong_number_stops_the_whole_list(listed, said):
    make_unit(hsa_id="T-1")
    make_unit(hsa_id="T-2")
    content = xlsx([HEADER, ["Ett", "T-1", 5], ["Två", "T-2", listed]])
    with pytest.raises(intake.ImportStopped) as stop:
        intake.import_listings("lista", content, year=2025)

    assert [(f.row, f.column, f.rule) for f in stop.value.plan.faults] == [(3, HEADER[2], said)]
    assert counts(2025) == {}


def test_doubled_id_stops_the_list():
    make_unit(hsa_id="T-1")
    plan = plan_listings(xlsx([HEADER, ["A", "T-1", 5], ["B", "t-1", 6]]), year=2025)

    assert [f.rule for f in plan.faults] == ["HSA-id finns redan på rad 2. Ta bort den ena raden."]


def test_units_own_figure_is_the_latest_years_and_in_its_history():
    unit = make_unit(hsa_id="T-1", listed_patients=7)
    for year, listed in ((2025, 50), (2026, 60), (2024, 40), (2026, 61)):
        content = xlsx([HEADER, ["Ett", "T-1", listed]])
        intake.import_listings("lista.xlsx", content, year=year)

    assert (counts(2024), counts(2025), counts(2026)) == ({"T-1": 40}, {"T-1": 50}, {"T-1": 61})
    assert Unit.objects.get(pk=unit.pk).listed_patients == 61
    assert [row.listed_patients for row in unit.history.all()] == [61, 60, 50, 7]


def test_command_sets_aside_with_exit_code_3(tmp_path, capsys):
    make_unit(hsa_id="T-1")
    path = tmp_path / "lista.csv"
    path.write_text("Enhetsnamn;HSA-id;Antal listade\nEtt;T-1;5\nOkänd;T-9;6\n")
    with pytest.raises(CommandError) as fault:
        call_command("import_listings", str(path), "--year", "2025", "--json")

    told = json.loads(capsys.readouterr().out)
    assert fault.value.returncode == 3
    assert (told["stored"], told["year"], len(told["new"])) == (True, 2025, 1)
    assert told["set_aside"] == [
        {
            "row": 3,
            "column": "HSA-id",
            "value": "T-9",
            "rule": "Ingen enhet i portalen har detta HSA-id: raden läses inte in.",
        }
    ]
    assert counts(2025) == {"T-1": 5}
