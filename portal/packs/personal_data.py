"""What a loaded content pack is remembered by."""

from portal.web.personal_data import Access, Forgotten, Held, Told, forgets, holds, tell

from .models import PackEntry

tell(
    "Den som kom med ett innehållspaket",
    [
        Told(
            "HSA-id",
            "En rad som har tagits bort ska inte läsas in igen nästa gång.",
            Access.INTERNAL,
            "Tills vidare",
            fields=("packs.PackEntry.key",),
        )
    ],
)


def entries_of(subject):
    return PackEntry.objects.filter(
        noun__in=["person", "appointment"], key__contains=subject.hsa_id
    ).select_related("pack")


@holds
def remembered(subject):
    rows = [{"Paket": row.pack.name, "Nyckel": row.key} for row in entries_of(subject)]
    return [Held("Inlästa rader", rows)]


@forgets
def erase(subject):
    packs = sorted({row.pack.name for row in entries_of(subject)})
    return Forgotten(
        stays=[
            f"HSA-id i minnet av paketet {name}: annars läses personen in igen. Ta bort personen "
            "ur paketets filer."
            for name in packs
        ]
    )
