"""What all of the portal's admin classes share."""

import re
from collections import defaultdict

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst

from portal.web.forms import LinesField, TextField

from .conflict_admin import ConflictAdmin
from .deletion import CountedDeletion
from .paginator import LongListPaginator

# Words of a search that are used; a pasted page would make a query too deep for SQLite.
MOST_WORDS = 12
KEY = re.compile(r"[0-9]{1,18}")
SLUG_FAULT = (
    "Skriv med bokstäver a–z, siffror, bindestreck och understreck, utan mellanslag: grundkurs-1."
)
# What a row is called, in the field that its code or address name is proposed from.
NAMES = ("title", "name", "term", "label")
# What an editor has to know of fields that many models have.
SHARED_HELP = {
    "code": "Används i adresser, länkar och innehållspaket och kan inte ändras efteråt.",
    "position": "Lägst nummer visas först.",
    "review_note": "Vad en sakkunnig ska kontrollera. Visas för läsaren.",
}
REVIEW = ("Granskning", {"fields": ["review_note"]})
TO_REVIEW = ("review_note", admin.EmptyFieldListFilter)
DAY = {"error_messages": {"invalid": "Skriv dagen som år-månad-dag, till exempel 2027-03-01."}}
# Django's own pair of a date and a time field has no labels.
MOMENT = {
    "form_class": forms.DateTimeField,
    "error_messages": {
        "invalid": "Skriv dag och klockslag, till exempel 2027-03-01 13:00.",
    },
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


class ReadOnly:
    """A ModelAdmin's part: rows that the portal makes itself, to be seen and not edited."""

    when_empty = "Här läggs inget till för hand: raderna kommer av sig själva när något har hänt."

    def has_add_permission(self, request, obj=None):  # of a row too, in an inline
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PortalAdmin(ConflictAdmin, LongLists, admin.ModelAdmin):
    """A plain ModelAdmin, with

    help_texts    {field: what an editor has to know}, where neither the model's own nor
                  SHARED_HELP says it
    fixed_fields  set when a row is made and never again: addresses and links lead by them,
                  and a content pack finds its rows by them
    when_empty    what an empty list says, where rows are not added in it
    """

    help_texts = {}
    fixed_fields = []
    formfield_overrides = {
        models.JSONField: {"form_class": LinesField},
        models.DateField: DAY,
        models.DateTimeField: MOMENT,
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"form_class": TextField},
        models.SlugField: {"error_messages": {"invalid": SLUG_FAULT}},
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

    @admin.display(description="att granska", boolean=True)
    def has_review_note(self, row):
        return bool(row.review_note)

    def get_readonly_fields(self, request, obj=None):
        fixed = self.fixed_fields if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_prepopulated_fields(self, request, obj=None):
        """A new row's code or address name is proposed as its name is written."""
        fields = {field.name: field for field in self.opts.fields}
        source = next((name for name in NAMES if name in fields), None)
        if obj or source is None:
            return {}
        slugs = [name for name in self.fixed_fields if isinstance(fields[name], models.SlugField)]
        return {name: [source] for name in slugs}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        help_texts = {**SHARED_HELP, **self.help_texts}
        if formfield and db_field.name in help_texts:
            formfield.help_text = help_texts[db_field.name]
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

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            # Searched for instead of ticked, where there may be thousands.
            kwargs["widget"] = SearchedSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class OnlyKeys:
    """Django asks the database for what was sent, to show it again beside its fault; what
    cannot be a row's key would be a server error there."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [each for each in value if KEY.fullmatch(str(each))], attr)


class SearchedSelect(OnlyKeys, AutocompleteSelect):
    pass


class SearchedSelectMultiple(OnlyKeys, AutocompleteSelectMultiple):
    pass


def _without(rows, prefixes):
    """A nested list of what will be deleted, without the lines that begin in some ways."""
    return [
        _without(row, prefixes) if isinstance(row, list) else row
        for row in rows
        if isinstance(row, list) or not str(row).startswith(prefixes)
    ]
