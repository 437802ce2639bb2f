"""What the log holds about people, and how it forgets them."""

from django.conf import settings

from portal.web.personal_data import (
    Access,
    Forgotten,
    Told,
    forgets,
    forgets_rows,
    tell,
)

from .keeping import forget_rows, forget_words

tell(
    "Den som arbetar i portalen, och den som uppgifterna handlar om",
    [
        Told(
            "Vem som gjorde vad och när, också inloggningar",
            "Missbruk och fel ska gå att utreda, och loggen ska gå att lita på.",
            Access.INTERNAL,
            "Tills vidare, med kontots nummer i stället för namn",
            fields=("audit.Entry.actor", "audit.Entry.at", "audit.Entry.action"),
        ),
        Told(
            "Vad som stod i fälten före och efter",
            "Det ska gå att se vad en ändring innebar.",
            Access.INTERNAL,
            f"{settings.AUDIT_VALUE_DAYS} dagar, eller tills personens uppgifter gallras",
            fields=("audit.Values.content",),
        ),
    ],
)


@forgets
def erase(subject):
    number = forget_words(subject.words)
    return Forgotten(
        gone=[f"Värden i granskningsloggen: {number} poster."] if number else [],
    )


@forgets_rows
def erase_rows(model, ids):
    forget_rows(model._meta.label_lower, ids)
