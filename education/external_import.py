"""Other organisers' calendars → rows: fetched, read, compared with what is stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from organisation.models import Unit
from portal.audit.models import Action
from portal.audit.notes import as_one
from portal.web.batches import batched
from portal.web.days import add_months
from portal.web.download import download
from portal.web.probe import Unreachable

from .external_reading import Facts, NoCalendar, Reading, read_calendar
from .models import GONE_STAYS, ExternalCalendar, ImportedEvent, Occasion

MOST_BYTES = 5 * 1024 * 1024
FETCH_SECONDS = 20
MONTHS_BEFORE, MONTHS_AFTER = 1, 18
# An unchanged calendar is read anew so often, because the period moves on with the days.
READ_ANEW = timedelta(days=7)
AT_A_TIME = 500
FACTS = (
    *("title", "starts", "ends", "starts_on", "ends_on", "is_all_day"),
    *("place", "url", "description", "note"),
)
# What a reader reads: when it changes, what was approved is something else.
WORDS = ("title", "url", "description")
AUDIENCES = ImportedEvent.audiences.through


@dataclass
class Report:
    """What came of a calendar.

    fault      why nothing was stored, "" when all went well
    set_aside  (title, why) of each event in quarantine
    left_out   (title, why) of each that is well but not for now
    """

    calendar: str
    fault: str = ""
    is_unchanged: bool = False
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    set_aside: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def in_words(self) -> str:
        if self.fault:
            return f"{self.calendar}: {self.fault}"
        if self.is_unchanged:
            return f"{self.calendar}: oförändrad."
        return (
            f"{self.calendar}: {self.new} nya, {self.changed} ändrade, {self.same} oförändrade, "
            f"{self.gone} borta, {len(self.set_aside)} undantagna, "
            f"{len(self.left_out)} utelämnade."
        )


def period_of(calendar: ExternalCalendar | None, today: date) -> tuple[date, date]:
    """The days from which events are taken in, from one to another."""
    first, last = add_months(today, -MONTHS_BEFORE), add_months(today, MONTHS_AFTER)
    if calendar is None:
        return first, last
    return calendar.shown_from or first, calendar.shown_until or last


def known_towns() -> set[str]:
    """The towns that the calendar can be filtered by, and those that units stand in."""
    return {
        *Occasion.objects.exclude(town="").values_list("town", flat=True).distinct(),
        *Unit.objects.exclude(town="").values_list("town", flat=True).distinct(),
    }


def read(content: bytes, calendar: ExternalCalendar | None = None) -> Reading:
    """What a calendar's content holds now; NoCalendar when it is none."""
    if len(content) > MOST_BYTES:
        raise NoCalendar(f"Filen är större än {MOST_BYTES // 1_000_000} MB.")
    first, last = period_of(calendar, timezone.localdate())
    return read_calendar(content, first=first, last=last, towns=known_towns())


def fetch(url: str, *, etag: str = "", last_modified: str = ""):
    """A calendar's content from its address; Unreachable says why there is none."""
    return download(
        url,
        agent="Mozilla/5.0 (compatible; forsakringsmedicin-kalender)",
        timeout=FETCH_SECONDS,
        most_bytes=MOST_BYTES,
        allowed=settings.CALENDAR_INTERNAL_HOSTS,
        accept="text/calendar, */*;q=0.1",
        etag=etag,
        last_modified=last_modified,
    )


def in_a_sentence(fault: Unreachable) -> str:
    """ "svarar inte i tid" → "Adressen svarar inte i tid."; some have a subject of their own."""
    text = str(fault)
    verbs = ("svarar", "leder")
    return f"Adressen {text}." if text.startswith(verbs) else f"{text[:1].upper()}{text[1:]}."


def fetch_calendar(calendar: ExternalCalendar, *, dry_run: bool = False) -> Report:
    """Fetch and store a calendar; one that has not changed costs a question."""
    now = timezone.now()
    recent = calendar.read_at and now - calendar.read_at < READ_ANEW and not calendar.fault
    known = {"etag": calendar.etag, "last_modified": calendar.last_modified} if recent else {}
    try:
        answer = fetch(calendar.url, **known)
    except Unreachable as fault:
        return _failed(calendar, in_a_sentence(fault), dry_run)
    digest = sha256(answer.body).hexdigest() if answer.body is not None else calendar.digest
    if answer.body is None or (recent and digest == calendar.digest):
        if not dry_run:
            ExternalCalendar.objects.filter(pk=calendar.pk).update(fetched_at=now)
        return Report(calendar.code, is_unchanged=True)
    return store_content(
        calendar,
        answer.body,
        dry_run=dry_run,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )


def store_content(
    calendar: ExternalCalendar,
    content: bytes,
    *,
    dry_run: bool = False,
    etag: str = "",
    last_modified: str = "",
    reading: Reading | None = None,
) -> Report:
    """Make a calendar's rows those of its content; a failure changes no event.

    reading  of the same content, by who has had to read it already
    """
    now = timezone.now()
    try:
        reading = reading or read(content, calendar)
    except NoCalendar as fault:
        return _failed(calendar, str(fault), dry_run)
    with transaction.atomic():
        # The first thing is a write, so that a second run waits here for the first.
        ExternalCalendar.objects.filter(pk=calendar.pk).update(
            fetched_at=now, read_at=now, fault="", etag=etag, last_modified=last_modified,
            digest=sha256(content).hexdigest(),
        )  # fmt: skip
        with as_one(Action.IMPORT, "education.externalcalendar", calendar.pk) as facts:
            report = _store(calendar, reading, now)
            if report.new or report.changed or report.gone:
                facts |= {"new": report.new, "changed": report.changed, "gone": report.gone}
        note = report.in_words().partition(": ")[2][:300]
        ExternalCalendar.objects.filter(pk=calendar.pk).update(note=note)
        transaction.set_rollback(dry_run)
    return report


def _failed(calendar, fault, dry_run):
    if not dry_run:
        ExternalCalendar.objects.filter(pk=calendar.pk).update(
            fetched_at=timezone.now(), fault=fault[:300]
        )
    return Report(calendar.code, fault=fault)


def _store(calendar, reading, now) -> Report:
    today = timezone.localdate(now)
    stored = {(row.uid, row.recurrence): row for row in calendar.events.order_by("pk")}
    report = Report(
        calendar.code,
        set_aside=[(facts.title, facts.fault) for facts in reading.faulty],
        left_out=list(reading.outside),
    )
    decided = {row.uid: row for row in stored.values() if row.state != ImportedEvent.State.NEW}
    made, changed = [], []
    for key, facts in reading.events.items():
        row = stored.get(key)
        if row is None:
            if facts.is_cancelled and not facts.fault:
                reason = "Inställd hos anordnaren innan den lästes in."
                report.left_out.append((facts.title, reason))
                continue
            made.append(facts)
        elif _take(row, facts, today):
            row.sequence += 1
            row.changed_at = now
            changed.append(row)
        else:
            report.same += not facts.fault
    # The times of a series that cannot be worked out today are not known to be gone.
    broken = {facts.uid for facts in reading.faulty if not facts.recurrence}
    missing = [
        row
        for key, row in stored.items()
        if key not in reading.events and (row.fault or row.uid not in broken)
    ]
    changed += _missed(calendar, missing, now)
    report.gone = sum(row.gone_on == today and row.changed_at == now for row in changed)
    report.new = sum(not facts.fault for facts in made)
    report.changed = sum(not row.fault for row in changed) - report.gone
    _make(calendar, made, decided, now)
    # Quicker than bulk_update, which writes a choice of values for each field of each row.
    fields = [*FACTS, "town", "state", "fault", "gone_on", "sequence", "changed_at"]
    ImportedEvent.objects.bulk_create(
        changed, batch_size=AT_A_TIME, update_conflicts=True, update_fields=fields,
        unique_fields=["pk"],
    )  # fmt: skip
    return report


def _make(calendar, made: list[Facts], decided, now):
    """New rows, for those whom the calendar is for; a new time of a series for its own.

    A batch is forgotten before the next is made: as rows all are many times the file.
    """
    default = list(calendar.audiences.values_list("pk", flat=True))
    of_event = {}
    mapped = AUDIENCES.objects.filter(importedevent__calendar=calendar)
    for event, profession in mapped.values_list("importedevent", "profession"):
        of_event.setdefault(event, []).append(profession)
    for batch in batched(made, AT_A_TIME):
        rows = [_made(calendar, facts, decided.get(facts.uid), now) for facts in batch]
        ImportedEvent.objects.bulk_create(rows)
        AUDIENCES.objects.bulk_create(
            AUDIENCES(importedevent_id=row.pk, profession_id=profession)
            for row in rows
            for profession in (
                of_event.get(decided[row.uid].pk, []) if row.uid in decided else default
            )
        )


def _made(calendar, facts: Facts, sibling, now):
    row = ImportedEvent(
        calendar=calendar, uid=facts.uid, recurrence=facts.recurrence, town=facts.town,
        fault=facts.fault, changed_at=now, **{name: getattr(facts, name) for name in FACTS},
    )  # fmt: skip
    # Another time of a series that somebody has decided about, in the same words.
    if sibling and all(getattr(row, name) == getattr(sibling, name) for name in WORDS):
        row.state, row.town = sibling.state, row.town or sibling.town
    return row


def _take(row, facts: Facts, today) -> bool:
    """Take over what is told now; whether it is something else than before.

    What has become faulty keeps its facts, and is not shown while it is.
    """
    before = {name: getattr(row, name) for name in (*FACTS, "town", "state", "fault", "gone_on")}
    row.fault = facts.fault
    if not facts.fault:
        if facts.place != row.place:
            row.town = facts.town
        for name in FACTS:
            setattr(row, name, getattr(facts, name))
        if row.state == ImportedEvent.State.APPROVED and before["starts"] is not None:
            same = all(before[name] == getattr(row, name) for name in WORDS)
            row.state = row.state if same else ImportedEvent.State.NEW
        row.gone_on = (row.gone_on or today) if facts.is_cancelled else None
    return any(before[name] != getattr(row, name) for name in before)


def _missed(calendar, rows: Iterable[ImportedEvent], now) -> list[ImportedEvent]:
    """Of the rows that the calendar no longer has, those that thereby are gone.

    What has been held, or lies outside the period, is not expected to be there. Rows that nobody
    will see again are deleted.
    """
    today = timezone.localdate(now)
    first, last = period_of(calendar, today)
    gone, useless = [], []
    for row in rows:
        approved = row.state == ImportedEvent.State.APPROVED
        forgotten = row.gone_on and row.gone_on <= today - GONE_STAYS
        over = row.ends_on and row.ends_on < first
        if forgotten or ((row.fault or over) and not approved):
            useless.append(row.pk)
        elif row.gone_on is None and row.ends >= now and row.starts_on <= last:
            row.gone_on, row.changed_at, row.sequence = today, now, row.sequence + 1
            gone.append(row)
    ImportedEvent.objects.filter(pk__in=useless).delete()
    return gone
