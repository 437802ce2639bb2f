"""What followup holds about people: who read in values, approved and undid it."""

from portal.web.personal_data import Access, Told, tell

tell(
    "Den som arbetar med indikatorer",
    [
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
        )
    ],
)
