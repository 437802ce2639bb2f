"""What all of the portal's admin classes share."""

import operator
import re
from functools import reduce

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q

from .conflict_admin import ConflictAdmin
from .forms import LinesField, TextField

# Words of a search that are used; a pasted page would make a query too deep for SQLite.
MOST_WORDS = 12


# Django's own pair of a date and a time field has no labels.
MOMENT = {
    "form_class": forms.DateTimeField,
    "widget": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
}


class PortalAdmin(ConflictAdmin, admin.ModelAdmin):
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

    def get_readonly_fields(self, request, obj=None):
        fixed = self.fixed_fields if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and db_field.name in self.help_texts:
            formfield.help_text = self.help_texts[db_field.name]
        return formfield

    def get_search_results(self, request, queryset, search_term):
        """Rows with every word in one of the search fields.

        By iregex, because SQLite's icontains takes Ö and ö for different letters.
        """
        for word in search_term.split()[:MOST_WORDS]:
            fields = (Q(**{f"{name}__iregex": re.escape(word)}) for name in self.search_fields)
            queryset = queryset.filter(reduce(operator.or_, fields))
        return queryset, False
