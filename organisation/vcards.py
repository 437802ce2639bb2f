"""Contacts as vCard 3.0 (RFC 2426), the version that telephones and Outlook read alike."""

from collections.abc import Iterable

from portal.web.content_lines import escaped, joined

from .models import Appointment, Unit

CONTENT_TYPE = "text/vcard; charset=utf-8"
WITH_CARD = (Appointment.State.HELD, Appointment.State.FUNCTION)


def card(lines: Iterable[tuple[str, str | tuple[str, ...]]]) -> str:
    """Properties in order as one card; those without a value are left out. A tuple's parts
    are kept apart by semicolons."""
    written = ["BEGIN:VCARD", "VERSION:3.0"]
    for name, value in lines:
        parts = value if isinstance(value, tuple) else (value,)
        if any(parts):
            written.append(f"{name}:{';'.join(map(escaped, parts))}")
    return joined([*written, "END:VCARD"])


def unit_card(unit: Unit, url: str) -> str:
    return card(
        [
            ("N", (unit.name, "", "", "", "")),
            ("FN", unit.name),
            ("ORG", unit.name),
            ("TEL;TYPE=WORK,VOICE", unit.phone),
            ("EMAIL;TYPE=INTERNET,PREF", unit.email),
            ("ADR;TYPE=WORK", ("", "", unit.address, unit.town, "", "", "")),
            ("URL", url),
            ("UID", url),
        ]
    )


def appointment_card(row: Appointment, url: str) -> str:
    """Who holds a role at a unit, by the function's own telephone and mailbox."""
    unit = row.unit
    if row.person:
        given, _, family = row.person.name.rpartition(" ")
        name, shown = (family, given, "", "", ""), row.person.name
    else:
        shown = f"{row.role.title}, {unit.name}"
        name = (shown, "", "", "", "")
    acting = "Tillförordnad. " if row.acting else ""
    hours = f"Telefontid {row.phone_hours}." if row.phone_hours else ""
    return card(
        [
            ("N", name),
            ("FN", shown),
            ("ORG", unit.name),
            ("TITLE", row.role.title),
            ("TEL;TYPE=WORK,VOICE", row.phone or unit.phone),
            ("EMAIL;TYPE=INTERNET,PREF", row.email or unit.email),
            ("ADR;TYPE=WORK", ("", "", unit.address, unit.town, "", "", "")),
            ("NOTE", f"{acting}{hours}".strip()),
            ("URL", url),
            ("UID", f"{url}-{row.pk}"),
        ]
    )
