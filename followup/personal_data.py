"""What followup holds about people: who wrote a comment, and when."""

from portal.web.personal_data import Access, Told, tell

tell(
    "Den som kommenterar enhetens siffror",
    [
        Told(
            "Konto och tidpunkt för kommentaren",
            "Den som ansvarar för uppföljningen ska veta vem som har svarat.",
            Access.INTERNAL,
            "Tills vidare",
            fields=("followup.UnitReview.saved_by",),
        ),
        Told(
            "Kommentarens texter och vem som svarar för åtgärden",
            "Enheten och regionen följer vad som bestämdes. Formuläret ber om roll, inte namn.",
            Access.INTERNAL,
            "Tills vidare",
            fields=("followup.UnitReview.owner", "followup.HistoricalUnitReview"),
        ),
    ],
)
