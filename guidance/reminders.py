"""What the owners of pages are reminded of by mail."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Max
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from organisation.mailboxes import addresses_of
from portal.outbox import reminders
from portal.outbox.reminders import Reminder

from .content_checks import check_pages
from .content_checks.findings import ERROR
from .models import Feedback, Page, PageVersion
from .page_texts import facts_for, live_pages
from .reviews import DUE_SOON, OVERDUE, reviewed_versions

DRAFTS_LIE_FOR = timedelta(days=14)
LATE, SOON, FEEDBACK, DRAFTS, FAULTS = (
    "Granskningen är försenad",
    "Ska granskas inom 30 dagar",
    "Nya synpunkter att läsa",
    "Utkast som har legat i mer än 14 dagar",
    "Publicerade sidor med fel i texten",
)


@reminders.register
def of_pages() -> Iterator[Reminder]:
    """All that waits, page by page, for whoever holds the role that owns the page."""
    waiting = [*reviews_due(), *new_feedback(), *old_drafts(), *faults_in_texts()]
    addresses = addresses_of(page.owner_id for _, page, _, _ in waiting)
    for heading, page, text, path in waiting:
        owner = f"Rollen {page.owner.title}"
        yield Reminder(owner, addresses.get(page.owner_id, ()), heading, text, path)


def reviews_due():
    for row in reviewed_versions():
        heading = {OVERDUE: LATE, DUE_SOON: SOON}.get(row.review_state)
        if heading:
            day = date_format(row.page.next_review, "j F Y")
            yield heading, row.page, f"{row.title}, {day}", row.page.get_absolute_url()


def new_feedback():
    """How much there is to read, never what it says: a letter is no place for it."""
    counts = dict(Feedback.objects.to_read().order_by().values_list("page").annotate(Count("pk")))
    for page in _pages(counts):
        query = {"page__id__exact": page.pk, "status__exact": Feedback.Status.NEW}
        path = reverse("admin:guidance_feedback_changelist", query=query)
        yield FEEDBACK, page, f"{page.nav_title}: {counts[page.pk]}", path


def old_drafts():
    latest = Coalesce(Max("events__at"), "created_at")
    old = (
        PageVersion.objects.working()
        .annotate(touched_at=latest)
        .filter(touched_at__lt=timezone.now() - DRAFTS_LIE_FOR)
    )
    since = defaultdict(list)
    for page, touched_at in old.values_list("page", "touched_at"):
        since[page].append(touched_at)
    for page in _pages(since):
        day = date_format(timezone.localtime(min(since[page.pk])), "j F Y")
        path = reverse("admin:guidance_page_change", args=[page.pk])
        yield DRAFTS, page, f"{page.nav_title}, sedan {day}", path


def faults_in_texts():
    texts = live_pages()
    counts = defaultdict(int)
    for finding in check_pages(texts, facts_for(texts)):
        if finding.severity == ERROR:
            counts[finding.page] += 1
    pages = Page.objects.filter(slug__in=counts).select_related("owner", "parent")
    for page in pages.order_by("nav_title", "slug"):
        path = reverse("admin:guidance_page_change", args=[page.pk])
        yield FAULTS, page, f"{page.nav_title}: {counts[page.slug]} fel", path


def _pages(ids):
    rows = Page.objects.filter(pk__in=list(ids)).select_related("owner", "parent")
    return rows.order_by("nav_title", "slug")
