"""What education holds about people: the addresses of those who follow courses."""

from django.utils.formats import date_format

from portal.web.personal_data import Access, Forgotten, Held, Told, forgets, holds, tell

from .following_models import Subscription

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


def _addresses(subject):
    return [address.lower() for address in subject.addresses]
