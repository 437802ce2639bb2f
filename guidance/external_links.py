"""Checks links to other websites: which there are, what they answer, which are dead."""

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.web import outgoing
from portal.web.probe import Answer, probe

from .models import ExternalLink, ExternalLinkPlace

LONGEST_PLACE = 300


@transaction.atomic
def store_links() -> int:
    """Make the rows those of today's texts and registers; a link that is gone is forgotten."""
    found = defaultdict(dict)
    for link in outgoing.collect():
        if link.url and len(link.url) <= ExternalLink._meta.get_field("url").max_length:
            found[link.url.partition("#")[0]][link.place, link.place_url] = link.owner
    ExternalLink.objects.exclude(url__in=found).delete()
    ExternalLink.objects.bulk_create(
        [ExternalLink(url=url) for url in found], ignore_conflicts=True
    )
    ExternalLinkPlace.objects.all().delete()
    keys = dict(ExternalLink.objects.values_list("url", "pk"))
    ExternalLinkPlace.objects.bulk_create(
        ExternalLinkPlace(
            link_id=keys[url], place=place[:LONGEST_PLACE], place_url=address, owner_id=owner
        )
        for url, places in found.items()
        for (place, address), owner in sorted(places.items())
    )
    return len(found)


def check_links(
    *,
    limit: int | None = None,
    timeout: float = 10,
    delay: float = 1,
) -> Iterator[ExternalLink]:
    """Ask the links, those asked longest ago first, and store each answer at once."""
    rows = ExternalLink.objects.order_by(F("checked_at").asc(nulls_first=True), "url")[:limit]
    asked, allowed = {}, settings.LINK_CHECK_INTERNAL_HOSTS
    for link in in_turn(rows):
        host = urlsplit(link.url).netloc.lower()
        time.sleep(max(0, asked.get(host, 0) + delay - time.monotonic()))
        answer = probe(link.url, agent=agent(), timeout=timeout, allowed=allowed)
        asked[host] = time.monotonic()
        remember(link, answer)
        yield link


def in_turn(links) -> list[ExternalLink]:
    """One of each website, then the next of each: none is asked often, and none waits long."""
    hosts = defaultdict(list)
    for link in links:
        hosts[urlsplit(link.url).netloc.lower()].append(link)
    return [link for row in zip_longest(*hosts.values()) for link in row if link]


def remember(link: ExternalLink, answer: Answer) -> None:
    today = timezone.localdate()
    link.checked_at = timezone.now()
    link.status, link.fault, link.note = answer.status, answer.fault, answer.note
    link.leads_to = answer.url[:2000] if answer.url != link.url else ""
    if answer.fault:
        link.first_failed_on = link.first_failed_on or today
        link.failed_days += link.last_failed_on != today
        link.last_failed_on = today
    else:
        link.first_failed_on = link.last_failed_on = None
        link.failed_days = 0
    link.save()


def agent() -> str:
    """Who asks, with an address where its owner can be reached."""
    host = next((name for name in settings.ALLOWED_HOSTS if "*" not in name), "localhost")
    scheme = "https" if settings.HTTPS else "http"
    return f"Mozilla/5.0 (compatible; forsakringsmedicin-lankkontroll; +{scheme}://{host.lstrip('.')}/)"


def dead_by_owner() -> dict[str, list[ExternalLink]]:
    """{"Strateg": [link, …]}: dead links under each owner of a place; "" where none is named."""
    found = defaultdict(list)
    for link in ExternalLink.objects.dead().prefetch_related("places__owner"):
        for owner in sorted(
            {place.owner.title if place.owner else "" for place in link.places.all()}
        ):
            found[owner].append(link)
    return dict(sorted(found.items()))
