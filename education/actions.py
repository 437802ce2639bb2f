"""What is done with occasions: a term of them is made, one is copied, one is cancelled."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.web.red_days import red_day

from .models import CANCELLED_STAYS, Course, Occasion, Session

MOST_AT_ONCE = 60
LONGEST_TERM = timedelta(days=400)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Planned:
    """A day of a term, and why there is no occasion on it, if there is none."""

    day: date
    starts: datetime
    ends: datetime
    red: str = ""
    left_out: str = ""

    @property
    def week(self) -> int:
        return self.day.isocalendar().week


@dataclass
class Term:
    """A rule for days: a weekday from a day to another, perhaps in some ISO weeks only.

    weeks, skipped  ISO week numbers; no `weeks` is every week
    skip_red        whether red days are left out; they are told either way
    """

    course: Course
    weekday: int
    first: date
    last: date
    starts: time
    ends: time
    weeks: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    skip_red: bool = True

    def plan(self) -> list[Planned]:
        """Every day that the rule meets, in order. Raises ValidationError for a bad rule."""
        self._check()
        taken = set(
            Session.objects.filter(occasion__course=self.course).values_list("starts", flat=True)
        )
        planned = [self._planned(day, taken) for day in self._days()]
        missing = self.weeks - {each.week for each in planned}
        if missing:
            raise ValidationError({"weeks": _missing(missing)})
        if not planned:
            raise ValidationError("Ingen dag passar. Kontrollera veckodag och period.")
        if sum(not each.left_out for each in planned) > MOST_AT_ONCE:
            raise ValidationError(
                f"Det blir fler än {MOST_AT_ONCE} tillfällen. Välj en kortare period."
            )
        return planned

    def digest(self, plan: list[Planned]) -> str:
        """What a plan comes to, so that what is stored is what was shown."""
        words = [f"{each.starts} {each.ends} {each.left_out}" for each in plan]
        return hashlib.sha256("|".join([str(self.course.pk), *words]).encode()).hexdigest()

    def _check(self):
        if self.last < self.first:
            raise ValidationError({"last": "Sista dagen kan inte komma före den första."})
        if self.last - self.first > LONGEST_TERM:
            raise ValidationError({"last": "Välj en period på högst 400 dagar."})
        if self.ends <= self.starts:
            raise ValidationError({"ends": "Sluttiden måste komma efter starttiden."})

    def _days(self):
        day = self.first + DAY * ((self.weekday - self.first.weekday()) % 7)
        while day <= self.last:
            if not self.weeks or day.isocalendar().week in self.weeks:
                yield day
            day += 7 * DAY

    def _planned(self, day, taken):
        starts, ends = at(day, self.starts), at(day, self.ends)
        red = red_day(day)
        if day.isocalendar().week in self.skipped:
            reason = "veckan är vald bort"
        elif red and self.skip_red:
            reason = red
        else:
            reason = "kursen har redan ett tillfälle då" if starts in taken else ""
        return Planned(day, starts, ends, red, reason)


def _missing(weeks):
    numbers = ", ".join(map(str, sorted(weeks)))
    return f"Vecka {numbers} har ingen sådan dag i perioden."


def at(day: date, clock: time) -> datetime:
    """A Swedish wall time as a moment. The hour that spring takes away does not exist."""
    moment = timezone.make_aware(datetime.combine(day, clock))
    if timezone.localtime(moment.astimezone(UTC)).time() != clock:
        raise ValidationError(
            f"Klockan ställs om {day:%Y-%m-%d}: tiden {clock:%H.%M} finns inte då."
        )
    return moment


def make_term(
    term: Term,
    *,
    by: User,
    closes_before: int | None = None,
    **values,
) -> list[Occasion]:
    """An occasion for each planned day, all or none. From then on each is its own.

    closes_before  so many days before is the last day of registration
    values         fields of the occasions, as place and town
    """
    reason = f"Skapat med en termin, {term.first:%Y-%m-%d} till {term.last:%Y-%m-%d}"
    made = []
    try:
        with transaction.atomic():
            for each in term.plan():
                if each.left_out:
                    continue
                occasion = Occasion(
                    course=term.course, uid=free_uid(term.course, each.starts), **values
                )
                if closes_before is not None:
                    occasion.registration_closes = each.day - DAY * closes_before
                _save_new(occasion, [(each.starts, each.ends, "")], by=by, reason=reason)
                made.append(occasion)
    except IntegrityError as fault:
        # Somebody made the same term in the same moment: then it stands there already.
        raise ValidationError("Någon annan skapade tillfällen just nu. Försök igen.") from fault
    return made


def copy_occasion(occasion: Occasion, *, day: date, title_suffix: str, by: User) -> Occasion:
    """The same on another day: the sessions at the same hours, as many days between them, and
    registration as many days before. All seats are free and nothing is cancelled."""
    sessions = [*occasion.sessions.order_by("starts", "pk")]
    if not sessions:
        raise ValidationError("Tillfället har ingen tid att kopiera. Lägg till ett pass först.")
    move = day - timezone.localdate(sessions[0].starts)
    times = [(_moved(each.starts, move), _moved(each.ends, move), each.title) for each in sessions]
    new = Occasion(
        course=occasion.course,
        title_suffix=title_suffix,
        uid=free_uid(occasion.course, times[0][0]),
        registration_opens=occasion.registration_opens and occasion.registration_opens + move,
        registration_closes=occasion.registration_closes and occasion.registration_closes + move,
        seats_total=occasion.seats_total,
        seats_left=occasion.seats_total,
        **{
            name: getattr(occasion, name)
            for name in ("place", "town", "link", "format", "is_preliminary")
        },
    )
    try:
        with transaction.atomic():
            _save_new(new, times, by=by, reason=f"Kopia av {occasion.uid}"[:100])
    except IntegrityError as fault:
        raise ValidationError("Någon annan skapade samma tillfälle just nu.") from fault
    return new


@transaction.atomic
def cancel_occasion(occasion: Occasion, *, on: date, reason: str, by: User) -> None:
    """Cancelled for good reason; followers are told by their letters, calendars by the feed."""
    row = Occasion.objects.select_for_update().get(pk=occasion.pk)
    if row.cancelled_on:
        raise ValidationError("Tillfället är redan inställt.")
    today = timezone.localdate()
    if not today - CANCELLED_STAYS < on <= today:
        raise ValidationError(
            {"on": "Skriv dagen då det ställdes in: i dag eller någon av de senaste 59 dagarna."}
        )
    row.cancelled_on, row.cancel_reason = on, reason
    _save(row, by=by, reason="Inställt")


def _moved(moment, move):
    local = timezone.localtime(moment)
    return at(local.date() + move, local.time())


def free_uid(course: Course, starts: datetime) -> str:
    """A new occasion's identity, from its course and its first session.

    The letters keep day and hour from being taken for a personal identity number, which one in
    ten would be (portal.web.personal_numbers).
    """
    name = f"{course.slug}-{timezone.localtime(starts):%Y%m%d-kl%H%M}"
    taken = set(Occasion.objects.filter(uid__startswith=name).values_list("uid", flat=True))
    number = 2
    uid = name
    while uid in taken:
        uid, number = f"{name}-{number}", number + 1
    return uid


def _save_new(occasion, times: Iterable[tuple[datetime, datetime, str]], *, by, reason):
    _save(occasion, by=by, reason=reason)
    for starts, ends, title in times:
        session = Session(occasion=occasion, starts=starts, ends=ends, title=title)
        _save(session, by=by, reason=reason)


def _save(row, *, by, reason):
    row.full_clean()
    row._history_user, row._change_reason = by, reason
    row.save()
