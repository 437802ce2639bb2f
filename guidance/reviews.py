"""Every page with its owner and its reviews: for readers, in a file, and for who must act."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from organisation.models import Role
from portal.web.filters import choice_filter, page_filter, row_filter
from portal.web.ordering import swedish_key
from portal.web.panels import Panel
from portal.web.spreadsheets import csv_response

from .models import PageVersion
from .models.pages import Register, next_review

SOON = timedelta(days=30)
OVERDUE, DUE_SOON, NEVER, REVIEWED = "forsenad", "snart", "aldrig", "granskad"
STATES = {
    OVERDUE: "Försenad granskning",
    DUE_SOON: "Ska granskas inom 30 dagar",
    NEVER: "Ännu inte granskad",
    REVIEWED: "Granskad, inget att göra",
}
# Column of the table -> what it is called, and what it is ordered by. Days that do not exist
# stand first: nobody has read those pages.
ORDERS = {
    "sida": ("Sida", lambda row: swedish_key(row.title)),
    "agare": ("Ägare", lambda row: swedish_key(row.owner_title)),
    "senast": ("Senast granskad", lambda row: row.reviewed_on or date.min),
    "nasta": ("Nästa granskning", lambda row: row.next_review or date.min),
}
PER_PAGE = 100
ORDER_CHOICES = [
    ("", "Som i menyn"),
    ("sida", "Sida, A till Ö"),
    ("-sida", "Sida, Ö till A"),
    ("agare", "Ägare, A till Ö"),
    ("-agare", "Ägare, Ö till A"),
    ("senast", "Granskad, äldst först"),
    ("-senast", "Granskad, nyast först"),
    ("nasta", "Nästa granskning, tidigast först"),
    ("-nasta", "Nästa granskning, senast först"),
]
CSV_HEADER = [
    *("Sida", "Adress", "Ägare", "Senast granskad", "Nästa granskning", "Läge"),
    *("Ska granskas", "Version", "Publicerad"),
]


class ReviewForm(forms.Form):
    agare = row_filter(
        Role.objects.filter(owned_pages__isnull=False).distinct(),
        label="Ägare",
        empty="Alla ägare",
        wrong="Välj en ägare i listan.",
    )
    lage = choice_filter(
        [("", "Alla lägen"), *STATES.items()], label="Läge", wrong="Välj ett läge i listan."
    )
    ordning = choice_filter(ORDER_CHOICES, label="Ordning", wrong="Välj en ordning i listan.")
    page = page_filter()


def review_state(due: date | None, on: date) -> str:
    """Where a page stands that is due for review on a day, as one of STATES."""
    if due is None:
        return NEVER
    if due <= on:
        return OVERDUE
    return DUE_SOON if due <= on + SOON else REVIEWED


class Row(NamedTuple):
    """What the list counts, filters and orders by: light, since there may be thousands."""

    version: int
    title: str
    owner: int
    owner_title: str
    reviewed_on: date | None
    next_review: date | None
    state: str


def review_rows() -> list[Row]:
    """Every page that the public may read, in the order of the site."""
    found = (
        PageVersion.objects.live()
        .order_by(
            F("page__parent__position").asc(nulls_first=True),
            F("page__parent__slug").asc(nulls_first=True),
            "page__position",
            "page__slug",
        )
        .values_list(
            *("pk", "title", "page__owner", "page__owner__title"),
            *("page__reviewed_on", "page__review_interval_months"),
        )
    )
    today = timezone.localdate()
    rows = []
    for pk, title, owner, owner_title, reviewed_on, months in found:
        due = next_review(reviewed_on, months)
        state = review_state(due, today)
        rows.append(Row(pk, title, owner, owner_title, reviewed_on, due, state))
    return rows


def versions_of(rows: Iterable[Row]) -> list[PageVersion]:
    """The rows' versions, with `review_state`: what a page of the list or the file shows."""
    rows = list(rows)
    versions = (
        PageVersion.objects.defer("body", "rendered", "contents", "lasting")
        .select_related("page__parent", "page__owner")
        .in_bulk([row.version for row in rows])
    )
    found = []
    for row in rows:
        if version := versions.get(row.version):
            version.review_state = row.state
            version.review_label = STATES[row.state]
            found.append(version)
    return found


def reviewed_versions() -> list[PageVersion]:
    """The live version of every page, in the order of the site, with `review_state`."""
    return versions_of(review_rows())


def chosen(rows: Iterable[Row], form: ReviewForm) -> list[Row]:
    """The rows that a form asks for, in its order; all of them when the form has faults."""
    if not form.is_valid():
        return list(rows)
    asked = form.cleaned_data
    owner = asked["agare"] and asked["agare"].pk
    found = [row for row in rows if owner in (None, row.owner) and asked["lage"] in ("", row.state)]
    if asked["ordning"]:
        _, key = ORDERS[asked["ordning"].lstrip("-")]
        found.sort(key=key, reverse=asked["ordning"].startswith("-"))
    return found


def reviews_panel(request) -> Panel:
    form = ReviewForm(request.GET if request else {})
    path = request.path if request else ""
    rows = review_rows()
    found = chosen(rows, form)
    asked = form.cleaned_data if form.is_valid() else {}
    query = {name: form.data.get(name) for name in ("agare", "lage") if asked.get(name)}
    order = asked.get("ordning", "")
    kept = {**query, "ordning": order} if order else query
    page = Paginator(found, PER_PAGE).get_page(asked.get("page"))
    states = Counter(row.state for row in rows)

    def numbered(number):
        return f"?{urlencode({**kept, 'page': number})}#lista-granskning"

    return Panel(
        "guidance/_reviews.html",
        {
            "form": form,
            "rows": versions_of(page),
            "page": page,
            "before": numbered(page.previous_page_number()) if page.has_previous() else "",
            "after": numbered(page.next_page_number()) if page.has_next() else "",
            "total": len(rows),
            "counts": [
                {"label": label, "count": states[state], "state": state}
                for state, label in STATES.items()
            ],
            "state": asked.get("lage"),
            "columns": [column(name, order, query) for name in ORDERS],
            "csv_path": f"{path.rstrip('/')}.csv",
            "csv_query": urlencode(kept),
            "is_filtered": bool(query),
        },
        stylesheet="css/reviews.css",
    )


def column(name: str, order: str, query: dict) -> dict:
    """A column's heading: pressed once it orders the table, once more the other way."""
    sort = {name: "ascending", f"-{name}": "descending"}.get(order, "")
    turned = f"-{name}" if sort == "ascending" else name
    return {
        "label": ORDERS[name][0],
        "sort": sort,
        "url": f"?{urlencode({**query, 'ordning': turned})}#lista-granskning",
    }


@require_safe
def review_csv(request, section, slug):
    """The same rows as the page shows for the same query, as a file."""
    version = PageVersion.objects.for_page(slug).first()
    shown = version is not None and version.is_live()
    if not shown or version.page.register != Register.REVIEWS:
        raise Http404("Sidan har ingen fil med granskningar.")
    if request.path != f"{version.page.get_absolute_url().rstrip('/')}.csv":
        raise Http404("Filen finns på sidans egen adress.")
    rows = versions_of(chosen(review_rows(), ReviewForm(request.GET)))
    return csv_response(
        "granskning.csv",
        CSV_HEADER,
        (
            [
                *(row.title, request.build_absolute_uri(row.page.get_absolute_url())),
                *(row.page.owner.title, row.page.reviewed_on, row.page.next_review),
                *(row.review_label, row.review_note, row.number),
                timezone.localdate(row.publish_at),
            ]
            for row in rows
        ),
    )
