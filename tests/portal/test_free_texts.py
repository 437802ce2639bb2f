"""What in a text could say who somebody is."""

import pytest

from portal.web.free_texts import tells_of_a_person, visible

PERSONAL = [
    "Patienten 19121212-1212 fick",
    "191212121212",
    "121212-1212",
    "121212+1212",
    "12 12 12 - 12 12",
    "1912 12 12 12 12",
    "1912.12.12-1212",
    "samordning 701063-2391",
    "121212–1212",
    "reservnummer 19121212TF12",
]
FINE = [
    "Lagen (2019:1297) om koordinering, 2 kap. 3 §",
    "Dag 90, 180 och 365",
    "Den 15 januari 2026 och 2026-01-15",
    "Kod UV120 och F43.8A",
    "Svar 1-2 av 10, sidan 12–14",
    "År 2024 2025 2026",
    "kl. 08.30–16.00",
    "SFS 2010:110, 27 kap. 51 §",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_number_is_found_however_it_is_written(text):
    assert tells_of_a_person(text) == ["ett personnummer"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Ring 070-123 45 67", ["ett telefonnummer"]),
        ("Ring +46 70 123 45 67", ["ett telefonnummer"]),
        ("Ring 0735551234", ["ett telefonnummer"]),
        ("Skriv till anna@region.se", ["en e-postadress"]),
        ("121212-1212, anna@region.se", ["ett personnummer", "en e-postadress"]),
    ],
)
def test_ways_to_reach_somebody_are_found(text, what):
    assert tells_of_a_person(text) == what


@pytest.mark.parametrize("text", FINE)
def test_laws_days_and_codes_are_nobody(text):
    assert tells_of_a_person(text) == []


def test_signs_that_nobody_sees_are_left_out():
    assert visible("\x00 Hej\u0007\r\n på dig\t \n") == "Hej\n på dig"
