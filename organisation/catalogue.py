"""Which of a unit's fields the region's catalogue owns once the unit has come from there.

The one list that the import, the admin and every other form go by.
"""

# Written by each import, when the file has the column.
CATALOGUE_FIELDS = (
    "hsa_id",
    "name",
    "kind",
    "ownership",
    "parent",
    "caregiver",
    "town",
    "address",
    "phone",
    "valid_from",
    "valid_to",
    "successor",
)
# Filled from the catalogue while it is empty; what somebody has written stays.
EDITORS_FIELDS = ("email",)
REFERENCES = ("parent", "caregiver", "successor")

WHY_LOCKED = (
    "Uppgifterna kommer ur regionens enhetskatalog och skrivs över vid nästa inläsning. Rätta dem "
    "i katalogen. Funktionsbrevlåda, telefontider och uppdrag är portalens egna."
)


def locked_fields(unit) -> frozenset[str]:
    """The fields of a unit that no form may change."""
    return frozenset(CATALOGUE_FIELDS) if unit and unit.from_catalogue else frozenset()


def keep_locked_fields(unit, stored) -> None:
    """Puts back what is locked, whatever way the values came (an older version, a forged post)."""
    for name in locked_fields(stored):
        field = unit._meta.get_field(name)
        setattr(unit, field.attname, getattr(stored, field.attname))
