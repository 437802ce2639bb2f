"""Pages that wait for somebody, for the admin's start page and its list of pages."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import QuerySet

from portal.publishing.models import VersionState

from .law_register import pages_needing_check
from .models import Page, PageVersion


@dataclass(frozen=True)
class Waiting:
    label: str
    pages: Callable[[], QuerySet]


def having(versions: Callable[[], QuerySet]) -> Callable[[], QuerySet]:
    return lambda: Page.objects.filter(pk__in=versions().order_by().values("page"))


# By their name in the list's address.
WAITING = {
    "ny-granskning": Waiting("Sidor att granska på nytt", lambda: Page.objects.public().due()),
    "inskickad": Waiting(
        "Sidor för granskning",
        having(lambda: PageVersion.objects.filter(state=VersionState.IN_REVIEW)),
    ),
    "utkast": Waiting(
        "Sidor med utkast", having(lambda: PageVersion.objects.filter(state=VersionState.DRAFT))
    ),
    "fel": Waiting(
        "Publicerade sidor med fel i texten",
        having(lambda: PageVersion.objects.live().exclude(faults=0)),
    ),
    "ska-granskas": Waiting(
        "Sidor med ”ska granskas”",
        having(lambda: PageVersion.objects.live().exclude(review_note="")),
    ),
    "lagrum": Waiting("Sidor som vilar på ett ändrat lagrum", pages_needing_check),
}


class WaitingFilter(admin.SimpleListFilter):
    title = "vad som väntar"
    parameter_name = "vantar"

    def lookups(self, request, model_admin):
        return [(name, each.label) for name, each in WAITING.items()]

    def queryset(self, request, queryset):
        chosen = WAITING.get(self.value())
        return (
            queryset.filter(pk__in=chosen.pages().order_by().values("pk")) if chosen else queryset
        )
