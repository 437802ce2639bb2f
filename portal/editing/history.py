"""A row's history with its choices, and which rows' changes are seen with another's."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from simple_history.models import HistoricalRecords

_RECORD = "_history_record"


class History(HistoricalRecords):
    """simple-history's records, one a save.

    Choices in a list (`m2m_fields`) are stored after their row, and simple-history makes a
    record for each list that changes. Here those that are set on the same object belong to
    the record that its save made: who changes two fields and two lists has made one change.
    """

    def m2m_changed(self, instance, action, attr, pk_set, reverse, **rest):
        if reverse:
            # Asked from the other side; the rows with history are those that it names.
            for row in self.cls._default_manager.filter(pk__in=pk_set or []):
                super().m2m_changed(row, action, attr, pk_set, False, **rest)
        elif action.startswith("post_") and hasattr(instance, _RECORD):
            field = self.cls._meta.get_field(attr)
            record = getattr(instance, _RECORD)
            self.m2m_models[field].objects.filter(history=record).delete()
            self._keep_choices(record, field)
        else:
            super().m2m_changed(instance, action, attr, pk_set, reverse, **rest)

    def create_historical_record_m2ms(self, history_instance, instance):
        setattr(instance, _RECORD, history_instance)
        if history_instance.history_type == "~":  # a new row has none yet, one that is gone no more
            for field in history_instance._history_m2m_fields:
                self._keep_choices(history_instance, field)

    def _keep_choices(self, record, field):
        key = record.instance_type._meta.pk.attname
        through = field.remote_field.through._default_manager
        chosen = through.filter(**{field.m2m_field_name(): getattr(record, key)}).values()
        model = self.m2m_models[field]
        model.objects.bulk_create(model(history=record, **row) for row in chosen)


@dataclass(frozen=True)
class RowHistory:
    """Rows whose changes are seen in the history of the one they belong to.

    model    with a history of its own
    parent   its reference to the row they belong to
    name     how one is called, from its record: lambda record: record.text
    returns  whether they come back with an older version; else they only are shown
    """

    model: type[models.Model]
    parent: str
    name: Callable[[models.Model], str]
    returns: bool = True

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    def records(self, pk):
        """Records of all rows that ever belonged to a row, wherever they are now."""
        history = self.model.history
        return history.filter(id__in=history.filter(**{self.parent: pk}).values("id"))

    def standing(self, pk, at):
        """The records that say how the rows stood at a moment."""
        latest = {}
        for record in (
            self.records(pk).filter(history_date__lte=at).order_by("history_date", "history_id")
        ):
            latest[record.id] = record
        return [r for r in latest.values() if r.history_type != "-" and self.belongs(r, pk)]

    def bring_back(self, pk, at, mark):
        """Makes the rows stand as they did at a moment.

        mark  called with each row before it is saved or deleted, to say who and why

        A row that history has no word of from then or since is left as it is.
        """
        wanted = {record.id: record.instance for record in self.standing(pk, at)}
        known = set(self.records(pk).values_list("id", flat=True))
        now = {row.pk: row for row in self.model._default_manager.filter(**{self.parent: pk})}
        for key, row in now.items():
            if key in known and key not in wanted and self._began(row, at):
                mark(row)
                row.delete()
        for key, row in wanted.items():
            if key not in now or _values(row) != _values(now[key]):
                mark(row)
                row.save()

    def belongs(self, record, pk):
        return getattr(record, self.model._meta.get_field(self.parent).attname) == pk

    def _began(self, row, at):
        """Whether it is known that a row was not there: made later, or gone just then."""
        oldest = row.history.earliest()
        return oldest.history_date <= at or oldest.history_type == "+"


def _values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
