"""The addresses by which a reader takes a selection of the calendar along."""

from dataclasses import dataclass

from django.urls import reverse

from .forms import CalendarForm

# What belongs to the page that is looked at and not to what a subscriber wants to follow.
OF_THE_PAGE = ("page", "vy", "manad", "period")


@dataclass
class FeedLinks:
    """query: the selection's filters as "?malgrupp=lakare", or nothing."""

    ics: str
    webcal: str
    webcal_with_deadlines: str
    json: str
    qr: str
    here: str


def feed_links(request, form: CalendarForm) -> FeedLinks:
    """The links of the selection that an address asks for; of the whole calendar when it is bad."""
    query = request.GET.copy()
    if not form.is_valid():
        query.clear()
    here = query.copy()
    here.pop("page", None)
    for name in OF_THE_PAGE:
        query.pop(name, None)
    with_deadlines = query.copy()
    with_deadlines["anmalan"] = "on"

    def webcal(chosen):
        path = reverse("education:calendar_ics", query=chosen or None)
        return f"webcal://{request.build_absolute_uri(path).partition('://')[2]}"

    return FeedLinks(
        ics=reverse("education:calendar_ics", query=here or None),
        webcal=webcal(query),
        webcal_with_deadlines=webcal(with_deadlines),
        json=reverse("education:calendar_json", query=here or None),
        qr=reverse("education:calendar_qr", query=query or None),
        here=here.urlencode(),
    )
