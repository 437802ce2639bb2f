"""Letters hold addresses."""

from django.utils.formats import date_format

from portal.web.personal_data import Access, Forgotten, Held, Told, forgets, holds, tell

from .models import OutgoingMail

tell(
    "Den som får brev från portalen",
    [
        Told(
            "E-postadress och brevets text",
            "Påminnelser ska komma fram en gång, och försök som misslyckas ska synas.",
            Access.INTERNAL,
            "Tills vidare",
            fields=("outbox.OutgoingMail.to", "outbox.OutgoingMail.body"),
        )
    ],
)


@holds
def letters(subject):
    rows = OutgoingMail.objects.filter(to__in=subject.addresses)
    return [
        Held(
            "Brev",
            [
                {
                    "Till": row.to,
                    "Ämne": row.subject,
                    "När": date_format(row.created_at, "Y-m-d H:i"),
                    "Text": row.body,
                }
                for row in rows
            ],
        )
    ]


@forgets
def erase(subject):
    number, _ = OutgoingMail.objects.filter(to__in=subject.addresses).delete()
    return Forgotten(gone=[f"Brev: {number}."] if number else [])
