"""The portal's own flat form: HSA-id;År;Kön;Täljare;Nämnare, a row a value.

The headings and sexes are also read in English, as in a content pack.

An empty numerator means missing, x not applicable, <5 hidden by the source.
"""

from portal.accounts.hsa_id import normal_hsa_id
from portal.tables import Column, Fault, Sheet, find_table
from portal.tables.faults import column_letter
from portal.tables.headings import normal_heading
from portal.tables.values import text_of

from .cells import State, read_count
from .reading import Reading, ReadValue

COLUMNS = [
    Column("hsa_id", ("HSA-id", "hsa_id", "hsaIdentity"), required=True),
    Column("year", ("År", "year"), required=True),
    Column("sex", ("Kön", "sex"), required=True),
    Column("numerator", ("Täljare", "numerator"), required=True),
    Column("denominator", ("Nämnare", "denominator"), required=True),
]
SEX_WORDS = {
    "total": "total", "totalt": "total", "alla": "total",
    "women": "women", "kvinnor": "women", "kvinna": "women",
    "men": "men", "män": "men", "man": "men",
}  # fmt: skip
MOST_NAMED = 200
REQUIRED = {normal_heading(name) for column in COLUMNS for name in column.headings}


def looks_flat(sheet: Sheet) -> bool:
    """Whether some row has most of the form's headings, so that faults are told in its words."""
    return any(
        len({normal_heading(cell) for cell in cells} & REQUIRED) >= 3 for cells in sheet.rows[:50]
    )


def read_template(sheet: Sheet, *, year: int, prefix: str) -> Reading:
    """prefix: what stands before a cell's name, "Blad1!" where there are sheets."""
    table = find_table(sheet, COLUMNS)
    reading = Reading("mall", unit_column=table.headings["hsa_id"], ignored=table.ignored)
    reading.faults += table.faults
    # A merged cell is only a remark for other kinds of files; here a value would be lost.
    reading.faults += [_merged(remark) for remark in table.remarks]
    header = [text_of(cell) for cell in sheet.rows[table.header_row - 1]]
    letter = prefix + column_letter(header.index(table.headings["numerator"]))
    # {unit: {sex: row}}
    seen = {}
    for row in table.rows.taken_out():
        value = _read_row(table, row, year, letter, reading.faults)
        if value is None:
            continue
        rows = seen.setdefault(value.unit, {})
        if value.sex in rows:
            rule = f"Samma enhet och kön står redan på rad {rows[value.sex]}. Ta bort den ena."
            reading.faults.append(table.fault(row, "hsa_id", rule))
            continue
        rows[value.sex] = row.number
        reading.values.append(value)
    if not table.rows:
        rule = "Filen har rubriker men inga rader under dem."
        reading.faults.append(Fault(None, "", "", rule))
    return reading


def _merged(remark):
    said = f"{remark.rule.split(': ')[0]}. Dela upp dem, så att varje cell har sitt eget värde."
    return Fault(remark.row, "", "", said)


def _read_row(table, row, year, letter, faults):
    """All that is wrong with a row is told, not only the first."""
    known = len(faults)
    hsa_id = row.text("hsa_id")
    if not hsa_id.isupper() or " " in hsa_id:
        hsa_id = normal_hsa_id(hsa_id)
    if not hsa_id:
        faults.append(table.fault(row, "hsa_id", "HSA-id saknas. Skriv det eller ta bort raden."))
    if row.text("year") != str(year):
        rule = f"Raden gäller inte {year}, som du har valt. Rätta året eller välj ett annat."
        faults.append(table.fault(row, "year", rule))
    sex = SEX_WORDS.get(row.text("sex").casefold())
    if sex is None:
        faults.append(table.fault(row, "sex", "Skriv totalt, kvinnor eller män."))
    counts = {}
    for key in ("numerator", "denominator"):
        try:
            counts[key] = read_count(row.values[key])
        except ValueError as fault:
            faults.append(table.fault(row, key, str(fault)))
    if len(faults) > known:
        return None
    (numerator, state), (denominator, below) = counts["numerator"], counts["denominator"]
    if state == State.VALUE and below == State.HIDDEN:
        state, numerator = State.HIDDEN, None
    if state == State.VALUE and denominator is None:
        rule = "Täljaren har ett tal men nämnaren saknas. Fyll i den, eller töm täljaren."
        faults.append(table.fault(row, "denominator", rule))
        return None
    return ReadValue(
        row.number, hsa_id, sex, f"{letter}{row.number}", state, numerator, denominator
    )


def template_rows(units, year: int, *, sex_split: bool) -> list[list]:
    """A form to fill in, with a row for each unit and sex; the unit's name is for the eye only
    and stands under a heading that is not read."""
    sexes = ("totalt", "kvinnor", "män") if sex_split else ("totalt",)
    header = [*(column.headings[0] for column in COLUMNS), "Enhet"]
    return [header] + [
        [unit.hsa_id, year, sex, "", "", unit.name] for unit in units for sex in sexes
    ]
