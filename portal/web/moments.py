"""When a page may change though nobody writes: something is published, begins, ends, expires."""

from datetime import datetime, timedelta
from functools import cache

from django.apps import apps
from django.db.models import DateTimeField
from django.utils import timezone

from .days import midnight
from .prepared import Question
from .stamp import unseen_tables

# Whatever these rules do not see shows after so long.
AT_MOST = timedelta(minutes=10)


@cache
def fields_with_moments() -> list[tuple]:
    """(model, field's name) for moments that may lie ahead. History tells of the past, and so do
    fields that are filled with the moment a row is made."""
    return [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.db_table not in unseen_tables() and not hasattr(model, "history_date")
        for field in model._meta.local_fields
        if isinstance(field, DateTimeField)
        and not (field.auto_now or field.auto_now_add or field.default is timezone.now)
    ]


@cache
def first_of_each() -> list[Question]:
    """The first moment of each field between two moments."""

    def first_of(model, name):
        def rows(after, before):
            between = {f"{name}__gt": after, f"{name}__lt": before}
            return model._base_manager.filter(**between).order_by(name).values_list(name)[:1]

        return Question(rows)

    return [first_of(model, name) for model, name in fields_with_moments()]


def next_change(now: datetime) -> datetime:
    """The next moment that could change a page: one in any row, the Swedish midnight (dates,
    and the token in forms), or ten minutes from now."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    moments = [now + AT_MOST, midnight(tomorrow)]
    for question in first_of_each():
        moments += (moment for (moment,) in question(now, now + AT_MOST))
    return min(moments)
