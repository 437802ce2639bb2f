"""What becomes of those who follow courses: asked for, confirmed, told once, forgotten."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from portal.outbox.actions import queue, queue_confidential

from .models import (
    Course,
    CourseNews,
    NewsDelivery,
    NewsKind,
    Occasion,
    Rhythm,
    Session,
    Subscription,
)

# So many letters asking "Do you want this?" one address may get in a day, whoever asks.
LETTERS_PER_DAY = 5
CONFIRM, NEWS = "follow_confirm", "follow_news"
# As they stand in a letter.
LETTER_ORDER = [NewsKind.NEW, NewsKind.MOVED, NewsKind.OPENS, NewsKind.CANCELLED]
_signer = Signer(salt="education.following")


def token_of(subscription: Subscription) -> str:
    return _signer.sign(subscription.identity.hex)


def is_ours(token: str) -> bool:
    try:
        return bool(_signer.unsign(token))
    except BadSignature:
        return False


def find(token: str) -> Subscription | None:
    """Whose link it is; None when the link is not ours or its owner has left."""
    try:
        identity = UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Subscription.objects.select_related("course").filter(identity=identity).first()


def ask(*, address: str, course: Course | None, kinds: Iterable[str], rhythm: str) -> None:
    """Queues the letter with the question. Nothing is followed until it is answered, and
    nothing that is followed changes."""
    address = address.lower()
    since = timezone.now() - timedelta(days=1)
    asked = Subscription.objects.filter(address=address, created_at__gt=since)
    if asked.count() >= LETTERS_PER_DAY:
        return
    with transaction.atomic():
        row = Subscription.objects.create(
            address=address, course=course, kinds=[*kinds], rhythm=rhythm
        )
        # The address stands with the row alone, so that leaving erases it at once.
        queue_confidential(
            to="",
            subject="Försäkringsmedicin: Bekräfta att du vill följa",
            writer=CONFIRM,
            about={"subscription": row.pk},
        )


def confirm(subscription: Subscription) -> None:
    """From now on; said twice it is the same. A newer yes replaces an older about the same."""
    now = timezone.now()
    with transaction.atomic():
        pending = Subscription.objects.filter(pk=subscription.pk, confirmed_at=None)
        pending.update(confirmed_at=now, told_at=now, told_to=_last_news())
        same = Subscription.objects.confirmed().filter(
            address=subscription.address, course=subscription.course
        )
        newest = same.aggregate(Max("pk"))["pk__max"]
        same.filter(pk__lt=newest or 0).delete()


def leave(subscription: Subscription) -> None:
    """The row and its address go; what waits in the queue finds nobody to write to."""
    subscription.delete()


def _last_news():
    return CourseNews.objects.aggregate(Max("pk"))["pk__max"] or 0


def notice() -> int:
    """Notes what has happened since last time; how much. The first time of all there is no
    last time: what stands in the calendar then is known and told to nobody."""
    now = timezone.now()
    public = Occasion.objects.public().coming(now)
    found = {
        NewsKind.NEW: public.filter(cancelled_on=None),
        NewsKind.OPENS: public.open_for_registration(now).exclude(registration_opens=None),
        NewsKind.CANCELLED: public.exclude(cancelled_on=None),
    }
    is_first = not CourseNews.objects.exists()
    times = times_of(public)
    rows = []
    for kind, occasions in found.items():
        known = CourseNews.objects.filter(occasion=OuterRef("pk"), kind=kind)
        fresh = occasions.filter(~Exists(known)).order_by("starts", "pk")
        rows += [
            CourseNews(occasion=each, kind=kind, times=times.get(each.pk, "")) for each in fresh
        ]
    rows += _moved(found[NewsKind.NEW], times)
    # Two runs at once notice the same: the constraint lets one of them.
    CourseNews.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if is_first:
        Subscription.objects.update(told_to=_last_news())
        return 0
    return len(rows)


def times_of(occasions: QuerySet) -> dict[int, str]:
    """{occasion's pk: the moments of its sessions as text}, the same while nothing is moved."""
    sessions = Session.objects.filter(occasion__in=occasions.values("pk"))
    told = defaultdict(list)
    for pk, starts, ends in sessions.order_by("starts", "ends", "pk").values_list(
        "occasion", "starts", "ends"
    ):
        told[pk] += [starts.astimezone(UTC).isoformat(), ends.astimezone(UTC).isoformat()]
    return {pk: "/".join(moments) for pk, moments in told.items()}


def _moved(occasions, times):
    """News of those held at other times than were told. What was noticed before times were
    kept counts as told with the times of now."""
    told = CourseNews.objects.filter(
        occasion__in=occasions.values("pk"), kind__in=[NewsKind.NEW, NewsKind.MOVED]
    )
    last = {row.occasion_id: row for row in told.order_by("pk") if row.occasion_id in times}
    unknown = [row for row in last.values() if not row.times]
    for row in unknown:
        row.times = times[row.occasion_id]
    CourseNews.objects.bulk_update(unknown, ["times"], batch_size=500)
    return [
        CourseNews(occasion_id=pk, kind=NewsKind.MOVED, times=times[pk], previous=row)
        for pk, row in last.items()
        if row.times != times[pk]
    ]


def wanted(kinds: Iterable[str]) -> set[str]:
    """The kinds of news that a follower gets for those she chose."""
    return {*kinds, NewsKind.MOVED} if NewsKind.NEW in kinds else {*kinds}


def queue_news() -> int:
    """Queues a letter for each follower who has something to be told; how many letters."""
    notice()
    last = _last_news()
    waiting = Subscription.objects.due().filter(told_to__lt=last)
    oldest = waiting.order_by("told_to").values_list("told_to", flat=True).first()
    if oldest is None:
        return 0
    fields = ("pk", "kind", "occasion__course_id")
    news = [*CourseNews.objects.filter(pk__gt=oldest, pk__lte=last).values_list(*fields)]
    letters = 0
    for row in [*waiting.order_by("pk")]:
        count = sum(
            pk > row.told_to and kind in wanted(row.kinds) and row.course_id in {None, course}
            for pk, kind, course in news
        )
        letters += _queue_letter(row, last, count)
    return letters


def _queue_letter(row, last, count):
    """True when there is a letter, and no other run has queued it."""
    now = timezone.now()
    values = {"told_to": last} | ({"told_at": now} if count else {})
    with transaction.atomic():
        same = Subscription.objects.filter(pk=row.pk, told_to=row.told_to)
        if not same.update(**values) or not count:
            return False
        queue(
            key=f"course news {row.pk} {last}",
            to="",
            subject="Försäkringsmedicin: Nytt om utbildningar du följer",
            writer=NEWS,
            about={"subscription": row.pk, "after": row.told_to, "to": last},
        )
        NewsDelivery.objects.create(subscription=row, rhythm=Rhythm(row.rhythm), count=count)
    return True


def news_for(subscription: Subscription, *, after: int, to: int) -> dict[str, list[Occasion]]:
    """{kind: occasions in order} of what still holds when the letter is written."""
    kinds = wanted(subscription.kinds)
    rows = CourseNews.objects.filter(pk__gt=after, pk__lte=to, kind__in=kinds)
    if subscription.course_id:
        rows = rows.filter(occasion__course=subscription.course_id)
    rows = [*rows.select_related("previous").order_by("pk")]
    occasions = Occasion.objects.public().coming().select_related("course").order_by("starts", "pk")
    found = {}
    for kind in LETTER_ORDER:
        named = occasions.filter(pk__in=[each.occasion_id for each in rows if each.kind == kind])
        is_over = kind == NewsKind.CANCELLED
        found[kind] = [row for row in named if bool(row.cancelled_on) == is_over]
    before = {row.occasion_id: row.previous for row in reversed(rows) if row.previous}
    now = {row.occasion_id: row.times for row in rows if row.previous}
    # One that has been moved to and fro since the last letter is where it was.
    found[NewsKind.MOVED] = [
        row for row in found[NewsKind.MOVED] if before[row.pk].times != now[row.pk]
    ]
    for occasion in found[NewsKind.MOVED]:
        occasion.moved_from = timezone.localtime(before[occasion.pk].starts)
    # A new date says itself when it is, and that one can register.
    for kind in (NewsKind.MOVED, NewsKind.OPENS):
        found[kind] = [row for row in found[kind] if row not in found[NewsKind.NEW]]
    return {kind: rows for kind, rows in found.items() if rows}


def forget_unconfirmed() -> int:
    return Subscription.objects.out_of_time().delete()[0]
