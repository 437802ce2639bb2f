"""Occasions → a calendar's entries: one for each session, and one for a last day of registration.

An event of another organiser is one entry.

Both feeds are made of these, so that they say the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from .models import ImportedEvent, Occasion, Session


@dataclass(frozen=True)
class Entry:
    """What stands in a calendar.

    uid     the same for good, in .ics and .json alike
    starts  a moment, or for a last day of registration the day itself
    """

    uid: str
    occasion: Occasion
    starts: datetime | date
    ends: datetime | None = None
    session: Session | None = None

    @property
    def is_deadline(self) -> bool:
        return self.session is None

    @property
    def title(self) -> str:
        title = self.occasion.title
        if self.session and self.session.title:
            title = f"{title}: {self.session.title}"
        if self.is_deadline:
            title = f"Sista anmälningsdag: {title}"
        return f"INSTÄLLT: {title}" if self.occasion.cancelled_on else title


@dataclass(frozen=True)
class ImportedEntry:
    uid: str
    event: ImportedEvent

    @property
    def title(self) -> str:
        return f"INSTÄLLT: {self.event.title}" if self.event.is_cancelled else self.event.title


def uid_of(name: str) -> str:
    """An identity in the world: another region's portal has other hosts."""
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    return f"{name}@{host}"


def entries(
    rows: Iterable[Occasion | ImportedEvent], *, deadlines: bool = False
) -> list[Entry | ImportedEntry]:
    """The entries of events, and of occasions with their sessions, in the order given.

    deadlines  also the last days of registration, of occasions that are not cancelled

    The oldest session bears the occasion's own identity, so that it stays when another is added.
    """
    found = []
    for occasion in rows:
        if isinstance(occasion, ImportedEvent):
            found.append(ImportedEntry(uid_of(occasion.anchor), occasion))
            continue
        sessions = list(occasion.sessions.all())
        oldest = min(session.pk for session in sessions)
        for session in sessions:
            name = occasion.uid if session.pk == oldest else f"{occasion.uid}.{session.pk}"
            found.append(Entry(uid_of(name), occasion, session.starts, session.ends, session))
        closes = occasion.registration_closes
        if deadlines and closes and not occasion.cancelled_on:
            found.append(Entry(uid_of(f"{occasion.uid}.anmalan"), occasion, closes))
    return found
