"""What becomes of a unit's wish for training: stored, told of, handled, deleted in time."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from organisation.mailboxes import addresses_of
from organisation.models import Role
from portal.accounts.models import User
from portal.caching.shared import FAULTS
from portal.outbox import writers
from portal.outbox.actions import queue, queue_confidential
from portal.outbox.writers import NOBODY, Letter
from portal.web.models import SiteSettings

from .models import TrainingRequest

RESPONSIBLE = "kursansvarig"
# A button that is pressed twice sends the same wish twice within a moment.
SAME_PRESS = 60
# Whoever writes another's address in the form does not flood her.
RECEIPTS_PER_DAY = 3
RECEIPT = "training_request"


def store(form) -> None:
    """A wish from a valid form, and letters to its sender and to who answers for courses."""
    chosen = form.cleaned_data
    values = {
        "what": chosen["innehall"],
        "audience": chosen["for_vem"],
        "number": chosen["antal"],
        "when": chosen["nar"],
        "unit_name": form.unit.name[:120] if form.unit else chosen["enhet"],
        "unit": form.unit,
        "contact_name": chosen["namn"],
        "email": chosen["epost"].lower(),
        "phone": chosen["telefon"],
    }
    if _is_pressed_again(values):
        return
    since = timezone.now() - timedelta(days=1)
    with transaction.atomic():
        lately = TrainingRequest.objects.filter(email=values["email"], created_at__gt=since).count()
        row = TrainingRequest.objects.create(**values)
        if lately < RECEIPTS_PER_DAY:
            queue_confidential(
                to="",
                subject="Försäkringsmedicin: Vi har fått er beställning",
                writer=RECEIPT,
                about={"request": row.pk},
            )
        _tell_responsible(row)


def _is_pressed_again(values):
    words = "|".join(f"{name}={value}" for name, value in values.items())
    key = f"training-request-{hashlib.sha256(words.encode()).hexdigest()}"
    try:
        return not cache.add(key, 1, SAME_PRESS)
    except FAULTS:
        return False


def _tell_responsible(row):
    """To the function's mailbox. What was written stays in the queue: letters are forwarded."""
    roles = Role.objects.filter(code=RESPONSIBLE).values_list("pk", flat=True)
    path = reverse("admin:education_trainingrequest_change", args=[row.pk])
    for addresses in addresses_of(roles).values():
        for address in addresses:
            queue(
                key=f"training request {row.pk} {address}",
                to=address,
                subject="Försäkringsmedicin: Ny beställning av utbildning",
                body=render_to_string(
                    "education/letters/request_responsible.txt", {"url": settings.SITE_URL + path}
                ),
            )


@writers.register(RECEIPT)
def receipt(_, about):
    """Says nothing of what was written: the address may be somebody else's."""
    row = TrainingRequest.objects.filter(pk=about["request"]).first()
    if row is None or not row.email:
        return NOBODY
    context = {"number": row.pk, "region_name": SiteSettings.objects.current().name}
    return Letter(row.email, render_to_string("education/letters/request_receipt.txt", context))


def handle(row: TrainingRequest, *, by: User) -> None:
    """Sets what follows from a new status: who took it, and when it was closed."""
    row.handler = by
    row.closed_at = timezone.now() if row.is_closed else None


@transaction.atomic
def purge(rows) -> int:
    """Deletes rows with all that is kept of them; how many."""
    ids = [*rows.values_list("pk", flat=True)]
    TrainingRequest.objects.filter(pk__in=ids).delete()
    TrainingRequest.history.filter(id__in=ids).delete()
    kind = ContentType.objects.get_for_model(TrainingRequest)
    LogEntry.objects.filter(content_type=kind, object_id__in=[*map(str, ids)]).delete()
    return len(ids)
