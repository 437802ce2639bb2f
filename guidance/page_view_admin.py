"""How often pages are read, as editors and owners see it: a list, a file, and bars on a page."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.template.response import TemplateResponse
from django.utils import timezone

from portal.web.spreadsheets import csv_response

from .models import Page, PageView
from .page_views import WEEKS_SHOWN, monday_of

ROWS_A_PAGE = 100
BAR_HEIGHT = 32


def weeks_shown():
    """The Mondays of the weeks that are shown, oldest first, this week last."""
    this = monday_of(timezone.localdate())
    return [this - timedelta(weeks=back) for back in range(WEEKS_SHOWN - 1, -1, -1)]


def by_views():
    """Pages, most read first, with `views` of the weeks shown."""
    shown = Q(views__week__gte=weeks_shown()[0])
    return (
        Page.objects.select_related("parent", "owner")
        .annotate(total=Coalesce(Sum("views__count", filter=shown), 0))
        .order_by("-total", "slug")
    )


def counts_of(pages):
    """{page's key: [(Monday, views)]} with every week shown, in one query."""
    weeks = weeks_shown()
    rows = PageView.objects.filter(page__in=[page.pk for page in pages], week__gte=weeks[0])
    found = {(row.page_id, row.week): row.count for row in rows}
    return {page.pk: [(week, found.get((page.pk, week), 0)) for week in weeks] for page in pages}


def bars(counts):
    """Heights for a drawing: [{"week", "count", "x", "y", "height"}]."""
    most = max((count for _, count in counts), default=0) or 1
    return [
        {
            "week": week,
            "count": count,
            "x": place * 10,
            "height": (height := max(round(BAR_HEIGHT * count / most), 1 if count else 0)),
            "y": BAR_HEIGHT - height,
        }
        for place, (week, count) in enumerate(counts)
    ]


def views_of(page):
    """A page's own figures for its form."""
    counts = counts_of([page])[page.pk]
    return {"bars": bars(counts), "total": sum(count for _, count in counts), "counts": counts}


def views_list(model_admin, request):
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    shown = Paginator(by_views(), ROWS_A_PAGE).get_page(request.GET.get("p"))
    counts = counts_of(shown.object_list)
    context = model_admin.context(
        request,
        None,
        "Sidvisningar",
        shown=shown,
        rows=[(page, bars(counts[page.pk]), counts[page.pk][-1][1]) for page in shown],
        first_week=weeks_shown()[0],
    )
    return TemplateResponse(request, "admin/guidance/page/views.html", context)


def views_csv(model_admin, request):
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    pages = list(by_views())
    counts = counts_of(pages)
    weeks = [week.isoformat() for week in weeks_shown()]
    rows = (
        [
            page.nav_title,
            page.get_absolute_url(),
            page.owner.title,
            page.total,
            *(count for _, count in counts[page.pk]),
        ]
        for page in pages
    )
    return csv_response("sidvisningar.csv", ["sida", "adress", "ägare", "summa", *weeks], rows)
