"""What followup holds about people: who decided on definitions and let values out."""

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
        )
    ],
)
