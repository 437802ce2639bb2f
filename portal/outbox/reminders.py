"""Reminders: what each room has to remind people of, gathered in one letter a person.

A room registers, in its `registrations` module, a function that tells what waits:

    @reminders.register
    def pages_to_review():
        yield Reminder(owner="Rollen Strateg", addresses=("strateg@region.example",),
                       heading="Försenad granskning", text="Intyg, sedan 3 mars", path="/intyg/")

What nobody has an address for is told to the administrators instead.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.web.models import SiteSettings

from . import actions
from .models import OutgoingMail

ADMINISTRATORS = "administratör"
DAYS_BETWEEN = 7
WITHOUT_ADDRESS = "Roller som ingen påminnelse når"
FAILED_LETTERS = "Brev som inte kunde skickas"


@dataclass(frozen=True)
class Reminder:
    """A line of a letter.

    owner      whose matter it is, as administrators read it when nobody could be told
    addresses  where it is sent; none when the owner has no mailbox
    """

    owner: str
    addresses: tuple[str, ...]
    heading: str
    text: str
    path: str


@dataclass
class Digest:
    """What waits for one address: {heading: [(text, path)]}."""

    address: str
    parts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(map(len, self.parts.values()))

    def add(self, heading: str, line: tuple[str, str]) -> None:
        lines = self.parts.setdefault(heading, [])
        if line not in lines:
            lines.append(line)


_sources: list[Callable[[], Iterable[Reminder]]] = []


def register(collect: Callable[[], Iterable[Reminder]]) -> Callable:
    _sources.append(collect)
    return collect


def digests() -> tuple[list[Digest], Counter]:
    """A letter for each address that something waits for, and how much waits for owners
    without one: ([Digest, …], {"Rollen Strateg": 4})."""
    by_address: dict[str, Digest] = {}
    unreached = Counter()
    for reminder in (each for collect in _sources for each in collect()):
        addresses = {each.strip().lower() for each in reminder.addresses if is_address(each)}
        if not addresses:
            unreached[reminder.owner] += 1
        for address in sorted(addresses):
            digest = by_address.setdefault(address, Digest(address))
            digest.add(reminder.heading, (reminder.text, reminder.path))
    for reminder in _for_administrators(unreached):
        for address in reminder.addresses:
            digest = by_address.setdefault(address.lower(), Digest(address.lower()))
            digest.add(reminder.heading, (reminder.text, reminder.path))
    return sorted(by_address.values(), key=lambda digest: digest.address), unreached


def is_address(text: str) -> bool:
    try:
        validate_email(text.strip())
    except ValidationError:
        return False
    return True


def _for_administrators(unreached: Counter) -> Iterator[Reminder]:
    users = User.objects.filter(groups__name=ADMINISTRATORS, is_active=True)
    to = tuple(sorted(set(users.values_list("email", flat=True))))
    roles = reverse("admin:index")
    for owner, count in sorted(unreached.items()):
        text = f"{owner} har ingen e-postadress. {count} {'sak' if count == 1 else 'saker'} väntar"
        yield Reminder(ADMINISTRATORS, to, WITHOUT_ADDRESS, text, roles)
    failed = OutgoingMail.objects.filter(state=OutgoingMail.State.FAILED).count()
    if failed:
        path = reverse("admin:outbox_outgoingmail_changelist", query={"state__exact": "failed"})
        yield Reminder(ADMINISTRATORS, to, FAILED_LETTERS, f"{failed} brev", path)


def had_one_lately() -> set[str]:
    """Addresses that have got their letter of the week already."""
    since = timezone.localdate() - timedelta(days=DAYS_BETWEEN - 1)
    keys = OutgoingMail.objects.filter(key__startswith="digest ", created_at__date__gte=since)
    return set(keys.values_list("to", flat=True))


def queue_digest(digest: Digest) -> bool:
    """False when another run has queued the same letter a moment before."""
    context = {
        "digest": digest,
        "site_url": settings.SITE_URL,
        "region_name": SiteSettings.objects.current().name,
    }
    things = "1 sak" if digest.count == 1 else f"{digest.count} saker"
    return actions.queue(
        key=f"digest {digest.address} {timezone.localdate()}",
        to=digest.address,
        subject=f"Försäkringsmedicin: {things} att göra",
        body=render_to_string("outbox/digest.txt", context),
    )
