"""The manager's form: a unit's contacts and all its roles, as one flat form.

Flat, so that `portal.editing.conflicts` can lay two people's forms over each other field by
field. The names of a role's fields begin with its slot's key.
"""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from portal.accounts.hsa_id import normal_hsa_id
from portal.editing.history_admin import LONGEST_REASON
from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.phones import begins_with_number
from portal.web.typed_dates import TypedDateField

from .catalogue import locked_fields
from .models import Appointment, Person, Role, Unit
from .phone_hours import refuse_impossible_days
from .unit_slots import Slot

State = Appointment.State
UNKNOWN = ""
STATES = [
    (UNKNOWN, "Vet inte"),
    (State.HELD, "Egen, med namn"),
    (State.SHARED, "Delas med en annan enhet"),
    (State.FUNCTION, "Funktion utan namn"),
    (State.VACANT, "Vakant"),
    (State.NOT_APPLICABLE, "Ej aktuell här"),
]
# What a manager may change of the unit itself. The one place to leave out what somebody else
# owns.
UNIT_FIELDS = ("phone", "email", "address", "town")
UNIT_HINTS = {"email": "Helst en funktionsbrevlåda, inte en persons adress."}
MOST_CANDIDATES = 8
NO_NUMBER = "Börja med numret, till exempel 08-465 00 19 eller 08-465 00 19, knappval 2."
PARTS = (
    "role", "state", "name", "hsa_id", "title", "shared_with", "acting",
    "email", "phone", "phone_hours", "first_day", "last_day", "pick",
)  # fmt: skip


def unit_fields(unit: Unit) -> list[str]:
    """The unit's own fields that its manager may change: none that the catalogue owns."""
    return [name for name in UNIT_FIELDS if name not in locked_fields(unit)]


def text(label, length, hint="", **attributes):
    return forms.CharField(
        label=label,
        max_length=length,
        required=False,
        help_text=hint,
        validators=[refuse_personal_numbers],
        widget=forms.TextInput(attrs={"autocomplete": "off", **attributes}),
    )


def day(label, hint=""):
    return TypedDateField(label=label, required=False, help_text=hint)


def slot_fields(slot: Slot) -> dict[str, forms.Field]:
    fields = {
        "state": forms.ChoiceField(label="Läge", choices=STATES, required=False),
        "name": text("Namn", 120, "När rollen är egen. Finns personen redan räcker namnet."),
        "hsa_id": text("Personens HSA-id", 31, "Behövs för en person som är ny här."),
        "title": text("Yrkestitel för en ny person", 120),
        "shared_with": text("Delas med", 120, "Den andra enhetens namn eller HSA-id."),
        "acting": forms.BooleanField(label="Tillförordnad", required=False),
        "email": forms.EmailField(
            label="Funktionsbrevlåda",
            required=False,
            help_text="Välj hellre funktionens brevlåda än en persons: den fungerar även vid "
            "semester och byte.",
            validators=[refuse_personal_numbers],
        ),
        "phone": text("Telefon", 30, inputmode="tel"),
        "phone_hours": text("Telefontid", 80, "Till exempel Måndag–fredag 8–9."),
        "first_day": day("Första dag", "Till exempel 2026-03-01. Vid byte: dagen den nya börjar."),
        "last_day": day("Sista dag", "Lämna tomt när inget slut är bestämt."),
        "pick": forms.CharField(required=False, max_length=20),
    }
    if slot.role is None:
        role = forms.ModelChoiceField(
            Role.objects.all(), label="Roll", required=False, empty_label="Välj roll"
        )
        fields = {"role": role, **fields}
    return fields


def slot_values(slot: Slot) -> dict:
    row = slot.row
    if row is None:
        return {"state": UNKNOWN}
    return {
        "state": row.state,
        "name": row.person.name if row.person else "",
        "hsa_id": row.person.hsa_id if row.person else "",
        "shared_with": row.shared_with.name if row.shared_with else "",
        "acting": row.acting,
        "email": row.email,
        "phone": row.phone,
        "phone_hours": row.phone_hours,
        "first_day": row.valid_from,
        "last_day": row.last_day,
    }


class UnitForm(forms.Form):
    """slots   the roles' places, the extra one last
    may_hand_over  whether roles that manage the unit are hers to change (not a deputy's)

    After is_valid(), `holders` says who each slot means: {key: Person or None}, a person
    without a number being a new one, and `partners` with which unit it is shared.
    """

    def __init__(self, data=None, *, unit, slots, may_hand_over):
        self.unit, self.slots, self.may_hand_over = unit, slots, may_hand_over
        self.names_of = {}
        self.holders, self.partners, self.candidates = {}, {}, {}
        super().__init__(data, initial={name: getattr(unit, name) for name in unit_fields(unit)})
        for name in unit_fields(unit):
            field = Unit._meta.get_field(name).formfield()
            field.help_text = UNIT_HINTS.get(name, "")
            field.group = "Enheten"
            field.validators.append(refuse_personal_numbers)
            self.fields[name] = field
        for slot in slots:
            self._add(slot, locked=not may_hand_over and _manages(slot))
        self.fields["reason"] = text(
            "Varför ändrar du?", LONGEST_REASON - 20, "Frivilligt. Visas i historiken."
        )
        self.fields["reason"].group = "Historik"
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def _add(self, slot, *, locked):
        names = {}
        for part, field in slot_fields(slot).items():
            names[part] = name = f"{slot.key}-{part}"
            field.group = slot.role.title if slot.role else "Ytterligare uppdrag"
            # A deputy could otherwise make herself, or another, the manager.
            field.disabled = locked
            if part == "role" and not self.may_hand_over:
                field.queryset = field.queryset.filter(manages_unit=False)
            self.fields[name] = field
        for part, value in slot_values(slot).items():
            self.initial[names[part]] = value
        self.names_of[slot.key] = names

    def touches(self, slot):
        """Whether anything of a slot was changed."""
        return not set(self.names_of[slot.key].values()).isdisjoint(self.changed_data)

    # -- checks ------------------------------------------------------------------------

    def part(self, slot, part):
        return self.cleaned_data.get(self.names_of[slot.key].get(part))

    def fault(self, slot, part, message):
        self.add_error(self.names_of[slot.key][part], message)

    def clean(self):
        values = super().clean()
        self._clean_numbers()
        for slot in self.slots:
            if not self.fields[self.names_of[slot.key]["state"]].disabled:
                self._clean_slot(slot)
        return values

    def _clean_numbers(self):
        """Only what is written anew: an older one must not stand in the way of other changes."""
        phones = {"phone", *(names["phone"] for names in self.names_of.values())}
        for name in phones.intersection(self.changed_data):
            number = self.cleaned_data.get(name)
            if number and not begins_with_number(number):
                self.add_error(name, NO_NUMBER)
        hours = {names["phone_hours"] for names in self.names_of.values()}
        for name in hours.intersection(self.changed_data):
            try:
                refuse_impossible_days(self.cleaned_data.get(name, ""))
            except ValidationError as fault:
                self.add_error(name, fault)

    def _clean_slot(self, slot):
        state = self.part(slot, "state")
        if state == UNKNOWN and slot.row is None and self._is_filled(slot):
            self.fault(slot, "state", "Välj ett läge för rollen, eller töm de andra fälten.")
        if slot.role is None and state and not self.part(slot, "role"):
            self.fault(slot, "role", "Välj vilken roll uppdraget gäller.")
        if state == State.HELD:
            self.holders[slot.key] = self._holder(slot)
        if state == State.SHARED:
            self.partners[slot.key] = self._partner(slot)
        first, last = self.part(slot, "first_day"), self.part(slot, "last_day")
        if first and last and last < first:
            self.fault(slot, "last_day", "Sista dagen kan inte komma före den första.")

    def _is_filled(self, slot):
        parts = [part for part in PARTS if part not in {"state", "pick"}]
        return any(self.part(slot, part) for part in parts)

    def _holder(self, slot):
        """Who is meant: by the pick among several, by HSA-id, or by name."""
        name, before = self.part(slot, "name"), slot.row and slot.row.person
        hsa_id = normal_hsa_id(self.part(slot, "hsa_id") or "")
        if not name and not hsa_id:
            self.fault(slot, "name", "Skriv vem som har rollen, eller välj ett annat läge.")
            return None
        if before and (name or before.name) == before.name and hsa_id in {"", before.hsa_id}:
            return before
        if before and hsa_id == before.hsa_id:
            hsa_id = ""  # a new name beside what the form said of the one before
        if hsa_id:
            return self._by_hsa_id(slot, name, hsa_id)
        return self._by_name(slot, name)

    def _by_hsa_id(self, slot, name, hsa_id):
        person = Person.objects.filter(hsa_id=hsa_id).first()
        if person is None:
            return self._new_person(slot, name, hsa_id)
        if name and name.casefold() != person.name.casefold():
            whose = "någon annan" if person.protected else person.name
            message = f"HSA-id {hsa_id} hör till {whose}. Kontrollera namn och HSA-id."
            self.fault(slot, "hsa_id", message)
        return person

    def _new_person(self, slot, name, hsa_id):
        if not name:
            self.fault(slot, "name", "Skriv personens namn: HSA-id:t är nytt här.")
            return None
        person = Person(hsa_id=hsa_id, name=name, title=self.part(slot, "title") or "")
        try:
            person.full_clean()
        except ValidationError as fault:
            for field, messages in fault.message_dict.items():
                part = field if field in {"hsa_id", "name", "title"} else "name"
                self.fault(slot, part, messages)
        return person

    def _by_name(self, slot, name):
        """People who stand on some unit's page, or on this one's."""
        found = list(persons_called(name, self.unit)[: MOST_CANDIDATES + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            self.fault(
                slot,
                "hsa_id",
                f"Ingen som heter {name} har ett uppdrag här eller på en annan enhet. Skriv "
                "personens HSA-id, så läggs hon eller han till. Har någon bytt namn, be "
                "administratören rätta det.",
            )
            return None
        return self._picked(slot, "name", found, f"Flera heter {name}. Välj vem du menar.")

    def _partner(self, slot):
        wanted = self.part(slot, "shared_with") or ""
        before = slot.row and slot.row.shared_with
        if before and wanted == before.name:
            return before
        if not wanted:
            self.fault(slot, "shared_with", "Skriv vilken enhet rollen delas med.")
            return None
        units = Unit.objects.public().exclude(pk=self.unit.pk)
        found = list(units.filter(hsa_id=normal_hsa_id(wanted)[:31])) or list(
            units.filter(name__iexact=wanted)[:MOST_CANDIDATES]
        )
        found = found or list(units.matching(wanted)[: MOST_CANDIDATES + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            self.fault(slot, "shared_with", f"Ingen enhet passar på ”{wanted}”.")
            return None
        message = f"Flera enheter passar på ”{wanted}”. Välj vilken du menar."
        return self._picked(slot, "shared_with", found, message)

    def _picked(self, slot, part, found, message):
        picked = self.part(slot, "pick")
        chosen = next((row for row in found if str(row.pk) == picked), None)
        if chosen is None:
            if len(found) > MOST_CANDIDATES:
                message = f"{message} Fler än {MOST_CANDIDATES} passar: skriv HSA-id i stället."
            self.candidates[slot.key] = found[:MOST_CANDIDATES]
            self.fault(slot, part, message)
        return chosen


def _manages(slot):
    return slot.role is not None and slot.role.manages_unit


def persons_called(name: str, unit: Unit):
    """People with a name whose appointments readers see today, or who are at the unit."""
    public = (
        Appointment.objects.in_office().named_to_readers().filter(person=OuterRef("pk")).order_by()
    )
    own = Appointment.objects.filter(person=OuterRef("pk"), unit=unit)
    # By regex, because SQLite's iexact takes Ö and ö for different letters.
    called = Person.objects.filter(name__iregex=rf"^\s*{re.escape(name)}\s*$")
    return called.filter(Exists(public) | Exists(own)).order_by("name", "pk")
