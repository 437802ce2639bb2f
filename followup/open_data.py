"""Indicators for other systems: what each file's columns mean, and a catalogue of the files.

CSV on the Web (W3C 2015, "Metadata Vocabulary for Tabular Data") describes a CSV file;
DCAT-AP-SE 3.0 describes the datasets of a catalogue (templates/followup/dcat.rdf).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst

from .disclosure import PublishedValue, ValueState
from .models import Indicator, Sex
from .presenters import DECIMALS, flat_rows, measured

STATES = {
    ValueState.VALUE: "värde",
    ValueState.ZERO: "noll på riktigt",
    ValueState.MISSING: "saknas",
    ValueState.NOT_APPLICABLE: "ej aktuellt",
    ValueState.HIDDEN: "dolt för att talen är små",
}


@dataclass(frozen=True)
class Column:
    name: str
    title: str
    description: str
    datatype: str
    required: bool = False


def one_of(choices: Iterable) -> str:
    return "; ".join(f"{choice.value} = {word}" for choice, word in choices)


COLUMNS = [
    Column("indicator", "indikator", "Indikatorns kod.", "string", True),
    Column("hsa_id", "HSA-id", "Enhetens HSA-id; tomt för hela regionen.", "string"),
    Column("unit", "enhet", "Enhetens namn, eller Regionen.", "string", True),
    Column("year", "år", "Mätår.", "gYear", True),
    Column("sex", "kön", one_of((sex, sex.label) for sex in Sex), "string", True),
    Column(
        "state",
        "läge",
        f"{one_of(STATES.items())}. Bara värde och noll har ett tal.",
        "string",
        True,
    ),
    Column("value", "värde", "Avrundat som det visas på webbplatsen.", "decimal"),
    Column("numerator", "täljare", "Tomt när talet inte får visas.", "nonNegativeInteger"),
    Column("denominator", "nämnare", "Tomt när talet inte får visas.", "nonNegativeInteger"),
]


def csvw(indicator: Indicator, address: str) -> dict:
    """The description of an indicator's CSV file (CSV on the Web).

    address  the file's own; the description has the same and "-metadata.json" after it
    """
    labels = {
        "numerator": indicator.numerator_label,
        "denominator": indicator.denominator_label,
    }
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "sv"}],
        "url": address,
        "dc:title": indicator.name,
        "dc:description": indicator.why,
        "dc:source": indicator.source,
        "dialect": {"delimiter": ";", "encoding": "utf-8", "header": True},
        "tableSchema": {
            "primaryKey": ["hsa_id", "year", "sex"],
            "columns": [
                {
                    "name": column.name,
                    "titles": [column.name],
                    "dc:title": column.title,
                    "dc:description": " ".join(
                        filter(None, [labels.get(column.name), column.description])
                    ),
                    "datatype": _datatype(column),
                    "required": column.required,
                }
                for column in COLUMNS
            ],
        },
    }


def _datatype(column):
    if column.datatype == "decimal":
        return {"base": "decimal", "format": {"decimalChar": ","}}
    return column.datatype


def sheets(indicator: Indicator, values: Iterable[PublishedValue]) -> dict[str, list[list]]:
    """An indicator's workbook: the values, and what they mean."""
    header = [column.title for column in COLUMNS]
    words = {str(state): word for state, word in STATES.items()}
    sexes = dict(Sex.choices)
    rows = [
        [{**row, "state": words[row["state"]], "sex": sexes[row["sex"]]}[c.name] for c in COLUMNS]
        for row in flat_rows(indicator, values)
    ]
    counted = measured(indicator)
    about = [
        ["Uppgift", "Text"],
        ["Indikator", indicator.name],
        ["Varför vi följer den", indicator.why],
        ["Täljare", counted.numerator_label],
        ["Nämnare", counted.denominator_label],
        ["Slag", counted.get_kind_display()],
        ["Riktning", indicator.get_direction_display()],
        ["Mätperiod", indicator.period],
        ["Källa", indicator.source],
        ["Decimaler", DECIMALS[counted.kind]],
        ["Döljs", f"Antal under {counted.threshold}, och tal som annars skulle avslöja dem."],
        ["Begränsningar", indicator.limits],
        ["Återstår att granska", indicator.review_note],
        *([capfirst(column.title), column.description] for column in COLUMNS),
    ]
    return {"Värden": [header, *rows], "Om indikatorn": [row for row in about if row[1] != ""]}
