"""What guidance holds about people: who wrote and reviewed, and what readers send."""

from django.conf import settings

from portal.web.personal_data import Access, Told, tell

tell(
    "Den som skriver och granskar texter",
    [
        Told(
            "Vilket konto som skrev, granskade och publicerade en sida",
            "En riktlinje ska granskas av någon annan än den som skrev, och fel kunna rättas.",
            Access.INTERNAL,
            "Lika länge som versionen. Utan namn när kontot är raderat",
            fields=("guidance.PageVersion.author", "guidance.PageVersion.reviewer"),
        )
    ],
)
tell(
    "Den som läser och svarar på ”Hjälpte sidan dig?”",
    [
        Told(
            "Svar och kommentar",
            "Sidan ska bli bättre. Vem som svarade sparas inte.",
            Access.INTERNAL,
            f"{settings.FEEDBACK_DAYS} dagar efter att synpunkten är klar",
            fields=("guidance.Feedback.comment", "guidance.Feedback.note"),
        )
    ],
)
