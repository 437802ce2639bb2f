"""Exports in Intygsstatistik's layout, made here with invented figures."""

from tests.workbooks import book

UNITS = ["Vårdcentralen Provstad Norr", "Vårdcentralen Provstad Söder", "Vårdcentralen Mallboda"]
IDS = ["SE0000000000-E1001", "SE0000000000-E1002", "SE0000000000-E1004"]
LONG = "Antal sjukfall som är längre än 90 dagar januari–december 2025"
ALL = "Antal sjukfall totalt januari–december 2025"


def top(title, *, level="Verksamhetsstatistik", units=UNITS, filters=()):
    """Level, report, a blank row, the blocks of what was chosen, a blank row."""
    rows = [[level], [title], []]
    for name, values in (("Enheter", units), *filters):
        if values:
            rows += [[name], *[[value] for value in values], []]
    return [*rows, []]


def shape_a(title, rows, *, what="sjukfall", first="Vårdenhet", **options):
    header = [first, f"Antal {what} totalt", f"Antal {what} för kvinnor", f"Antal {what} för män"]
    return book({"tabell": [*top(title, **options), header, *rows]})


def long_cases(rows=None):
    rows = rows or [[UNITS[0], 30, 20, 10], [UNITS[1], 40, 25, 15], [UNITS[2], 12, 6, 6]]
    return shape_a(LONG, rows)


def all_cases(rows=None):
    rows = rows or [[UNITS[0], 120, 70, 50], [UNITS[1], 150, 90, 60], [UNITS[2], 60, 32, 28]]
    return shape_a(ALL, rows)


def shape_c(rows, *, level="Regionstatistik", period="januari–december 2025"):
    header = [
        "Vårdenhet",
        "Antal sjukfall",
        "Antal listningar i arbetsför ålder",
        "Antal sjukfall per 1000 listningar",
    ]
    title = f"Antal sjukfall per 1000 listningar {period}"
    return book({"tabell": [*top(title, level=level, units=()), header, *rows]})


FLAT = "hsa_id;year;sex;numerator;denominator\n"


def flat(*rows):
    return (FLAT + "".join(f"{row}\n" for row in rows)).encode()
