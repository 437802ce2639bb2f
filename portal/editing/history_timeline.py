"""What changed in a row and in those that belong to it, moment by moment, in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.text import capfirst

from portal.publishing.difference import Piece, short_difference

from .history import RowHistory
from .last_day import PeriodEnd, last_day_before
from .values import readable

LONG = 60  # from here two texts are compared word by word
LONGEST_VALUE = 300


@dataclass
class Change:
    """One field: from `old` to `new`, a long text in `pieces`, a list by what came and went."""

    label: str
    old: str = ""
    new: str = ""
    pieces: list[Piece] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass
class RowChange:
    """A row that belongs to the one whose history it is: `verb` "lades till"."""

    label: str
    name: str
    verb: str
    changes: list[Change]
    model: type[models.Model]
    pk: int


@dataclass
class Entry:
    """All that was changed at one moment: a save is one moment, with all it stored.

    version  the record to go back to, None where only other rows were changed
    oldest   history knows of nothing before
    """

    at: datetime
    by: str = ""
    reason: str = ""
    verb: str = "Ändrades"
    version: int | None = None
    oldest: bool = False
    changes: list[Change] = field(default_factory=list)
    rows: list[RowChange] = field(default_factory=list)


class Timeline:
    """The history of a row and of some kinds of rows that belong to it."""

    def __init__(self, model: type[models.Model], pk: int, kinds: Iterable[RowHistory]):
        self.own = model.history.filter(id=pk)
        self.pk = pk
        self.kinds = list(kinds)

    def moments(self):
        """When something was changed, latest first."""
        parts = [self.own, *(self._of(kind) for kind in self.kinds)]
        first, *others = (part.order_by().values_list("history_date", flat=True) for part in parts)
        moments = first.union(*others) if others else first.distinct()
        return moments.order_by("-history_date")

    def entries(self, moments: Iterable[datetime]) -> list[Entry]:
        entries = {at: Entry(at) for at in moments}
        for records in _by_moment(self.own.filter(history_date__in=entries)):
            _tell_own(entries[records.at], records)
        for kind in self.kinds:
            for records in _by_moment(self._of(kind).filter(history_date__in=entries)):
                _tell_row(entries[records.at], kind, records, self.pk)
        return list(entries.values())

    def _of(self, kind):
        """Records of rows that belong here, and of the moment when one left."""
        records = _with_previous(kind.records(self.pk), kind.parent)
        return records.filter(Q(**{kind.parent: self.pk}) | Q(previous_parent=self.pk))


@dataclass
class _Records:
    """A row's records of one moment: the last of them and the last before."""

    at: datetime
    last: models.Model
    before: models.Model | None
    made: bool


def _with_previous(records, parent=None):
    earlier = records.model.objects.filter(
        id=OuterRef("id"), history_date__lt=OuterRef("history_date")
    ).order_by("-history_date", "-history_id")
    found = {"previous": Subquery(earlier.values("history_id")[:1])}
    if parent:
        found["previous_parent"] = Subquery(earlier.values(parent)[:1])
    return records.annotate(**found)


def _by_moment(records) -> list[_Records]:
    rows = list(_ready(_with_previous(records)).order_by("history_date", "history_id"))
    previous = {row.previous for row in rows} - {None}
    before = {row.pk: row for row in _ready(records.model.objects.filter(pk__in=previous))}
    _set_choices([*rows, *before.values()])
    moments = defaultdict(list)
    for row in rows:
        moments[row.history_date, row.id].append(row)
    return [
        _Records(at, same[-1], before.get(same[-1].previous), same[0].history_type == "+")
        for (at, _), same in moments.items()
    ]


def _ready(records):
    references = [f.name for f in records.model.tracked_fields if f.is_relation]
    return records.select_related("history_user", *references)


def _set_choices(records):
    """`record.choices`: {field: {key: name}}, with one query a list for all records."""
    for record in records:
        record.choices = {each.name: {} for each in record._history_m2m_fields}
    by_pk = {record.pk: record for record in records}
    for each in records[0]._history_m2m_fields if records else []:
        target = each.m2m_reverse_field_name()
        history = getattr(type(records[0]), each.name).model
        for row in history.objects.filter(history__in=by_pk).select_related(target):
            key = getattr(row, f"{target}_id")
            name = getattr(row, target, None)
            gone = f"borttagen {each.related_model._meta.verbose_name}"
            by_pk[row.history_id].choices[each.name][key] = str(name or gone)


def _tell_own(entry, records):
    last = records.last
    _tell_who(entry, last)
    entry.verb = "Skapades" if records.made else "Ändrades"
    if last.history_type == "-":
        entry.verb = "Togs bort"
    else:
        entry.version = last.pk
        entry.changes = differences(records.before, last)
        entry.oldest = records.before is None and not records.made


def _tell_row(entry, kind, records, pk):
    last, before = records.last, records.before
    _tell_who(entry, last)
    here = last.history_type != "-" and kind.belongs(last, pk)
    was_here = before and before.history_type != "-" and kind.belongs(before, pk)
    changes = []
    if not here:
        verb = "togs bort"
    elif was_here:
        verb, changes = "ändrades", differences(before, last, without=kind.parent)
        if not changes:
            return
    else:
        # A change of which history does not know what there was before.
        verb = "lades till" if before or records.made else "ändrades"
    row = RowChange(kind.label, kind.name(last), verb, changes, kind.model, last.id)
    entry.rows.append(row)


def _tell_who(entry, record):
    entry.by = entry.by or str(record.history_user or "")
    entry.reason = entry.reason or record.history_change_reason or ""


def differences(before, after, *, without=None) -> list[Change]:
    """What differs between two records of a row, in its fields' order."""
    if before is None:
        return []
    changes = []
    for each in after.tracked_fields:
        old, new = (getattr(record, each.attname) for record in (before, after))
        if each.editable and each.name != without and old != new:
            changes.append(_change(each, before, after))
    for each in after._history_m2m_fields:
        old, new = (record.choices[each.name] for record in (before, after))
        if old.keys() != new.keys():
            added = [name for key, name in new.items() if key not in old]
            removed = [name for key, name in old.items() if key not in new]
            changes.append(Change(capfirst(each.verbose_name), added=added, removed=removed))
    return changes


def _change(each, before, after):
    old, new = (getattr(record, each.attname) for record in (before, after))
    if isinstance(old, str) and isinstance(new, str) and min(len(old), len(new)) > LONG:
        return Change(capfirst(each.verbose_name), pieces=short_difference(old, new))
    return Change(
        capfirst(each.verbose_name),
        old=value_in_words(before, each),
        new=value_in_words(after, each),
    )


def value_in_words(record, each) -> str:
    """A field's value as an editor reads it: labels for choices, ja and nej, days as days."""
    value = getattr(record, each.attname)
    if each.is_relation and value is not None:
        # The row itself can be gone: history keeps its number only.
        target = record._meta.get_field(each.name).get_cached_value(record, None)
        return str(target or f"borttagen {each.related_model._meta.verbose_name}")
    if isinstance(each, PeriodEnd):
        value = last_day_before(value)
    text = str(readable(value, dict(each.flatchoices)))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} …"
