"""What education holds about people: the addresses of those who follow courses."""

from django.conf import settings
from django.utils.formats import date_format

from portal.audit.models import Action
from portal.audit.notes import note_rows
from portal.web.personal_data import Access, Forgotten, Held, Told, forgets, holds, tell

from .models import Subscription, TrainingRequest

tell(
    "Den som följer en utbildning",
    [
        Told(
            "E-postadress, vilken utbildning och hur ofta",
            "Brev om nya datum, anmälan som öppnar och inställda tillfällen ska komma fram.",
            Access.INTERNAL,
            f"Tills du slutar följa; {Subscription.OPEN_FOR.days} dagar om du inte bekräftar",
            fields=(
                "education.Subscription.address",
                "education.Subscription.course",
                "education.Subscription.rhythm",
            ),
        )
    ],
)
tell(
    "Den som beställer utbildning",
    [
        Told(
            "Namn, e-postadress och telefon i arbetet",
            "Den kursansvariga ska kunna svara och komma överens om tid.",
            Access.INTERNAL,
            f"{settings.TRAINING_REQUEST_DAYS} dagar efter att beställningen är avslutad",
            fields=(
                "education.TrainingRequest.contact_name",
                "education.TrainingRequest.email",
                "education.TrainingRequest.phone",
            ),
        )
    ],
)


@holds
def followed(subject):
    rows = Subscription.objects.filter(address__in=_addresses(subject)).select_related("course")
    return [
        Held(
            "Följer utbildningar",
            [
                {
                    "E-postadress": row.address,
                    "Utbildning": row.course.title if row.course else "Alla",
                    "Begärd": date_format(row.created_at, "Y-m-d H:i"),
                }
                for row in rows
            ],
        )
    ]


@forgets
def forget(subject):
    number = Subscription.objects.filter(address__in=_addresses(subject)).count()
    Subscription.objects.filter(address__in=_addresses(subject)).delete()
    return Forgotten(gone=[f"Utbildningar som följdes: {number}."] if number else [])


@holds
def asked_for(subject):
    rows = TrainingRequest.objects.filter(email__in=_addresses(subject))
    return [
        Held(
            "Beställda utbildningar",
            [
                {
                    "Nummer": str(row.pk),
                    "Namn": row.contact_name,
                    "E-postadress": row.email,
                    "Telefon": row.phone,
                    "Inkom": date_format(row.created_at, "Y-m-d H:i"),
                }
                for row in rows
            ],
        )
    ]


@forgets
def forget_who_asked(subject):
    """The wish stays, as an official document, without who wrote it; its history too."""
    nobody = {"contact_name": "", "email": "", "phone": ""}
    rows = TrainingRequest.objects.filter(email__in=_addresses(subject))
    asked = list(rows.values_list("pk", flat=True))
    number = rows.update(**nobody)
    note_rows(
        {
            "action": Action.ERASE,
            "model": "education.trainingrequest",
            "object_id": pk,
            "fields": [*nobody],
        }
        for pk in asked
    )
    TrainingRequest.history.filter(email__in=_addresses(subject)).update(**nobody)
    return Forgotten(
        gone=[f"Kontaktuppgifter i beställda utbildningar: {number}."] if number else []
    )


def _addresses(subject):
    return [address.lower() for address in subject.addresses]
