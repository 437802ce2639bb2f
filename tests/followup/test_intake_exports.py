"""Intygsstatistik's exports read as they are; nothing here touches the database."""

from decimal import Decimal

import pytest

from followup.intake.files import read_file
from followup.intake.periods import Period, month_of, period_in
from portal.tables import FileRefused
from tests.workbooks import book, ods, ods_row, old_book, xlsx

from .exports import LONG, UNITS, flat, long_cases, shape_a, shape_c, top


def read(content, name="Verksamhetsstatistik_x.xlsx", year=2025):
    return read_file(name, content, year=year)


def rows(reading):
    return [
        (each.unit, each.sex, str(each.state), each.numerator, each.denominator, each.reported)
        for each in reading.values
    ]


def faults(reading):
    return [(fault.row, fault.column, fault.value, fault.said) for fault in reading.faults]


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Antal sjukfall totalt januari–december 2025", ((2025, 1), (2025, 12))),
        ("Antal sjukfall november 2024–april 2026", ((2024, 11), (2026, 4))),
        ("Antal sjukfall mars 2025", ((2025, 3), (2025, 3))),
        ("Antal sjukfall Januari - Mars 2025", ((2025, 1), (2025, 3))),
        ("Antal sjukfall", None),
        ("Antal sjukfall december 2025–januari 2025", None),
        ("Antal sjukfall januari–december", None),
    ],
)
def test_period_is_read_from_the_title(title, period):
    assert period_in(title) == (period and Period(*period))


def test_period_says_itself_as_it_was_written():
    assert str(period_in("x november 2024–april 2026")) == "november 2024–april 2026"
    assert str(period_in("x januari–mars 2025")) == "januari–mars 2025"
    assert str(period_in("x mars 2025")) == "mars 2025"


@pytest.mark.parametrize(
    ("cell", "month"),
    [("jan 2025", (2025, 1)), ("maj 2025", (2025, 5)), ("dec. 2025", (2025, 12)), ("2025", None)],
)
def test_month_of_a_row(cell, month):
    assert month_of(cell) == month


def test_export_saved_as_an_old_workbook_is_read_alike():
    header = ["Vårdenhet", "Antal sjukfall totalt"]
    header += ["Antal sjukfall för kvinnor", "Antal sjukfall för män"]
    old = old_book({"tabell": [*top(LONG), header, [UNITS[0], 30, 20, 10]], "urval": [["Alla"]]})

    reading, same = (
        read(old, "Verksamhetsstatistik_x.xls"),
        read(long_cases([[UNITS[0], 30, 20, 10]])),
    )

    assert (reading.shape, reading.title) == ("A", LONG)
    assert rows(reading) == rows(same)
    assert len(rows(reading)) == 3


def test_shape_a_has_a_value_a_unit_and_sex():
    reading = read(long_cases([[UNITS[0], 30, 20, 10]]))

    assert (reading.shape, reading.level, reading.only_counts) == ("A", "unit", True)
    assert reading.title == LONG
    assert reading.filters == [("Enheter", UNITS)]
    assert rows(reading) == [
        (UNITS[0], "total", "value", 30, None, None),
        (UNITS[0], "women", "value", 20, None, None),
        (UNITS[0], "men", "value", 10, None, None),
    ]
    assert [value.cell for value in reading.values] == ["tabell!B11", "tabell!C11", "tabell!D11"]
    assert reading.faults == reading.remarks == []


def test_filter_blocks_on_a_sheet_of_their_own():
    sheets = {
        "tabell": [["Verksamhetsstatistik"], [LONG], [], ["Länk till urval"], [],
                   ["Vårdenhet", "Antal sjukfall totalt"], [UNITS[0], 30]],
        "urval": [["Tillbaka"], [], ["Valda enheter"], [UNITS[0]], [], ["Valda diagnoser"],
                  ["F00-F99 Psykiska sjukdomar"]],
    }  # fmt: skip
    reading = read(book(sheets, merged=["A4:F4"]))

    assert rows(reading) == [(UNITS[0], "total", "value", 30, None, None)]
    assert reading.filters == [
        ("Valda enheter", [UNITS[0]]),
        ("Valda diagnoser", ["F00-F99 Psykiska sjukdomar"]),
    ]
    assert reading.faults == []


def shape_b(data, *, measure="Antal intyg totalt"):
    header = ["Vårdenhet", measure, *["Totalt", "Kvinnor", "Män"] * 2]
    groups = ["", "", *["FK 7804"] * 3, *["FK 7800"] * 3]
    return book({"tabell": [*top("Antal intyg januari–december 2025"), groups, header, *data]})


def test_shape_b_gives_women_and_men_where_the_groups_make_up_the_total():
    reading = read(shape_b([[UNITS[0], 30, 20, 12, 8, 10, 6, 4]]))

    assert reading.shape == "B"
    assert [row[1:4] for row in rows(reading)] == [
        ("total", "value", 30),
        ("women", "value", 18),
        ("men", "value", 12),
    ]
    assert reading.remarks == []


def test_shape_b_gives_the_total_alone_where_they_do_not():
    reading = read(shape_b([[UNITS[0], 31, 20, 12, 8, 10, 6, 4]]))

    assert [row[1:4] for row in rows(reading)] == [("total", "value", 31)]
    assert "Bara kolumnen för totalt läses in" in str(reading.remarks[0])


def test_shape_b_of_shares_keeps_the_share_as_it_is_written():
    measure = "Total andel som fått komplettering, alla intygstyper inkluderade"
    reading = read(
        shape_b([[UNITS[0], "12%", "1%", "2 %", "3%", "4%", "5%", "6%"]], measure=measure)
    )

    assert not reading.only_counts
    assert rows(reading) == [(UNITS[0], "total", "value", None, None, Decimal("12.0000"))]


def test_shape_c_has_both_counts_and_hides_by_the_total():
    reading = read(
        shape_c([[UNITS[0], "1\u00a0180", "16\u202f000", "73,75"], [UNITS[1], 0, 900, "0,00"]])
    )

    assert (reading.shape, reading.level) == ("C", "region")
    assert rows(reading) == [
        (UNITS[0], "total", "value", 1180, 16000, None),
        (UNITS[1], "total", "zero_or_hidden", 0, 900, None),
    ]


def test_shape_d_is_told_in_two_header_rows_without_a_blank_first():
    groups = ["", *["Antal sjukfall"] * 3, *["Antal invånare"] * 3,
              *["Antal sjukfall per 1000 invånare"] * 3]  # fmt: skip
    header = ["Län", *["Totalt", "Kvinnor", "Män"] * 3]
    data = [["Samtliga län", *[1] * 9], ["Testlän", 30, 20, 10, 900, 500, "-", "33,3", "40,0", "-"]]
    reading = read(book({"tabell": [*top("Antal januari–december 2025", units=()), groups, header,
                                    *data]}))  # fmt: skip

    assert reading.shape == "D"
    assert rows(reading) == [
        ("Testlän", "total", "value", 30, 900, None),
        ("Testlän", "women", "value", 20, 500, None),
        ("Testlän", "men", "missing", None, None, None),
    ]
    assert reading.remarks[0].value == "Samtliga län"


def test_shape_e_gives_the_counts_in_brackets():
    header = [
        "Län",
        "Antal sjukfall totalt",
        "Andel sjukfall för kvinnor",
        "Andel sjukfall för män",
    ]
    data = [["Testlän", 5200, "63 % (3\u00a0300)", "37 % (1 900)"]]
    reading = read(book({"tabell": [*top("Antal januari–december 2025", units=()), header, *data]}))

    assert (reading.shape, reading.only_counts) == ("E", True)
    assert [row[1:4] for row in rows(reading)] == [
        ("total", "value", 5200),
        ("women", "value", 3300),
        ("men", "value", 1900),
    ]


def test_csv_in_cp1252_ends_every_line_with_a_semicolon():
    text = "Vårdenhet;Antal sjukfall totalt;Antal sjukfall för kvinnor;Antal sjukfall för män;\n"
    text += "Hälsocentralen Ö;1\u00a0030;20;10;\n"
    reading = read(text.encode("cp1252"), name="Regionstatistik_Sjukfall_260112_093512.csv")

    assert (reading.level, reading.period) == ("region", None)
    assert [row[:4] for row in rows(reading)] == [
        ("Hälsocentralen Ö", "total", "value", 1030),
        ("Hälsocentralen Ö", "women", "value", 20),
        ("Hälsocentralen Ö", "men", "value", 10),
    ]
    assert reading.values[0].cell == "B2"


def test_semicolon_in_a_name_breaks_the_row_and_is_told():
    text = "Vårdenhet;Antal sjukfall totalt;\nNorr; filialen;30;\n"

    assert faults(read(text.encode("cp1252"), name="x.csv")) == [
        (2, "C", "30", "Cellen står utanför rapportens rubriker. Finns ett skiljetecken i "
         "enhetens namn? Ta då ut rapporten som Excel."),
        (2, "Antal sjukfall totalt", "filialen", "Ska vara ett tal, utan bokstäver och enheter. "
         "Skriv ett helt tal, lämna tomt (saknas), x (ej aktuellt) eller <5 (dolt av källan)."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "state"),
    [("Regionstatistik", "zero_or_hidden"), ("Verksamhetsstatistik", "value")],
)
def test_nought_is_a_nought_only_in_a_units_own_export(level, state):
    reading = read(shape_a(LONG, [[UNITS[0], 30, 30, 0]], level=level), name="x.xlsx")

    assert [row[2] for row in rows(reading)] == ["value", "value", state]


def by_month(months, *, what="intyg", units=UNITS[:1], title=None, count=3):
    data = [[month, count, count - 1, 1] for month in months]
    title = title or f"Antal {what} januari–december 2025"
    return shape_a(title, data, what=what, first="Period", units=units)


MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]


def test_months_of_events_are_added_for_the_one_unit():
    reading = read(by_month([f"{month} 2025" for month in MONTHS]))

    assert rows(reading) == [
        (UNITS[0], "total", "value", 36, None, None),
        (UNITS[0], "women", "value", 24, None, None),
        (UNITS[0], "men", "value", 12, None, None),
    ]
    assert reading.values[0].cell == "tabell!B9–B20"
    assert reading.period == Period((2025, 1), (2025, 12))


def test_the_years_own_months_are_picked_out_of_a_longer_export():
    months = [f"{month} {year}" for year in (2024, 2025, 2026) for month in MONTHS]
    reading = read(by_month(months[10:28], title="Antal intyg november 2024–april 2026"))

    assert rows(reading)[0][3] == 36
    assert reading.period == Period((2025, 1), (2025, 12))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (by_month(["jan 2025", "feb 2025"], what="sjukfall"),
         "Ett sjukfall räknas i varje månad som det pågår"),
        (by_month(["jan 2025", "mar 2025"]), "Det saknas månader inne i perioden."),
        (by_month(["jan 2025", "jan 2025"]), "Månaden står två gånger."),
        (by_month(["jan 2025", "kvartal 2"]), "Skriv månad och år: jan 2025."),
        (by_month(["jan 2025"], units=UNITS), "gäller 3 enheter tillsammans"),
        (by_month(["jan 2025"], units=()), "gäller en enhet som inte nämns"),
    ],
)  # fmt: skip
def test_months_that_cannot_be_added_are_told(content, told):
    assert told in " ".join(fault.said for fault in read(content).faults)


def test_merged_cells_and_formulas_without_value_are_faults():
    formula = '<c r="B11"><f>SUM(C11:D11)</f></c>'
    data = [[UNITS[0], formula, 20, 10]]
    header = ["Vårdenhet", "Antal sjukfall totalt", "Antal sjukfall för kvinnor",
              "Antal sjukfall för män"]  # fmt: skip
    reading = read(book({"tabell": [*top(LONG), header, *data]}, merged=["A11:A12", "A1:C1"]))

    assert [(fault.row, fault.said.split(". ")[0]) for fault in reading.faults] == [
        (11, "Cellerna A11:A12 är sammanfogade"),
        (11, "Cellen B11 har en formel utan uträknat värde"),
    ]


def test_formula_with_its_value_is_the_value():
    formula = '<c r="B11"><f>SUM(C11:D11)</f><v>30</v></c>'
    reading = read(long_cases([[UNITS[0], formula, 20, 10]]))

    assert rows(reading)[0] == (UNITS[0], "total", "value", 30, None, None)
    assert reading.faults == []


def test_flat_form_has_all_five_states():
    content = flat(
        "se1-a;2025;total;1 234;5 000",
        "SE1-A;2025;kvinnor;;50",
        "SE1-A;2025;men;x;",
        "SE1-B;2025;women;<5;40",
        "SE1-B;2025;män;3;<5",
    )
    reading = read(content, name="mall.csv")

    assert rows(reading) == [
        ("SE1-A", "total", "value", 1234, 5000, None),
        ("SE1-A", "women", "missing", None, 50, None),
        ("SE1-A", "men", "not_applicable", None, None, None),
        ("SE1-B", "women", "hidden", None, 40, None),
        ("SE1-B", "men", "hidden", None, None, None),
    ]
    assert reading.faults == []


def test_flat_form_tells_each_fault_of_each_row():
    content = flat(
        ";2025;total;1;2",
        "SE1-A;2024;total;1;2",
        "SE1-A;2025;hen;1;2",
        "SE1-A;2025;total;1,5;-2",
        "SE1-A;2025;women;5;",
        "SE1-A;2025;men;5;10",
        "SE1-A;2025;men;6;10",
    )
    assert [(row, column) for row, column, _, _ in faults(read(content, name="m.csv"))] == [
        (2, "hsa_id"),
        (3, "year"),
        (4, "sex"),
        (5, "numerator"),
        (5, "denominator"),
        (6, "denominator"),
        (8, "hsa_id"),
    ]


def test_flat_form_as_ods_and_with_merged_cells():
    lines = [
        ["hsa_id", "year", "sex", "numerator", "denominator"],
        ["SE1-A", "2025", "total", "1", "2"],
    ]
    assert rows(read(ods("".join(ods_row(*line) for line in lines)), name="m.ods")) == [
        ("SE1-A", "total", "value", 1, 2, None)
    ]
    merged = read(xlsx(lines, merged=["A2:A3"]), name="m.xlsx")
    assert faults(merged) == [
        (2, "", "", "Cellerna A2:A3 är sammanfogade. Dela upp dem, så att varje cell har sitt "
         "eget värde.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Filen är tom."),
        (b"%PDF-1.7", "Filen är en PDF."),
        (b"a;b\n1;2\n", "Filen är varken mallen eller en rapport som känns igen."),
        (b"hsa_id;year;sex\n1;2;3\n", "”Täljare” och ”Nämnare”"),
        ("Vårdenhet;Antal sjukfall totalt\n".encode() + b"\x81;3\n", "går inte att tyda på rad 2"),
        (b"hsa_id;year;sex;numerator;denominator\nA\0;2025;total;1;2\n", "nolltecken"),
        (b"hsa_id;year;sex;numerator;denominator\n" + b"\n" * 101_000 + b"a;2025;total;1;1\n",
         "Högst 100500 rader"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(content, told):
    with pytest.raises(FileRefused, match=told[:20]) as refusal:
        read(content, name="x.csv")
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    "cell", ["1e9", "∞", "９", "1.5.2", "=1+1", "#REF!", "9" * 400, "٣", "\u2066"]
)
def test_odd_numbers_are_faults(cell):
    reading = read(long_cases([[UNITS[0], cell, 20, 10]]))

    assert [(fault.row, fault.column) for fault in reading.faults] == [
        (11, "Antal sjukfall totalt")
    ]
