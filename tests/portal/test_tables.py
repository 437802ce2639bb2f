"""Foreign tables: read with their row numbers, or refused saying why. No database."""

import os
import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from portal.tables import Column, Fault, FileRefused, find_table, open_book
from portal.tables.limits import MOST_BYTES
from portal.tables.packages import BROKEN
from portal.tables.values import day_of, decimal_of, text_of, whole_number_of
from portal.web.spreadsheets import safe_cell
from tests.workbooks import ODS_TYPE, cell, ods, ods_row, old_book, packed, xlsx

SAMPLES = os.environ.get("PORTAL_SAMPLE_DATA")
COLUMNS = [
    Column("id", ("HSA-id", "hsaIdentity"), required=True),
    Column("name", ("Namn", "ou"), required=True),
    Column("town", ("Ort",)),
]


def rows_of(content):
    return open_book(content).sheet().rows


def refusal(content):
    with pytest.raises(FileRefused) as refused:
        open_book(content).sheet()
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        "id;namn\n1;Åsö\n".encode(),
        "\ufeffid;namn\n1;Åsö\n".encode(),
        "id;namn\r\n1;Åsö\r\n".encode("cp1252"),
        "id;namn\n1;Åsö\n".encode("utf-16"),
        "id;namn\n1;Åsö\n".encode("utf-16-le"),
        "id;namn\n1;Åsö\n".encode("utf-16-be"),
        "id,namn\n1,Åsö\n".encode(),
        "id\tnamn\n1\tÅsö\n".encode(),
        "id;namn;\n1;Åsö;\n".encode(),
        'id;namn\n1;"Åsö"\n'.encode(),
    ],
    ids=[
        "utf-8", "byte order mark", "windows", "utf-16", "utf-16-le", "utf-16-be", "comma", "tab",
        "trailing separators", "quotes",
    ],
)  # fmt: skip
def test_csv_is_read_whatever_program_wrote_it(content):
    assert rows_of(content) == [["id", "namn"], ["1", "Åsö"]]


def test_excels_line_about_the_delimiter_keeps_the_numbers_of_rows():
    assert rows_of(b"sep=;\nid;namn\n1;a,b\n") == [[], ["id", "namn"], ["1", "a,b"]]


def test_decimal_commas_do_not_make_a_comma_the_delimiter():
    assert rows_of(b"id;andel\n1;3,5\n2;4,5\n") == [["id", "andel"], ["1", "3,5"], ["2", "4,5"]]


def test_line_separators_of_unicode_do_not_break_a_row():
    assert rows_of("id;namn\n1;a\u2028b\x85c\n".encode())[1] == ["1", "a\u2028b\x85c"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Filen är tom. Kontrollera att du valde rätt fil."),
        (b"x" * (MOST_BYTES + 1), "Filen är 10 MB. Högst 10 MB kan läsas"),
        (b"id;namn\n1;a\0b\n", "Filen har nolltecken på rad 2 och är kanske skadad."),
        (b"id;namn\n1;\x81\n", "Filens tecken går inte att tyda på rad 2"),
        ("id;namn\n1;Hj\u00e4rtat och v\u00e5rden\n".encode("cp850"), "går inte att tyda på rad 2"),
        (b'id;namn\n1;"a\n2;b\n', "Citattecknen går inte ihop från rad 2"),
        (b"id;namn\n1;" + b"x" * 200_000, "Rad 2 har en cell som är för lång"),
        (b"id;namn\n1;" + b"x" * 6_000, "Cellen B2 har 6000 tecken. Högst 5000 kan läsas."),
        (b";".join([b"a"] * 1_000_000), "Högst 500 kolumner kan läsas"),
        (b"a;b\n" * 100_501, "Högst 100500 rader kan läsas"),
        (b"%PDF-1.7 ...", "Filen är en PDF. Välj en CSV, XLSX, ODS eller XLS."),
        (b"\x89PNG\r\n", "Filen är en bild."),
        (b"MZ\x90\0", "Filen är ett program."),
        (b"\n <html><table>", "Filen är en webbsida eller XML"),
        (b"PK\x03\x04 trasig", "Filen är skadad."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Filen är skadad."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "Filen är skyddad med lösenord.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"),
            "Filen har makron.",
        ),
    ],
)
def test_file_that_cannot_be_read_is_refused_saying_why(content, said):
    assert said in refusal(content)


def test_formulas_in_a_csv_are_text():
    assert rows_of(b"id;namn\n1;=HYPERLINK(1)\n")[1] == ["1", "=HYPERLINK(1)"]


def test_xlsx_gives_numbers_and_texts_from_the_first_cell_on():
    content = xlsx([[], ["HSA-id", "Namn"], ["SE1-A", 5], ["SE1-B", 2.5]])

    assert rows_of(content)[1:] == [["HSA-id", "Namn"], ["SE1-A", 5], ["SE1-B", 2.5]]
    assert open_book(content).sheet_names == ["Resultatlistning"]
    assert open_book(content).sheet("Resultatlistning").rows == rows_of(content)


def test_ods_is_read():
    content = ods(ods_row("HSA-id", "Namn") + ods_row("SE1-A", "Åsö"))

    assert rows_of(content) == [["HSA-id", "Namn"], ["SE1-A", "Åsö"]]


def test_one_cell_in_the_farthest_corner_is_refused_before_any_room_is_made_for_it():
    corner = f'<row r="1048576">{cell("x", "XFD1048576")}</row>'
    tracemalloc.start()
    said = refusal(xlsx([], sheet=corner))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert said.startswith("Tabellen har innehåll på rad 1048576. Högst 100500 rader kan läsas")
    assert most < 5_000_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (xlsx([], sheet=f'<row r="1">{cell("x", "XFD1")}</row>'), "i kolumn XFD, den 16384:e"),
        (xlsx([], sheet='<row r="99999999"><c><v>1</v></c></row>'), "på rad 99999999"),
        (xlsx([["a"]], **{"xl/vbaProject.bin": b"x"}), "Filen har makron (xl/vbaProject.bin)."),
        (xlsx([["a"]], **{"xl/media/bild.png": b"\0" * 120_000_000}), "större än 100 MB"),
        (xlsx([["a"]], **{f"del{n}": "" for n in range(2001)}), "Filen har 2006 delar."),
        (xlsx([], sheet="<row><c><v>1</v>"), "Filen är skadad."),
        (xlsx([["x" * 6_000]]), "Cellen A1 har 6000 tecken."),
        (
            xlsx([["a"]], **{"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>'}),
            "Filen är skadad.",
        ),
        (packed({"xl/workbook.bin": b"x"}), "Filen är i formatet XLSB"),
        (packed({"word/document.xml": "<x/>"}), "Filen är packad men är ingen kalkylfil."),
        (packed({"mimetype": ODS_TYPE, "content.xml": "<x"}), "Filen är skadad."),
        (ods(ods_row("a", repeated=2_000_000)), "på rad 2000000"),
        (
            ods(
                '<table:table-row><table:table-cell table:number-columns-repeated="999999999" '
                'office:value-type="string"><text:p>x</text:p></table:table-cell>'
                "</table:table-row>"
            ),
            "Högst 500 kolumner",
        ),
    ],
    ids=[
        "far column", "far row", "macro", "zip bomb", "many parts", "broken", "long cell",
        "entities", "xlsb", "word", "broken ods", "many rows in ods", "many columns in ods",
    ],
)  # fmt: skip
def test_hostile_workbook_is_refused_saying_why(content, said):
    assert said in refusal(content)


def test_header_is_found_by_content_and_rows_keep_their_numbers():
    content = b"Region\n\nhsaIdentity;Ort;ou;annat\nSE1-A;Ed; A  b ;x\n\nSE1-B;;B;\n"
    table = find_table(open_book(content).sheet(), COLUMNS)

    assert table.header_row == 3
    assert table.headings == {"id": "hsaIdentity", "name": "ou", "town": "Ort"}
    assert table.ignored == ["annat"]
    assert [(r.number, r.text("id"), r.text("name"), r.text("town")) for r in table.rows] == [
        (4, "SE1-A", "A b", "Ed"),
        (6, "SE1-B", "B", ""),
    ]
    assert table.faults == []


def test_missing_headings_are_named_with_what_stood_there():
    sheet = open_book(b"HSA-id;Ort\nSE1-A;Ed\n").sheet()

    with pytest.raises(FileRefused) as refused:
        find_table(sheet, COLUMNS)
    assert str(refused.value).startswith(
        "Ingen rad har rubriken ”Namn”. Det här stod överst: HSA-id, Ort."
    )


def test_doubled_heading_and_cells_outside_the_headings_are_faults():
    content = b"HSA-id;Namn;namn\nSE1-A;A;;utanf\xc3\xb6r\n"
    table = find_table(open_book(content).sheet(), COLUMNS)

    assert [(f.row, f.column, f.value) for f in table.faults] == [
        (1, "C", "namn"),
        (2, "D", "utanför"),
    ]


def test_formula_without_a_value_names_its_cell_and_merged_cells_are_told():
    formula = '<c r="B2"><f>A1&amp;"x"</f></c>'
    counted = '<c r="B3" t="str"><f>A1</f><v>B</v></c>'
    content = xlsx([["HSA-id", "Namn"], ["SE1-A", formula], ["SE1-B", counted]], merged=["A3:A4"])
    table = find_table(open_book(content).sheet(), COLUMNS)

    assert [str(fault) for fault in table.faults] == [
        "Rad 2, kolumn B: Cellen B2 har en formel utan uträknat värde. Öppna filen i "
        "kalkylprogrammet, låt det räkna, och spara på nytt."
    ]
    assert [str(remark) for remark in table.remarks] == [
        "Rad 3: Cellerna A3:A4 är sammanfogade: bara den första av dem har ett värde."
    ]
    assert table.rows[1].text("name") == "B"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1 234,5", "1234.5"),
        ("1\u00a0234", "1234"),
        ("1\u202f234\u202f567", "1234567"),
        ("1.234,5", "1234.5"),
        ("\u22123", "-3"),
        ("- 3", "-3"),
        ("0012", "12"),
        ("3.5", "3.5"),
        (12.0, "12"),
        (0.1, "0.1"),
    ],
)
def test_numbers_as_swedes_write_them(written, number):
    assert decimal_of(written) == Decimal(number)


@pytest.mark.parametrize(
    "written", ["", "12 st", "1,2,3", "1 23", "٣", "nan", True, "1e9", "9" * 50]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="tal"):
        decimal_of(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3,5", "Ska vara ett helt tal, utan decimaler."),
        ("-3", "Kan inte vara mindre än noll."),
        ("1000000000", "Kan vara högst 999999999."),
        (float("inf"), "Ska vara ett tal."),
    ],
)
def test_number_of_persons_is_whole_and_not_negative(written, said):
    with pytest.raises(ValueError) as fault:  # noqa: PT011  (the words are what is tested)
        whole_number_of(written)
    assert str(fault.value) == said


@pytest.mark.parametrize(
    "written", ["2026-03-01", "20260301", "2026-03-01 00:00:00", date(2026, 3, 1),
                datetime(2026, 3, 1, 12)],
)  # fmt: skip
def test_days(written):
    assert day_of(written) == date(2026, 3, 1)


@pytest.mark.parametrize("written", ["1/3 2026", "2026-13-01", "2026-0301", "0001-01-01", 46082.0])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(ValueError, match=r"2026-03-01|mellan 1940"):
        day_of(written)


def test_text_of_a_cell_is_what_is_seen():
    assert [text_of(each) for each in [12.0, 1.5, True, " a\u00a0 b\u200b ", date(2026, 1, 2)]] == [
        "12", "1,5", "sant", "a b", "2026-01-02",
    ]  # fmt: skip


def test_fault_shows_a_long_value_short():
    fault = Fault(3, "Namn", "x" * 100, "för långt.")

    assert str(fault) == f"Rad 3, kolumn Namn: För långt. Där står ”{'x' * 60}…”."


def test_old_workbook_is_read_whatever_its_name_says():
    rows = [["Vårdcentralen Ån – år 2025"], [], ["HSA-id", "Antal", "Andel"], ["SE1-A", 42, 0.125]]
    book = open_book(old_book({"tabell": rows}))

    assert (book.kind, book.sheet_names) == ("xls", ["tabell"])
    assert book.sheet("tabell").rows == [
        ["Vårdcentralen Ån – år 2025", "", ""],
        ["", "", ""],
        ["HSA-id", "Antal", "Andel"],
        ["SE1-A", 42.0, 0.125],
    ]


def test_old_workbook_cut_short_is_refused():
    assert refusal(old_book({"tabell": [["HSA-id"]]})[:2000]) == BROKEN


def test_cell_that_is_written_is_no_formula_and_negative_numbers_stay_numbers():
    assert [safe_cell(each) for each in ["=1", "+46", "@a", "-1,5", "-12", "-a", None, 3]] == [
        "'=1", "'+46", "'@a", "-1,5", "-12", "'-a", "", "3",
    ]  # fmt: skip


@pytest.mark.skipif(not SAMPLES, reason="PORTAL_SAMPLE_DATA names no folder")
def test_foreign_samples_are_read_or_refused_in_words():
    files = [
        p for p in Path(SAMPLES, "csv-xlsx").rglob("*") if p.suffix in {".csv", ".xls", ".xlsx"}
    ]
    refused = {}
    for path in files:
        try:
            open_book(path.read_bytes()).sheet()
        except FileRefused as refusal:
            refused[path.name] = str(refusal)

    assert len(files) == 55
    # A sign that was lost before the file was saved.
    assert list(refused) == ["location_coordinates.csv"]
