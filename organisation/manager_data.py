"""What organisation holds about who may edit a unit, for the table, the export and the erasure."""

from django.db.models import Q

from portal.accounts.models import User
from portal.web.personal_data import Access, Forgotten, Held, Told, forgets, holds, tell

from .models import Attestation, UnitManager
from .personal_data import records, words_of

tell(
    "Den som håller en enhets uppgifter rätt",
    [
        Told(
            "Rätt att ändra en enhet: konto, e-postadress eller HSA-id",
            "Bara den som svarar för enheten, och ersättaren, ska kunna ändra.",
            Access.INTERNAL,
            "Så länge kontot finns, annars tills den tas bort",
            fields=(
                "organisation.UnitManager.user",
                "organisation.UnitManager.email",
                "organisation.UnitManager.hsa_id",
                "organisation.HistoricalUnitManager",
            ),
        ),
        Told(
            "Vem som sa att en enhets uppgifter stämmer",
            "Läsaren ser dagen. Vem det var behövs för att kunna fråga.",
            Access.INTERNAL,
            "Så länge kontot finns",
            fields=("organisation.Attestation.by",),
        ),
    ],
)


def _about(subject):
    """Of rights and of their records, whose account is no more than a number."""
    account = User.objects.filter(hsa_id=subject.hsa_id).values("pk")
    about = Q(user__in=account) | Q(hsa_id=subject.hsa_id)
    for address in subject.addresses:
        about |= Q(email__iexact=address)
    return about


@holds
def rights_and_attestations(subject):
    rights = UnitManager.objects.filter(_about(subject))
    attested = Attestation.objects.filter(by__hsa_id=subject.hsa_id)
    return [
        Held("Rätt att ändra enheter", [words_of(row) for row in rights]),
        Held("Historik över rätt att ändra", records(UnitManager.history.filter(_about(subject)))),
        Held("Kontroller av enheter", [words_of(row) for row in attested]),
    ]


@forgets
def erase(subject):
    """A right of hers goes, with those that rest on it; the units keep the days."""
    done = Forgotten()
    rows = UnitManager.objects.filter(_about(subject))
    if number := rows.count():
        rows.delete()
        done.gone.append(f"Rätt att ändra enheter: {number} rader.")
    UnitManager.history.filter(_about(subject)).delete()
    if days := Attestation.objects.filter(by__hsa_id=subject.hsa_id).update(by=None):
        done.gone.append(f"Vem som sa att en enhet stämmer: {days} dagar.")
    return done
