"""The admin shows, changes and confirms only rows of units that are one's own to see.

Everything that Django's admin shows of a model goes through its class's queryset and its
`has_*_permission`: lists, forms, inlines, choices, autocomplete, history, bulk actions and
deletions. A row outside answers as one that does not exist.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from . import scope


class ScopedAdmin:
    """A ModelAdmin's part for rows that belong to a unit (`scope.belongs_to_unit`).

    outer_fields     what leads out of the unit: hidden from whoever may edit some units only
    fixed_for_some   what they see and do not change, such as keys that would tell of others
    only_all_add     whether a new row takes somebody who may edit every unit
    """

    outer_fields = []
    fixed_for_some = []
    only_all_add = False

    def get_queryset(self, request):
        return scope.seen(super().get_queryset(request), request.user)

    def _within(self, request, obj, rule):
        """Asked many times for one form, and answered once a request."""
        if obj is None or obj.pk is None:
            return True
        answers = request.__dict__.setdefault("_scope_answers", {})
        key = (rule.__name__, self.opts.label, obj.pk)
        if key not in answers:
            rows = self.model._base_manager.filter(pk=obj.pk)
            answers[key] = self._has_all(request.user, rule) or rule(rows, request.user).exists()
        return answers[key]

    def _has_all(self, user, rule):
        return scope.edits_all(user) or (rule is scope.seen and scope.sees_all(user))

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and self._within(request, obj, scope.seen)

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        return may and self._within(request, obj, scope.changed)

    def has_delete_permission(self, request, obj=None):
        may = super().has_delete_permission(request, obj)
        return may and self._within(request, obj, scope.changed)

    def has_add_permission(self, request):
        may = super().has_add_permission(request)
        return may and (not self.only_all_add or scope.edits_all(request.user))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        target = db_field.remote_field.model
        if scope.is_scoped(target) and not scope.edits_all(request.user):
            owns = db_field.name == scope.owner_field(self.model)
            rule = scope.changed if owns else scope.seen
            allowed = rule(target._default_manager.all(), request.user).values("pk")
            # What the row says already can be left as it is.
            now = self.model._base_manager.filter(pk=_opened(request)).values(db_field.name)
            kwargs["queryset"] = target._default_manager.filter(Q(pk__in=allowed) | Q(pk__in=now))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if scope.sees_all(request.user):
            return fieldsets
        kept = [
            (
                name,
                {**options, "fields": [f for f in options["fields"] if f not in self.outer_fields]},
            )
            for name, options in fieldsets
        ]
        return [(name, options) for name, options in kept if options["fields"]]

    def get_list_display(self, request):
        shown = super().get_list_display(request)
        if scope.sees_all(request.user):
            return shown
        return [name for name in shown if name not in self.outer_fields]

    def get_readonly_fields(self, request, obj=None):
        fixed = [] if scope.edits_all(request.user) else self.fixed_for_some
        return [*super().get_readonly_fields(request, obj), *fixed]

    # Django says 403 where a row is there and not one's own, and something else where it is
    # not; that would confirm it.

    def change_view(self, request, object_id, *args, **kwargs):
        _need(self.has_view_or_change_permission(request))
        return _unconfirmed(super().change_view, request, object_id, *args, **kwargs)

    def delete_view(self, request, object_id, *args, **kwargs):
        _need(self.has_delete_permission(request))
        return _unconfirmed(super().delete_view, request, object_id, *args, **kwargs)

    def history_view(self, request, object_id, *args, **kwargs):
        _need(self.has_view_or_change_permission(request))
        return _unconfirmed(super().history_view, request, object_id, *args, **kwargs)

    def _row(self, request, pk):
        _need(self.has_view_or_change_permission(request))
        return _unconfirmed(super()._row, request, pk)


def _need(permission):
    if not permission:
        raise PermissionDenied


def _unconfirmed(answer, request, *args, **kwargs):
    try:
        return answer(request, *args, **kwargs)
    except PermissionDenied:
        if scope.sees_all(request.user):
            raise
        raise Http404("Ingen sådan rad.") from None


def _opened(request):
    """The row whose form is open, from the address; 0 where there is none."""
    found = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 18 else 0
