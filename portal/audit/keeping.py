"""Values go: when their time is over, when a person is forgotten. What was done stays."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.web.batches import batched

from .chain import BATCH
from .models import Action, Values
from .notes import as_written, forget_values, note

IDS_AN_ENTRY = 5_000


def out_of_time():
    """Values older than they are kept."""
    since = timezone.now() - timedelta(days=settings.AUDIT_VALUE_DAYS)
    return Values.objects.filter(entry__at__lt=since)


def holding(words):
    """Values in which a word stands."""
    found = Q(pk__in=[])
    for word in words:
        if word:
            found |= Q(content__contains=as_written(word))
    return Values.objects.filter(found)


def about_rows(model: str, ids):
    return Values.objects.filter(entry__model=model, entry__object_id__in=[str(pk) for pk in ids])


@transaction.atomic
def erase(values) -> int:
    """Deletes values, and says in the log whose they were: by number, so that nothing else can
    have gone. Returns how many."""
    ids = sorted(values.values_list("pk", flat=True))
    for part in batched(ids, IDS_AN_ENTRY):
        for some in batched(part, BATCH):
            Values.objects.filter(pk__in=some).delete()
        note(Action.ERASE_VALUES, facts={"entries": part})
    return len(ids)


def forget_words(words) -> int:
    words = {word for word in words if word}
    forget_values(words=words)
    return erase(holding(words))


def forget_rows(model: str, ids) -> int:
    ids = [str(pk) for pk in ids]
    forget_values(rows=[(model, pk) for pk in ids])
    return sum(erase(about_rows(model, some)) for some in batched(ids, BATCH))
