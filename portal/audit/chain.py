"""The chain through the entries: adding links, and proving that none is changed or gone."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC

from django.db import transaction

from portal.caching.prepared import Question

from .models import Action, ChainEnd, Entry, Link, Values

START = "0" * 64
BATCH = 1000
MOST_FAULTS = 50


def plain(value) -> str:
    """One text for one value, whatever database it has been in."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def digest_of(entry: Entry, number: int, previous: str) -> str:
    told = [
        *(number, previous, entry.pk, entry.at.astimezone(UTC).isoformat(timespec="microseconds")),
        *(entry.actor_id, entry.action, entry.model, entry.object_id, entry.fields, entry.facts),
        *(entry.source, entry.request_id, entry.values_hash),
    ]
    return hashlib.sha256(plain(told).encode()).hexdigest()


def values_digest(salt: str, content: str) -> str:
    return hashlib.sha256(f"{salt}\n{content}".encode()).hexdigest()


_lock = Question(lambda pk: ChainEnd.objects.select_for_update().filter(pk=pk))
_last_link = Question(lambda: Link.objects.order_by("-number").values_list("number", "digest")[:1])
_waiting_among = Question(
    lambda first, last: Entry.objects.filter(link=None, pk__gte=first, pk__lte=last).order_by("pk")
)


@transaction.atomic
def seal(first: int | None = None, last: int | None = None) -> int:
    """Gives committed entries without a link theirs, in a row. Returns how many got one.

    first, last  ids of the entries to look among; all when they are not given
    """
    _lock(1)
    # Asked after the lock, so that another's links are seen.
    number, digest = next(iter(_last_link()), (0, START))
    if first is None:
        waiting = Entry.objects.filter(link=None).order_by("pk")
    else:
        waiting = _waiting_among(first, last)
    links = []
    for entry in waiting:
        number += 1
        digest = digest_of(entry, number, digest)
        links.append(Link(number=number, entry=entry, digest=digest))
    Link.objects.bulk_create(links, batch_size=BATCH)
    return len(links)


@dataclass
class Verdict:
    """waiting: entries that have no link yet. erased: values that were erased, and told so."""

    links: int = 0
    waiting: int = 0
    erased: int = 0
    digest: str = START
    faults: list[str] = field(default_factory=list)

    def fault(self, text):
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(text)


def verify(checkpoints=()) -> Verdict:
    """Reads the whole chain. checkpoints: [{"number", "digest"}], already known to be genuine."""
    verdict = Verdict()
    wanted = {each["number"]: each["digest"] for each in checkpoints}
    told, missing = set(), {}
    for link in _links():
        entry, due = link.entry, verdict.links + 1
        if link.number != due:
            verdict.fault(f"Länk {due} saknas; nästa som finns är {link.number}.")
        expected = digest_of(entry, link.number, verdict.digest)
        if expected != link.digest:
            verdict.fault(f"Länk {link.number} stämmer inte med post {entry.pk}.")
        if wanted.get(link.number, link.digest) != link.digest:
            verdict.fault(f"Länk {link.number} är en annan än vid kontrollpunkten.")
        verdict.links, verdict.digest = link.number, link.digest
        wanted.pop(link.number, None)
        if entry.action == Action.ERASE_VALUES:
            told |= set(entry.facts["entries"])
        if entry.values_hash:
            values = link.values_beside
            if values is None:
                missing[entry.pk] = link.number
            elif values_digest(values.salt, values.content) != entry.values_hash:
                verdict.fault(f"Värdena till post {entry.pk} är ändrade (länk {link.number}).")
    for pk, number in missing.items():
        if pk in told:
            verdict.erased += 1
        else:
            verdict.fault(
                f"Värdena till post {pk} är borta utan att loggen säger det (länk {number})."
            )
    for number in sorted(wanted):
        verdict.fault(f"Kedjan slutar vid länk {verdict.links}, före kontrollpunkten {number}.")
    verdict.waiting = Entry.objects.filter(link=None).count()
    return verdict


def _links() -> Iterator[Link]:
    """All links in order with entry and values, some at a time."""
    after = -1
    while rows := list(
        Link.objects.filter(number__gt=after).select_related("entry").order_by("number")[:BATCH]
    ):
        values = Values.objects.in_bulk([row.entry_id for row in rows])
        for row in rows:
            row.values_beside = values.get(row.entry_id)
            yield row
        after = rows[-1].number
