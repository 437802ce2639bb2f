"""Storing what came by file: units out of a catalogue, listed patients of a year.

Each is one transaction that reads the file and compares anew under lock, so that two at once
cannot store what neither has seen.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Action
from portal.audit.notes import note_rows
from portal.search.index import index
from portal.web.batches import batched

from .catalogue import CATALOGUE_FIELDS, EDITORS_FIELDS
from .listing_files import ListingPlan, plan_listings
from .models import Appointment, FileImport, Listing, Unit
from .unit_plan import UnitPlan, plan_units

BATCH = 500
# Few enough for one query of SQLite's.
IDS_A_TIME = 5_000
SHOWN_ASIDE = 200
WAITS_AT_MOST = timedelta(days=1)
WRITTEN = [*CATALOGUE_FIELDS, *EDITORS_FIELDS, "from_catalogue"]


class ImportStopped(Exception):
    """Nothing was stored: the plan has faults."""

    def __init__(self, plan):
        self.plan = plan
        super().__init__(f"{len(plan.faults)} fel i filen.")


class PlanChanged(Exception):
    """Nothing was stored: it would no longer do what was previewed."""

    def __init__(self, plan):
        self.plan = plan
        super().__init__("Uppgifterna har ändrats sedan förhandsvisningen.")


class NotWaiting(Exception):
    """Nothing was stored: somebody has stored the file already, or called it off."""


def keep_waiting(kind: str, name: str, content: bytes, *, options: dict, by) -> FileImport:
    """Keeps a previewed file until somebody confirms it; what was forgotten goes."""
    forgotten = FileImport.objects.filter(
        state=FileImport.State.WAITING, uploaded_at__lt=timezone.now() - WAITS_AT_MOST
    )
    forgotten.update(state=FileImport.State.CANCELLED, content=None)
    return FileImport.objects.create(
        kind=kind,
        file_name=name,
        checksum=hashlib.sha256(content).hexdigest(),
        content=content,
        options=options,
        uploaded_by=by,
    )


def cancel(batch: FileImport) -> bool:
    """Whether it still waited."""
    waiting = FileImport.objects.filter(pk=batch.pk, state=FileImport.State.WAITING)
    return bool(waiting.update(state=FileImport.State.CANCELLED, content=None))


def plan_of(batch: FileImport) -> UnitPlan | ListingPlan:
    """What storing a waiting file would do now."""
    plan = plan_units if batch.kind == FileImport.Kind.UNITS else plan_listings
    return plan(bytes(batch.content), **options_of(batch))


def options_of(batch: FileImport) -> dict:
    """The choices that came with the file, from JSON."""
    options = dict(batch.options)
    if options.get("end_missing"):
        options["end_missing"] = date.fromisoformat(options["end_missing"])
    return options


@transaction.atomic
def store_waiting(pk: int, *, by, previewed: str) -> UnitPlan | ListingPlan:
    """Stores a file as it was previewed, once, whoever else presses at the same time."""
    waiting = FileImport.objects.select_for_update().filter(state=FileImport.State.WAITING)
    if (batch := waiting.filter(pk=pk).first()) is None:
        raise NotWaiting
    store = import_units if batch.kind == FileImport.Kind.UNITS else import_listings
    content = bytes(batch.content)
    return store(
        batch.file_name, content, by=by, previewed=previewed, batch=batch, **options_of(batch)
    )


def _note(batch, kind, name, content, plan, by):
    """What was stored, in the list of files; the file itself is no longer needed."""
    batch = batch or FileImport(kind=kind, file_name=name[:200], uploaded_by=by)
    batch.checksum = hashlib.sha256(content).hexdigest()
    batch.state, batch.stored_at, batch.content = FileImport.State.STORED, timezone.now(), None
    aside = getattr(plan, "aside", [])
    batch.result = {
        "rows": plan.rows,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "blank": getattr(plan, "blank", 0),
        "missing": len(getattr(plan, "missing", [])),
        "ended": len(getattr(plan, "ending", [])),
        "aside": len(aside),
        "aside_rows": [fault.as_dict() for fault in aside[:SHOWN_ASIDE]],
    }
    batch.save()


def import_units(
    name: str,
    content: bytes,
    *,
    standard_kind: str = "",
    end_missing: date | None = None,
    by=None,
    previewed: str | None = None,
    batch: FileImport | None = None,
) -> UnitPlan:
    """Stores a catalogue's units; all or, with ImportStopped or PlanChanged, none.

    previewed  the digest of the plan that somebody has seen and confirmed
    """
    try:
        with transaction.atomic():
            _lock_units()
            plan = plan_units(content, standard_kind=standard_kind, end_missing=end_missing)
            _check(plan, previewed)
            _store_units(plan, by, f"Läst ur {name}"[:100])
            _note(batch, FileImport.Kind.UNITS, name, content, plan, by)
    except IntegrityError:
        # A unit was added by somebody else between the comparing and the storing.
        plan = plan_units(content, standard_kind=standard_kind, end_missing=end_missing)
        raise PlanChanged(plan) from None
    return plan


def import_listings(
    name: str,
    content: bytes,
    *,
    year: int,
    by=None,
    previewed: str | None = None,
    batch: FileImport | None = None,
) -> ListingPlan:
    """Stores how many each unit has listed a year; rows of unknown units are set aside."""
    with transaction.atomic():
        _lock_units()
        plan = plan_listings(content, year=year)
        _check(plan, previewed)
        Listing.objects.bulk_create(
            [
                Listing(unit=each.unit, year=year, listed_patients=each.listed, source=name[:200])
                for each in (*plan.new, *plan.changed)
            ],
            update_conflicts=True,
            unique_fields=["unit", "year"],
            update_fields=["listed_patients", "source"],
            batch_size=BATCH,
        )
        units = [each.unit for each in (*plan.new, *plan.changed)]
        note_rows(
            {
                "action": Action.CHANGE,
                "model": "organisation.listing",
                "object_id": f"{unit.pk}-{year}",
                "fields": ["listed_patients", "source"],
            }
            for unit in units
        )
        refresh_listed(units, by=by, reason=f"Läst ur {name}"[:100])
        _note(batch, FileImport.Kind.LISTINGS, name, content, plan, by)
    return plan


def _lock_units():
    """Two imports take turns. SQLite's transactions do so by themselves."""
    list(Unit.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _check(plan, previewed):
    if plan.faults:
        raise ImportStopped(plan)
    if previewed is not None and previewed != plan.digest:
        raise PlanChanged(plan)


def _store_units(plan, by, reason):
    moment = timezone.now()
    new = [draft.unit for draft in plan.new]
    Unit.objects.bulk_create(new, batch_size=BATCH)
    keys = dict(Unit.objects.values_list("hsa_id", "pk"))
    for draft in (*plan.new, *plan.changed):
        for name, hsa_id in draft.references.items():
            setattr(draft.unit, f"{name}_id", keys[hsa_id] if hsa_id else None)
    for unit in plan.ending:
        unit.valid_to = plan.end_missing
    changed = [draft.unit for draft in plan.changed] + plan.ending
    referring = [d.unit for d in plan.new if any(d.references.values())]
    _update([*referring, *changed], WRITTEN)
    history = {"batch_size": BATCH, "default_user": by, "default_date": moment}
    Unit.history.bulk_history_create(new, default_change_reason=reason, **history)
    Unit.history.bulk_history_create(changed, update=True, default_change_reason=reason, **history)
    _note_units(plan, reason)
    index_units([unit.pk for unit in (*new, *changed)])


def _note_units(plan, reason):
    """A line of the audit for each unit; what is written past the models tells no listener."""
    acts = [(Action.CREATE, each.unit, _told(each)) for each in plan.new]
    acts += [(Action.CHANGE, each.unit, _told(each)) for each in plan.changed]
    acts += [(Action.CHANGE, each, {"valid_to": (None, plan.end_missing)}) for each in plan.ending]
    note_rows(
        {
            "action": action,
            "model": "organisation.unit",
            "object_id": unit.pk,
            "name": str(unit),
            "reason": reason,
            "changes": changes,
        }
        for action, unit, changes in acts
    )


def _told(draft):
    return {each.field: (each.old, each.new) for each in draft.differences}


def _update(units, names):
    """Writes some fields of stored rows: an insertion that meets its row and changes it, which
    for thousands of rows is a tenth of bulk_update's cost."""
    Unit.objects.bulk_create(
        units,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=names,
        batch_size=BATCH,
    )


def refresh_listed(units: Iterable[Unit], *, by=None, reason: str = "") -> None:
    """A unit's own figure is its latest year's."""
    units = {unit.pk: unit for unit in units}
    latest = {}
    for keys in batched(units, IDS_A_TIME):
        rows = Listing.objects.filter(unit__in=keys).order_by("year")
        latest.update(rows.values_list("unit", "listed_patients"))
    changed = []
    for key, unit in units.items():
        if unit.listed_patients != latest.get(key):
            unit.listed_patients = latest.get(key)
            changed.append(unit)
    _update(changed, ["listed_patients"])
    Unit.history.bulk_history_create(
        changed, update=True, batch_size=BATCH, default_user=by, default_change_reason=reason
    )


def index_units(ids: Iterable[int]) -> None:
    """Units in search anew, with the contacts that bear their name and those they give care for."""
    for keys in batched(ids, IDS_A_TIME):
        run = Unit.objects.filter(caregiver__in=keys).values_list("pk", flat=True)
        index("unit", {*keys, *run})
        index("contact", Appointment.objects.filter(unit__in=keys).values_list("pk", flat=True))
