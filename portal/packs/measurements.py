"""Measurements in a pack: measurements.csv in the portal's flat form, one value a row.

indicator;hsa_id;year;sex;numerator;denominator   (empty = missing, x = not applicable, <5 = hidden
by the source, 0? = nought or hidden). A column `reported` holds what came without its counts.
"""

import csv
import io
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from followup.models import Indicator, Measurement
from organisation.models import Unit

COLUMNS = ["indicator", "hsa_id", "year", "sex", "numerator", "denominator"]
REPORTED = "reported"
State = Measurement.State
# What stands for the numerator when there is none.
SIGNS = {
    "": State.MISSING,
    "x": State.NOT_APPLICABLE,
    "<5": State.HIDDEN,
    "0?": State.ZERO_OR_HIDDEN,
}
# These have no denominator either; of what the source hides it may be known.
WITHOUT_COUNTS = {State.MISSING: ("", ""), State.NOT_APPLICABLE: ("x", "")}
HIDING = {State.HIDDEN: "<5", State.ZERO_OR_HIDDEN: "0?"}


def read_measurements(text: str, errors: list[str]) -> list[Measurement]:
    """Rows ready to be stored; faults are added to `errors` with their line."""
    indicators = Indicator.objects.in_bulk(field_name="code")
    units = Unit.objects.in_bulk(field_name="hsa_id")
    reader = csv.DictReader(io.StringIO(text), delimiter=";")
    try:
        tables = list(reader)
    except csv.Error as fault:
        errors.append(f"measurements.csv: filen kan inte läsas som CSV ({fault}).")
        return []
    if not set(COLUMNS) <= set(reader.fieldnames or []):
        errors.append(f"measurements.csv, rad 1: kolumnerna ska vara {', '.join(COLUMNS)}.")
        return []
    rows, seen = [], set()
    for number, row in enumerate(tables, start=2):
        try:
            reported = row.get(REPORTED) or None
            state = SIGNS.get(row["numerator"], State.VALUE)
            if reported and state == State.MISSING:
                state = State.VALUE
            has_counts = row["numerator"] not in SIGNS
            has_denominator = has_counts or (state in HIDING and row["denominator"] != "")
            value = Measurement(
                indicator=indicators[row["indicator"]],
                unit=units[row["hsa_id"]],
                year=int(row["year"]),
                sex=row["sex"],
                state=state,
                numerator=int(row["numerator"]) if has_counts else None,
                denominator=int(row["denominator"]) if has_denominator else None,
                reported=Decimal(reported) if reported else None,
            )
            value.clean_fields(exclude=["indicator", "unit"])
        except ValidationError as fault:
            errors.append(f"measurements.csv, rad {number}: {' '.join(fault.messages)}")
        except KeyError as fault:
            errors.append(f"measurements.csv, rad {number}: {fault} finns inte.")
        except (ValueError, TypeError, InvalidOperation):
            errors.append(
                f"measurements.csv, rad {number}: year, numerator och denominator ska vara heltal."
            )
        else:
            key = (value.indicator_id, value.unit_id, value.year, value.sex)
            if key in seen:
                errors.append(f"measurements.csv, rad {number}: värdet står två gånger.")
            seen.add(key)
            rows.append(value)
    return rows


def stored_measurements(_=None) -> list[list]:
    """All stored values as rows of text, in a fixed order."""
    rows = Measurement.objects.select_related("indicator", "unit").order_by(
        "indicator__code", "unit__hsa_id", "year", "sex"
    )
    return [[row.indicator.code, row.unit.hsa_id, row.year, row.sex, *_counts(row)] for row in rows]


def _counts(row):
    """Numerator and denominator, and what is reported only where there is such a value: a row
    without one looks as it did before there was the column."""
    if row.state in HIDING:
        return HIDING[row.state], "" if row.denominator is None else row.denominator
    if row.reported is not None:
        denominator = "" if row.denominator is None else row.denominator
        return "", denominator, str(row.reported)
    return WITHOUT_COUNTS.get(row.state, (row.numerator, row.denominator))


def write_measurements() -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    rows = stored_measurements()
    writer.writerow([*COLUMNS, REPORTED] if any(row[len(COLUMNS) :] for row in rows) else COLUMNS)
    writer.writerows(rows)
    return text.getvalue()
