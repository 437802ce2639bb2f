"""Measurements in a pack: measurements.csv in the portal's flat form, one value a row.

indicator;hsa_id;year;sex;numerator;denominator   (empty = missing, x = not applicable)
"""

import csv
import io

from django.core.exceptions import ValidationError

from followup.models import Indicator, Measurement
from organisation.models import Unit

COLUMNS = ["indicator", "hsa_id", "year", "sex", "numerator", "denominator"]


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
            state = Measurement.State.VALUE
            if row["numerator"] == "x":
                state = Measurement.State.NOT_APPLICABLE
            elif row["numerator"] == "":
                state = Measurement.State.MISSING
            has_value = state == Measurement.State.VALUE
            value = Measurement(
                indicator=indicators[row["indicator"]],
                unit=units[row["hsa_id"]],
                year=int(row["year"]),
                sex=row["sex"],
                state=state,
                numerator=int(row["numerator"]) if has_value else None,
                denominator=int(row["denominator"]) if has_value else None,
            )
            value.clean_fields(exclude=["indicator", "unit"])
        except ValidationError as fault:
            errors.append(f"measurements.csv, rad {number}: {' '.join(fault.messages)}")
        except KeyError as fault:
            errors.append(f"measurements.csv, rad {number}: {fault} finns inte.")
        except (ValueError, TypeError):
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
    empty = {Measurement.State.MISSING: ("", ""), Measurement.State.NOT_APPLICABLE: ("x", "")}
    return [
        [
            row.indicator.code,
            row.unit.hsa_id,
            row.year,
            row.sex,
            *empty.get(row.state, (row.numerator, row.denominator)),
        ]
        for row in rows
    ]


def write_measurements() -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(stored_measurements())
    return text.getvalue()
