"""What all of the portal's admin classes share."""

import re
from collections import defaultdict

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q

from .deletion import CountedDeletion
from .forms import LinesField, TextField
from .paginator import LongListPaginator

# Words of a search that are used; a pasted page would make a query too deep for SQLite.
MOST_WORDS = 12


# Django's own pair of a date and a time field has no labels.
MOMENT = {
    "form_class": forms.DateTimeField,
    "widget": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
}


class LongLists(CountedDeletion):
    """A ModelAdmin's part: search, deletion and the last page cost little in long lists."""

    list_per_page = 50
    paginator = LongListPaginator

    def get_search_results(self, request, queryset, search_term):
        """Rows with every word in one of the search fields.

        By iregex, because SQLite's icontains takes Ö and ö for different letters.
        """
        for word in search_term.split()[:MOST_WORDS]:
            queryset = queryset.filter(has_word(self.model, self.search_fields, word))
        return queryset, False


def has_word(model, names, word):
    """The condition that one of a row's fields has a word.

    "unit__name" goes through a list of the units: 5,000 names are looked through once, and
    not once for each of their 20,000 appointments.
    """
    found = Q()
    related = defaultdict(list)
    for name in names:
        own, _, rest = name.partition("__")
        if rest:
            related[own].append(rest)
        else:
            found |= Q(**{f"{name}__iregex": re.escape(word)})
    for own, rest in related.items():
        relation = model._meta.get_field(own)
        rows = relation.related_model._base_manager
        rows = rows.filter(has_word(relation.related_model, rest, word))
        if relation.one_to_many:
            found |= Q(pk__in=rows.values(relation.field.name))
        else:
            found |= Q(**{f"{own}__in": rows})
    return found


class PortalAdmin(LongLists, admin.ModelAdmin):
    """A plain ModelAdmin, with

    help_texts    {field: what an editor has to know}, where the model's own does not say it
    fixed_fields  set when a row is made and never again: addresses and links lead by them,
                  and a content pack finds its rows by them
    """

    help_texts = {}
    fixed_fields = []
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

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            # Searched for instead of ticked, where there may be thousands.
            kwargs.pop("widget", None)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
