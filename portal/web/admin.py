"""What all of the portal's admin classes share."""

import operator
import re
from functools import reduce

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst

from .forms import LinesField, TextField

# Words of a search that are used; a pasted page would make a query too deep for SQLite.
MOST_WORDS = 12


# Django's own pair of a date and a time field has no labels.
MOMENT = {
    "form_class": forms.DateTimeField,
    "widget": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
}


class PortalAdmin(admin.ModelAdmin):
    """A plain ModelAdmin, with

    help_texts    {field: what an editor has to know}, where the model's own does not say it
    fixed_fields  set when a row is made and never again: addresses and links lead by them,
                  and a content pack finds its rows by them
    """

    help_texts = {}
    fixed_fields = []
    list_per_page = 50
    formfield_overrides = {
        models.JSONField: {"form_class": LinesField},
        models.DateTimeField: MOMENT,
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"form_class": TextField},
        # Boxes have labels and need no key held down, unlike a list of many.
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }

    @property
    def search_help_text(self):
        """Which columns the search reads, in the words of the form."""
        names = []
        for path in self.search_fields:
            first = self.model._meta.get_field(path.split("__")[0])
            model = first.related_model
            name = model._meta.verbose_name if model else first.verbose_name
            names += [] if name in names else [str(name)]
        return f"Söker i {', '.join(names)}." if names else ""

    def get_readonly_fields(self, request, obj=None):
        fixed = self.fixed_fields if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and db_field.name in self.help_texts:
            formfield.help_text = self.help_texts[db_field.name]
        return formfield

    def get_view_on_site_url(self, obj=None):
        """Where readers see the row; nothing while they do not see it."""
        if obj is None or not hasattr(obj, "get_absolute_url"):
            return None
        public = getattr(self.model.objects, "public", None)
        if public and not public().filter(pk=obj.pk).exists():
            return None
        return obj.get_absolute_url()

    def get_deleted_objects(self, objs, request):
        """Without the rows of join tables, which have no name that an editor knows."""
        rows, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        joins = tuple(
            f"{capfirst(model._meta.verbose_name)}: "
            for model in apps.get_models(include_auto_created=True)
            if model._meta.auto_created
        )
        return _without(rows, joins), counts, perms_needed, protected

    def get_search_results(self, request, queryset, search_term):
        """Rows with every word in one of the search fields.

        By iregex, because SQLite's icontains takes Ö and ö for different letters.
        """
        for word in search_term.split()[:MOST_WORDS]:
            fields = (Q(**{f"{name}__iregex": re.escape(word)}) for name in self.search_fields)
            queryset = queryset.filter(reduce(operator.or_, fields))
        return queryset, False


def _without(rows, prefixes):
    """A nested list of what will be deleted, without the lines that begin in some ways."""
    return [
        _without(row, prefixes) if isinstance(row, list) else row
        for row in rows
        if isinstance(row, list) or not str(row).startswith(prefixes)
    ]
