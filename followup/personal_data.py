"""What followup holds about people: who defined, read in, let out or commented on figures."""

from portal.web.personal_data import Access, Told, tell

tell(
    "Den som arbetar med indikatorer",
    [
        Told(
            "Vilket konto som skrev och granskade en definition och publicerade värden",
            "En definition ska granskas av någon annan än den som skrev, och fel kunna rättas.",
            Access.INTERNAL,
            "Lika länge som definitionen och publiceringen. Utan namn när kontot är raderat",
            fields=(
                "followup.IndicatorVersion.author",
                "followup.IndicatorVersion.checker",
                "followup.Release.released_by",
            ),
        ),
        Told(
            "Vilket konto som läste in, godkände, avvisade och ångrade mätvärden",
            "Värden ska godkännas av någon annan än den som läste in dem, och fel kunna rättas.",
            Access.INTERNAL,
            "Lika länge som inläsningen. Utan namn när kontot är raderat",
            fields=(
                "followup.ImportBatch.uploaded_by",
                "followup.ImportBatch.decided_by",
                "followup.ImportBatch.undone_by",
            ),
        ),
    ],
)
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
