"""Batches: kept while two people look at them, stored at once, and undone at once.

The indicator's row is locked first and the batch's after it, always in that order: two who press
at the same time take turns, and the second is told what the first has done.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from followup.models import ImportBatch, ImportFile, Indicator, UnitName

from . import ledger
from .plan import GivenFile, Plan
from .planning import make_plan

State = ImportBatch.State
# A draft that nobody sends is dropped with its files.
DRAFT_LASTS = timedelta(days=14)


class NotOpen(Exception):
    """Nothing was done: somebody has decided already."""


class OwnBatch(Exception):
    """Nothing was stored: who uploaded a file does not approve it."""


class PlanChanged(Exception):
    """Nothing was stored: it would not do what was seen."""


class NotReady(Exception):
    """Nothing was done: the plan has faults or names without a unit."""

    def __init__(self, plan):
        self.plan = plan
        super().__init__(f"{len(plan.faults)} fel.")


class ReplacedLater(Exception):
    """Nothing was undone: later batches have changed the same values."""

    def __init__(self, later):
        self.later = later
        super().__init__(f"{sum(later.values())} värden har ändrats senare.")


@transaction.atomic
def keep(
    indicator: Indicator,
    year: int,
    files: list[GivenFile],
    *,
    by=None,
    choices: dict[str, str] | None = None,
    state: str = State.DRAFT,
) -> ImportBatch:
    """A batch with its files; what was forgotten goes."""
    _forget_drafts()
    batch = ImportBatch.objects.create(
        indicator=indicator, year=year, uploaded_by=by, state=state, choices=choices or {}
    )
    parts = [ImportFile.Part.NUMERATOR, ImportFile.Part.DENOMINATOR]
    if len(files) == 1:
        parts = [ImportFile.Part.VALUES]
    for file, part in zip(files, parts, strict=True):
        ImportFile.objects.create(
            batch=batch,
            part=part,
            name=file.name,
            checksum=hashlib.sha256(file.content).hexdigest(),
            size=len(file.content),
            content=file.content,
        )
    return batch


def _forget_drafts():
    old = ImportBatch.objects.filter(
        state=State.DRAFT, uploaded_at__lt=timezone.now() - DRAFT_LASTS
    )
    for batch in old:
        _close(batch, State.CANCELLED)


def plan_of(batch: ImportBatch) -> Plan:
    """What storing an open batch would do now."""
    files = [GivenFile(file.name, bytes(file.content)) for file in batch.files.order_by("pk")]
    return make_plan(batch.indicator, batch.year, files, batch.choices)


@transaction.atomic
def choose_units(pk: int, choices: dict[str, str]) -> ImportBatch:
    """Adds to the choices of a draft: {name as compared: HSA-id, "" for none}."""
    batch = _locked(pk, State.DRAFT)
    batch.choices = {**batch.choices, **choices}
    batch.save(update_fields=["choices"])
    return batch


@transaction.atomic
def send(pk: int) -> ImportBatch:
    """To the second person; NotReady while something is wrong or doubtful."""
    batch = _locked(pk, State.DRAFT)
    plan = plan_of(batch)
    if not plan.is_ready:
        raise NotReady(plan)
    batch.state = State.WAITING
    batch.save(update_fields=["state"])
    return batch


@transaction.atomic
def approve(pk: int, *, by, previewed: str | None = None) -> Plan:
    """Stores a waiting batch, all of it or, with an exception of this module, nothing.

    previewed  the digest of the plan that was seen; None for who asks for whatever it does now
    """
    batch = _locked(pk, State.WAITING)
    if batch.uploaded_by_id is not None and batch.uploaded_by_id == by.pk:
        raise OwnBatch
    plan = plan_of(batch)
    if previewed is not None and previewed != plan.digest:
        raise PlanChanged
    if not plan.is_ready:
        raise NotReady(plan)
    batch.replaced = [[each.unit.pk, each.sex, ledger.kept(each.previous)] for each in plan.stored]
    values = ((each.unit.pk, each.sex, each.value._replace(batch=batch.pk)) for each in plan.stored)
    ledger.write(batch, values)
    _remember(batch, plan)
    batch.result = result_of(plan)
    _close(batch, State.APPROVED, by=by)
    return plan


def result_of(plan: Plan) -> dict:
    """What a batch did, in numbers."""
    return {
        "rows": plan.rows,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "aside": len(plan.aside),
        "missing": len(plan.missing),
        "jumps": len(plan.jumps),
        "how": dict(plan.how),
    }


def _remember(batch, plan):
    """Choices that two people have seen count the next time."""
    known = set(UnitName.objects.values_list("key", flat=True))
    UnitName.objects.bulk_create(
        UnitName(key=key, name=text[:200], unit_id=unit and unit.pk, batch=batch)
        for key, text, unit in plan.chosen
        if key in batch.choices and key not in known
    )


@transaction.atomic
def reject(pk: int, *, by, reason: str) -> ImportBatch:
    batch = _locked(pk, State.WAITING)
    batch.reason = reason
    return _close(batch, State.REJECTED, by=by)


@transaction.atomic
def cancel(pk: int, *, by) -> ImportBatch:
    """By whoever prepares it; nothing has been stored."""
    return _close(_locked(pk, State.DRAFT, State.WAITING), State.CANCELLED, by=by)


@transaction.atomic
def undo(pk: int, *, by) -> ImportBatch:
    """What stood before an approved batch stands again; ReplacedLater when others' later
    changes would be lost with it."""
    batch = _locked(pk, State.APPROVED)
    if later := ledger.changed_since(batch):
        raise ReplacedLater(later)
    ledger.put_back(batch)
    UnitName.objects.filter(batch=batch).delete()
    batch.state, batch.undone_by, batch.undone_at = State.UNDONE, by, timezone.now()
    batch.save(update_fields=["state", "undone_by", "undone_at"])
    return batch


def _locked(pk, *states):
    found = ImportBatch.objects.filter(pk=pk).values_list("indicator", flat=True).first()
    list(Indicator.objects.select_for_update().filter(pk=found).order_by("pk").values_list("pk"))
    batches = ImportBatch.objects.select_for_update().filter(pk=pk, state__in=states)
    if (batch := batches.order_by("pk").first()) is None:
        raise NotOpen
    return batch


def _close(batch, state, *, by=None):
    """Who decided and when; the files are no longer needed, their digests stay."""
    batch.state, batch.decided_by, batch.decided_at = state, by, timezone.now()
    batch.save()
    batch.files.update(content=None)
    return batch
