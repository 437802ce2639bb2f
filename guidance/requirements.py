"""The demands of agreements as they are met today: counted where that can be done."""

from dataclasses import dataclass

from django.utils import timezone

from organisation.coverage import Share, coverage_on
from organisation.models import Appointment
from portal.web import panels
from portal.web.panels import Panel

from .models import Agreement, Page, Requirement

Measure = Requirement.Measure


@dataclass
class Met:
    """A demand with what was counted for it; only one of them, or nothing."""

    row: Requirement
    share: Share | None = None
    holders: int | None = None
    panels: list[Panel] | None = None


def agreements_panel(request):
    """The demands and, below, all agreements."""
    day = timezone.localdate()
    rows = Requirement.objects.select_related("role", "page__parent", "agreement")
    requirements = [met(row, day) for row in rows]
    named = Page.objects.public().filter(pk__in=[each.row.page_id for each in requirements])
    public = set(named.values_list("pk", flat=True))
    for each in requirements:
        if each.row.page_id not in public:
            each.row.page = None
    return Panel(
        "guidance/_agreements.html",
        {"requirements": requirements, "day": day, "rows": Agreement.objects.all()},
    )


def met(row: Requirement, day) -> Met:
    match row.measure:
        case Measure.COVERAGE:
            return Met(row, share=coverage_on(day, roles=[row.role]).share(row.role))
        case Measure.HOLDERS:
            held = Appointment.objects.public(day).filter(
                role=row.role, state=Appointment.State.HELD, acting=False
            )
            return Met(row, holders=held.order_by().values("person").distinct().count())
        case Measure.EDUCATION:
            return Met(row, panels=panels.collect("education_structure"))
    return Met(row)
