"""When a page may change though nobody writes: something is published, begins, ends, expires."""

from datetime import datetime, timedelta
from functools import cache

from django.apps import apps
from django.db.models import DateTimeField
from django.utils import timezone

from portal.web.days import midnight

from .prepared import Question
from .stamp import unseen_tables

# Whatever these rules do not see shows after so long.
AT_MOST = timedelta(minutes=10)
_PAST: set[str] = set()


def past(*fields: str) -> None:
    """These fields tell when something was done ("guidance.PageVersion.withdrawn_at")."""
    _PAST.update(fields)


@cache
def fields_with_moments() -> list[tuple]:
    """(model, field's name) for moments that may lie ahead. History tells of the past, and so do
    fields that are filled with the moment a row is made. Each wants an index where rows are many,
    since it is asked for after every change."""
    return [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.db_table not in unseen_tables() and not hasattr(model, "history_date")
        for field in model._meta.local_fields
        if isinstance(field, DateTimeField)
        and not (field.auto_now or field.auto_now_add or field.default is timezone.now)
        and f"{model._meta.label}.{field.name}" not in _PAST
    ]


def _moments_between(after, before):
    first, *others = (
        model._base_manager.filter(**{f"{name}__gt": after, f"{name}__lt": before})
        .order_by()
        .values_list(name)
        for model, name in fields_with_moments()
    )
    return first.union(*others)


_between = Question(_moments_between)


def next_change(now: datetime) -> datetime:
    """The next moment that could change a page: one in any row, the Swedish midnight (dates,
    and the token in forms), or ten minutes from now. One query."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    latest = min(now + AT_MOST, midnight(tomorrow))
    return min([latest, *(moment for (moment,) in _between(now, latest))])
