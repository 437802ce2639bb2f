"""A catalogue's file → plain units. Knows the file's words, not what is stored.

Headings are those of data out of HSA (hsaIdentity, ou, l, hsaStreetAddress …), of the portal's
own content packs (hsa_id, name, kind …) and Swedish ones (HSA-id, Namn, Enhetstyp …). Letters'
size, blanks, hyphens and underscores in a heading do not matter.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError

from portal.accounts.hsa_id import normal_hsa_id
from portal.editing.last_day import day_after
from portal.tables import Column, Fault, Row, Table, find_table, open_book
from portal.tables.values import any_day_of, day_of, text_of

from .catalogue import REFERENCES
from .models import Ownership, Unit

COLUMNS = [
    Column("hsa_id", ("HSA-id", "hsaIdentity"), required=True),
    # "ou" is the unit's name in the directory; publicName is what it calls itself.
    Column("name", ("Namn", "Enhetsnamn", "Vårdenhetsnamn", "publicName", "name", "ou"), True),
    Column("kind", ("Enhetstyp", "Typ av enhet", "Typ", "kind", "unit kind")),
    Column(
        "ownership",
        ("Driftform", "ownership", "hsaManagementCode_TEXT", "hsaAdministrationForm_TEXT"),
    ),
    Column("caregiver", ("Vårdgivare", "caregiver", "hsaResponsibleHealthCareProvider")),
    Column("parent", ("Tillhör", "Överordnad enhet", "Överordnad", "parent")),
    Column("town", ("Ort", "Postort", "town", "l")),
    Column("address", ("Adress", "Besöksadress", "address", "hsaStreetAddress")),
    Column(
        "phone",
        ("Telefon", "Telefonnummer", "phone", "hsaPublicTelephoneNumber", "hsaTelephoneNumber"),
    ),
    Column("email", ("E-post", "E-postadress", "Funktionsbrevlåda", "email", "mail")),
    Column("valid_from", ("Giltig från", "Giltig från och med", "valid_from", "startDate")),
    # Two ways to say an end: the last day that counts, or the first that does not.
    Column("last_day", ("Giltig till", "Giltig till och med", "endDate")),
    Column("valid_to", ("Upphör", "valid_to")),
    Column("successor", ("Ersatt av", "Ersätts av", "successor")),
]
TEXTS = ("name", "town", "address", "phone", "email")
OWNERSHIPS = {
    **dict.fromkeys(
        ("public", "offentlig", "offentligt", "region", "regional", "landsting", "kommun",
         "kommunal", "stat", "statlig", "landsting/region", "egen regi"), Ownership.PUBLIC,
    ),
    **dict.fromkeys(
        ("private", "privat", "privat regi", "privat vårdgivare", "bolag"), Ownership.PRIVATE
    ),
}  # fmt: skip
# How catalogues write that there is no first or last day.
NO_FIRST_DAY = {date(1900, 1, 1)}
NO_LAST_DAY = {date(2099, 12, 31), date(2999, 12, 31), date(9999, 12, 31)}
USUAL_ID = re.compile(r"[A-Z]{2,}[0-9]*-[A-Z0-9]+")
NOT_TEXTS = [each.name for each in Unit._meta.concrete_fields if each.name not in TEXTS]


@dataclass
class UnitRow:
    """values has a key for each column of the file; references and the kind are given by
    HSA-id and code. What the file does not have stays as it is in the portal."""

    row: Row
    hsa_id: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass
class UnitFile:
    table: Table
    units: dict[str, UnitRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)


def read_unit_file(
    content: bytes, *, kinds: Iterable[tuple[str, str]], standard_kind: str = ""
) -> UnitFile:
    """All units of a file with all its faults; FileRefused when it is no such file.

    kinds          (code, name) of the kinds that exist
    standard_kind  the code for rows that tell none
    """
    table = find_table(open_book(content).sheet(), COLUMNS)
    file = UnitFile(table, faults=[*table.faults], remarks=[*table.remarks])
    known = {key.casefold(): code for code, title in kinds for key in (code, title)}
    titles = [title for _, title in kinds]
    for row in table.rows:
        reader = _RowReader(file, row)
        hsa_id = reader.identity("hsa_id")
        if not hsa_id:
            continue
        if hsa_id in file.units:
            first = file.units[hsa_id].row.number
            reader.fault("hsa_id", f"HSA-id finns redan på rad {first}. Ta bort den ena raden.")
            continue
        file.units[hsa_id] = UnitRow(row, hsa_id, reader.values(known, titles, standard_kind))
    if not table.rows:
        file.faults.append(Fault(None, "", "", "Filen har rubriker men inga rader under dem."))
    return file


class _RowReader:
    def __init__(self, file, row):
        self.file, self.row = file, row

    def fault(self, key, rule):
        self.file.faults.append(self.file.table.fault(self.row, key, rule))

    def remark(self, key, rule):
        self.file.remarks.append(self.file.table.fault(self.row, key, rule))

    def has(self, key):
        return key in self.file.table.headings

    def identity(self, key):
        return read_hsa_id(self.file.table, self.row, key, self.file.faults, self.file.remarks)

    def values(self, kinds, titles, standard_kind):
        values = {name: self.text(name) for name in TEXTS if self.has(name)}
        if not values["name"]:
            self.fault("name", "Namn saknas. Skriv enhetens namn.")
        if self.has("kind") or standard_kind:
            values["kind"] = self.kind(kinds, titles, standard_kind)
        if self.has("ownership") and (text := self.row.text("ownership")):
            values["ownership"] = OWNERSHIPS.get(text.casefold())
            if values["ownership"] is None:
                self.fault("ownership", "Driftformen är okänd. Skriv offentlig eller privat.")
        for name in REFERENCES:
            if self.has(name):
                values[name] = self.identity(name) if self.row.text(name) else None
        for name in ("valid_from", "valid_to"):
            if self.has(name):
                values[name] = self.day(name)
        if self.has("last_day"):
            values["valid_to"] = day_after(self.day("last_day"))
        self.check_texts(values)
        return values

    def text(self, name):
        text = text_of(self.row.values[name])
        if name == "address":
            return address_of(text)
        if name == "phone" and "|" in text:
            first = text.split("|")[0].strip()
            self.remark("phone", f"Flera nummer: bara det första, {first}, läses in.")
            return first
        return text

    def kind(self, kinds, titles, standard_kind):
        text = self.row.text("kind")
        if not text:
            # A unit that exists keeps its own; for a new one the plan tells.
            return standard_kind or None
        if text.casefold() not in kinds:
            self.fault("kind", f"Enhetstypen är okänd. De som finns är: {', '.join(titles)}.")
        return kinds.get(text.casefold())

    def day(self, name) -> date | None:
        if not self.row.text(name):
            return None
        try:
            open_days = NO_FIRST_DAY if name == "valid_from" else NO_LAST_DAY
            if any_day_of(self.row.values[name]) in open_days:
                self.remark(name, "Läses som att ingen dag är bestämd.")
                return None
            return day_of(self.row.values[name])
        except ValueError as fault:
            self.fault(name, str(fault))
            return None

    def check_texts(self, values):
        """Lengths, mail addresses, personal identity numbers: the model's own rules."""
        unit = Unit(**{name: values[name] for name in TEXTS if values.get(name)})
        empty = [name for name in TEXTS if not values.get(name)]
        try:
            unit.clean_fields(exclude=[*NOT_TEXTS, *empty])
        except ValidationError as faults:
            for name, messages in faults.message_dict.items():
                self.fault(name, " ".join(dict.fromkeys(messages)))


def read_hsa_id(table: Table, row: Row, key: str, faults: list, remarks: list) -> str:
    """The id in its normal form; "" with a fault when there is none that can be."""
    raw = str(row.values.get(key, ""))
    hsa_id = normal_hsa_id(row.text(key))
    if not hsa_id:
        faults.append(table.fault(row, key, "HSA-id saknas. Skriv det eller ta bort raden."))
        return ""
    try:
        Unit._meta.get_field("hsa_id").run_validators(hsa_id)
    except ValidationError as fault:
        faults.append(table.fault(row, key, " ".join(fault.messages)))
        return ""
    if raw != hsa_id and key == "hsa_id":
        said = f"HSA-id läses som {hsa_id}: stora bokstäver, utan blanksteg."
        remarks.append(Fault(row.number, table.headings[key], raw, said))
    elif key == "hsa_id" and not USUAL_ID.fullmatch(hsa_id):
        said = "HSA-id ser inte ut som SE, organisationsnummer och bindestreck. Stämmer det?"
        remarks.append(table.fault(row, key, said))
    return hsa_id


def address_of(text: str) -> str:
    """HSA's lines apart by "$" as one line, without the postal town that stands for itself.

    "Per Dubbsgatan 15$413 45 Göteborg$Sahlgrenska" → "Per Dubbsgatan 15, Sahlgrenska"
    """
    if "$" not in text:
        return text
    lines = (re.sub(r"(\\24)+", "", line).strip() for line in text.split("$"))
    return ", ".join(line for line in lines if line and not re.match(r"\d{3} ?\d{2}\b", line))
