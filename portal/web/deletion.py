"""What stands in the way of a deletion, counted instead of listed.

Django names every row that a deletion would take or be stopped by: for an indicator that is
each of its values, with queries for each. An editor needs to know how many, and of what.
"""

from django.contrib import messages
from django.contrib.admin.actions import delete_selected as django_delete_selected
from django.db import models

MOST_AT_ONCE = 200


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
        if len(objs) and (protected := protected_by(objs)):
            return [], {}, set(), protected
        return super().get_deleted_objects(objs, request)


def delete_selected(model_admin, request, queryset):
    """Django's own, for as many rows as a person can look through before saying yes."""
    if queryset.count() > MOST_AT_ONCE:
        messages.error(
            request,
            f"Högst {MOST_AT_ONCE} rader kan tas bort åt gången. Markera färre och försök igen.",
        )
        return None
    return django_delete_selected(model_admin, request, queryset)


delete_selected.allowed_permissions = django_delete_selected.allowed_permissions
delete_selected.short_description = django_delete_selected.short_description
