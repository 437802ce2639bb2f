"""Letters to those who follow courses: written when they are sent, with a way out in each."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from portal.outbox import writers
from portal.outbox.writers import NOBODY, Letter
from portal.web.models import SiteSettings

from . import following
from .models import NewsKind, Rhythm, Subscription
from .presenters import calendar_row

HEADINGS = {
    NewsKind.NEW: "Nya datum",
    NewsKind.MOVED: "Flyttat",
    NewsKind.OPENS: "Anmälan har öppnat",
    NewsKind.CANCELLED: "Inställt",
}


@writers.register(following.CONFIRM)
def confirm_letter(_, about):
    row = _subscription(about)
    if row is None or row.confirmed_at:
        return NOBODY
    return _letter(row, "confirm", days=Subscription.OPEN_FOR.days)


@writers.register(following.NEWS)
def news_letter(_, about):
    row = _subscription(about)
    if row is None or not row.confirmed_at:
        return NOBODY
    news = following.news_for(row, after=about["after"], to=about["to"])
    if not news:
        return NOBODY
    parts = [(HEADINGS[kind], [*map(_told, rows)]) for kind, rows in news.items()]
    return _letter(row, "news", parts=parts, is_weekly=row.rhythm == Rhythm.WEEKLY)


def _told(occasion):
    """A row of the calendar, and when it was before if it has been moved."""
    return calendar_row(occasion), getattr(occasion, "moved_from", None)


def _subscription(about):
    rows = Subscription.objects.select_related("course")
    return rows.filter(pk=about["subscription"]).first()


def _letter(row, name, **context):
    token = following.token_of(row)
    leave = settings.SITE_URL + reverse("education:follow_leave", args=[token])
    context |= {
        "course": row.course,
        "kinds": [NewsKind(kind).label for kind in row.kinds],
        "confirm_url": settings.SITE_URL + reverse("education:follow_confirm", args=[token]),
        "leave_url": leave,
        "site_url": settings.SITE_URL,
        "region_name": SiteSettings.objects.current().name,
    }
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Letter(row.address, render_to_string(f"education/letters/{name}.txt", context), headers)
