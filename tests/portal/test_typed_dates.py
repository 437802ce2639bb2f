"""Dates as people type them: read when they can mean one day only."""

from datetime import date

import pytest

from portal.web.typed_dates import DateUnread, looks_like_identity_number, read_date

FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-1-1",
        "20260101",
        "2026/01/01",
        "2026.1.1",
        "2026 01 01",
        "1 jan 2026",
        "1 jan. 2026",
        "1 januari 2026",
        "1:a januari 2026",
        "den 1 Januari 2026",
        "1 JAN 2026",
        "1jan2026",
        "torsdag 1 januari 2026",
        "tors 1 jan 2026",
        "1/1 2026",
        "1/1/2026",
        "01.01.2026",
        "  2026–01–01 ",
        "2026\u201101\u201101",
        "2026-01-01.",
    ],
)
def test_reads_a_day_written_in_any_unambiguous_way(text):
    assert read_date(text) == FIRST


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("29 feb 2028", date(2028, 2, 29)),
        ("31/12 2026", date(2026, 12, 31)),
        ("5/3 2026", date(2026, 3, 5)),
        ("31/12/2026", date(2026, 12, 31)),
        ("12/31/2026", date(2026, 12, 31)),
        ("3 maj 2026", date(2026, 5, 3)),
        ("3 sept 2026", date(2026, 9, 3)),
        ("3 okt 2026", date(2026, 10, 3)),
    ],
)
def test_reads_other_days(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("31 feb 2026", "finns inte"),
        ("2026-02-31", "finns inte"),
        ("29 feb 2026", "finns inte"),
        ("2026-13-01", "finns inte"),
        ("20260001", "finns inte"),
        ("0000-01-01", "finns inte"),
        ("1 jan", "årtal med fyra siffror"),
        ("1/1", "årtal med fyra siffror"),
        ("260101", "årtal med fyra siffror"),
        ("26-01-01", "årtal med fyra siffror"),
        ("1/2/2026", "två sätt"),
        ("03-04-2026", "två sätt"),
        ("i går", "Skriv dagen"),
        ("måndag", "Skriv dagen"),
        ("🙂", "Skriv dagen"),
        ("٢٠٢٦-٠١-٠١", "Skriv dagen"),
        ("2026-01", "Skriv dagen"),
        ("1 mårs 2026", "Skriv dagen"),
        ("9" * 5000, "Skriv dagen"),
    ],
)
def test_tells_why_a_day_cannot_be_read(text, part):
    with pytest.raises(DateUnread) as told:
        read_date(text)

    assert part in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "19121212-1212",
        "121212-1212",
        "121212+1212",
        "191212121212",
        "1212121212",
        "19 12 12 12 - 1212",
        "2026-01-01-1234",
        "20260101 1234",
        "patient 121212-1212 från 1 jan",
        "121212–1212",
        "121212-TF12",
        "19121272-1212",
    ],
)
def test_knows_what_looks_like_an_identity_number(text):
    assert looks_like_identity_number(text)


@pytest.mark.parametrize(
    "text", ["2026-01-01", "20260101", "1 jan 2026", "260101", "12", "", "31/12/2026"]
)
def test_a_date_is_no_identity_number(text):
    assert not looks_like_identity_number(text)
