"""Searches that found nothing, kept so that editors can add words, without personal data.

Somebody may search for a person, or paste what should never be pasted. So the words are kept
as a keyed hash until three different senders have asked within a quarter, and what looks like
a number of a person, a telephone number or an address is not counted at all. A year later it
is gone.
"""

import re
from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.web.afterwards import Afterwards
from portal.web.personal_numbers import has_personal_number
from portal.web.rate_limit import sender_code

from .analyser import compose
from .models import MissedQuery

SHOWN_FROM = 3  # senders
WITHIN = timedelta(weeks=13)
KEPT = timedelta(weeks=52)
LONGEST = 100
MOST_A_WEEK = 2000  # rows: a flood of nonsense fills nothing
MOST_DIGITS = 8  # codes and years have fewer, telephone numbers more
DAY = 24 * 60 * 60


def may_be_kept(text: str) -> bool:
    """Whether some words are sure to hold no address, telephone or personal number."""
    return (
        0 < len(text) <= LONGEST
        and "@" not in text
        and len(re.findall(r"\d", text)) <= MOST_DIGITS
        and not has_personal_number(text)
    )


def note(text: str, request) -> None:
    """Count a search without hits, a sender's first of the day, when its answer has left."""
    text = " ".join(compose(text).casefold().split())
    if may_be_kept(text):
        noted.add(text, request)


def _count_first(text, request):
    digest = salted_hmac("portal.search.missed", text, algorithm="sha256").hexdigest()
    if cache.add(f"missed-{digest[:32]}-{sender_code(request)}", 1, DAY):
        with transaction.atomic():
            _count(text, digest)


noted = Afterwards(_count_first)


def _count(text, digest):
    today = timezone.localdate()
    week = today - timedelta(days=today.weekday())
    of_query = MissedQuery.objects.filter(digest=digest)
    if not of_query.filter(week=week).update(count=F("count") + 1):
        MissedQuery.objects.filter(week__lt=today - KEPT).delete()
        if MissedQuery.objects.filter(week=week).count() >= MOST_A_WEEK:
            return
        try:
            with transaction.atomic():
                MissedQuery.objects.create(digest=digest, week=week, count=1)
        except IntegrityError:  # another worker was first
            of_query.filter(week=week).update(count=F("count") + 1)
    lately = of_query.filter(week__gt=today - WITHIN)
    if (lately.aggregate(total=Sum("count"))["total"] or 0) >= SHOWN_FROM:
        lately.filter(text="").update(text=text)
