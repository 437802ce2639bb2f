"""What stands in the way of a deletion.

Django names every row that a deletion would take or be stopped by: for an indicator that is
each of its values, with queries for each. An editor needs to know how many, and of what.

What texts link to by identity, and what is chosen in lists, would go without a word: a room
says with `linked_as` how its rows are linked to, and then each place that uses a row stops
its deletion and is named, with a link to where it is edited.
"""

import hashlib
from collections.abc import Callable

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as django_delete_selected
from django.core import signing
from django.db import models, router, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from portal.web.batches import batched

SALT = "portal.editing.deletion"
MOST_AT_ONCE = 200
MOST_NAMED = 25
MOST_CONDITIONS = 400

_references: dict[type[models.Model], Callable[[models.Model], list[str]]] = {}


def linked_as(model: type[models.Model], references: Callable[[models.Model], list[str]]) -> None:
    """How texts link to a row: LegalReference, lambda law: [f"lag:{law.code}"]."""
    _references[model] = references


def used_by(objs) -> list[str]:
    """The places that link to some rows or have chosen them, as lines with links."""
    model = objs.model if isinstance(objs, models.QuerySet) else type(objs[0])
    if model not in _references:
        return []
    rows = {*_choosing(model, [row.pk for row in objs]), *_linking(objs, _references[model])}
    rows -= set(objs)
    lines = sorted(_line(row) for row in rows)
    more = len(lines) - MOST_NAMED
    return lines[:MOST_NAMED] + ([f"och {more} till"] if more > 0 else [])


def _choosing(model, ids):
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.many_to_many and not relation.concrete:
            rows = relation.related_model._base_manager
            yield from _edited(rows.filter(**{f"{relation.field.name}__in": ids}))


def _linking(objs, references):
    parts = [f'"{each}{end}' for row in objs for each in references(row) for end in ('"', "#")]
    for model in apps.get_models():
        names = [
            field.name
            for field in model._meta.local_concrete_fields
            if isinstance(field, models.TextField) and field.editable
        ]
        if not names or model._meta.model_name.startswith("historical"):
            continue
        # SQLite takes so many conditions in one question and no more.
        for some in batched(parts, MOST_CONDITIONS // len(names)):
            found = Q()
            for name in names:
                for part in some:
                    found |= Q(**{f"{name}__contains": part})
            yield from _edited(model._base_manager.filter(found))


def _edited(rows):
    """What somebody opens to change some rows: a step is changed in its page."""
    path = getattr(rows.model, "edited_through", None)
    if path is None:
        return rows.distinct()
    model = rows.model
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model._base_manager.filter(pk__in=rows.order_by().values(path))


def _line(row):
    meta = row._meta
    if type(row) not in admin.site._registry:
        return f"{capfirst(meta.verbose_name)}: {row}"
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('{}: <a href="{}">{}</a>', capfirst(meta.verbose_name), url, row)


def protected_by(objs) -> list[str]:
    """What points at some rows and may not lose them: ["12 uppdrag", "4 500 mätvärden"]."""
    model = objs.model if isinstance(objs, models.QuerySet) else type(objs[0])
    ids = [row.pk for row in objs]
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is not models.PROTECT or relation.concrete:
            continue
        holder = relation.related_model
        number = holder._base_manager.filter(**{f"{relation.field.name}__in": ids}).count()
        if number:
            name = holder._meta.verbose_name if number == 1 else holder._meta.verbose_name_plural
            found.append(f"{number} {name} ({relation.field.verbose_name})")
    return found


class CountedDeletion:
    """A ModelAdmin's part: the page before a deletion costs the same whatever hangs on it."""

    def get_deleted_objects(self, objs, request):
        if len(objs) and (protected := [*used_by(objs), *protected_by(objs)]):
            return [], {}, set(), protected
        return super().get_deleted_objects(objs, request)


def delete_selected(model_admin, request, queryset):
    """Django's own, for as many rows as a person can look through before saying yes, and as
    they were when she was asked."""
    if queryset.count() > MOST_AT_ONCE:
        messages.error(
            request,
            f"Högst {MOST_AT_ONCE} rader kan tas bort åt gången. Markera färre och försök igen.",
        )
        return None
    with transaction.atomic(using=router.db_for_write(queryset.model)):
        chosen = list(queryset.values_list("pk", flat=True))
        found = queryset.model._base_manager.filter(pk__in=chosen)
        rows = list(found.select_for_update().order_by("pk"))
        now = {str(row.pk): _as_stored(row) for row in rows}
        asked = _asked(request) if request.POST.get("post") else None
        changed = [row for row in rows if asked and asked.get(str(row.pk)) != now[str(row.pk)]]
        if changed:
            request.POST = request.POST.copy()
            del request.POST["post"]
        response = django_delete_selected(model_admin, request, queryset)
    if response is not None:
        response.context_data.update(asked=signing.dumps(now, salt=SALT), changed=changed)
        response.status_code = 409 if changed else response.status_code
    return response


def _as_stored(row):
    """A short name of what a row holds in its own columns."""
    values = [str(field.value_from_object(row)) for field in row._meta.concrete_fields]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def _asked(request):
    """What the rows were on the page that asked, {key: short name}; None when that did not."""
    try:
        return signing.loads(request.POST.get("_asked", ""), salt=SALT)
    except signing.BadSignature:
        return None


delete_selected.allowed_permissions = django_delete_selected.allowed_permissions
delete_selected.short_description = django_delete_selected.short_description
