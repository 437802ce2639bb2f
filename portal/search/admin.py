"""Saving and deleting in the admin, followed by search and by texts that quote the row; and
what editors see of search itself."""

from collections import defaultdict

from django import forms
from django.contrib import admin

from portal.editing.model_admin import PortalAdmin, ReadOnly
from portal.web import changes

from .index import index
from .models import BestBet, MissedQuery, SearchEntry


class SearchedAdmin:
    """A ModelAdmin's part that keeps search and ready-made texts as the rows are.

    kind  the row's own kind in search, and what texts listen to in portal.web.changes

    Works on what the rows were before and what they are after: an appointment that moves
    between two units changes both.
    """

    kind = None
    searched = True

    def found_through(self, rows) -> dict:
        """{kind: ids} of other entries that carry the words of some rows (a queryset)."""
        return {}

    def save_model(self, request, obj, form, change):
        stored = self.model.objects.filter(pk=obj.pk) if change else self.model.objects.none()
        obj._search_entries, obj._steps = self._before(stored)
        super().save_model(request, obj, form, change)

    # The log is the last step of every way to save, a return to an old version too: only
    # then are the rows that belong to this one stored as well.

    def log_addition(self, request, obj, message):
        self._after_save(obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self._after_save(obj)
        return super().log_change(request, obj, message)

    def _after_save(self, obj):
        entries, steps = self._before(self.model.objects.filter(pk=obj.pk))
        # A row that is new was quoted by nobody, but a text may have waited for it.
        self._make_anew([obj._search_entries, entries], obj._steps or steps)

    def delete_model(self, request, obj):
        entries, steps = self._before(self.model.objects.filter(pk=obj.pk))
        super().delete_model(request, obj)
        self._make_anew([entries], steps)

    def delete_queryset(self, request, queryset):
        entries, steps = self._before(self.model.objects.filter(pk__in=queryset.values("pk")))
        super().delete_queryset(request, queryset)
        self._make_anew([entries], steps)

    def _before(self, rows):
        """The entries that some rows stand in, and what their quoters will have to do."""
        ids = list(rows.values_list("pk", flat=True))
        own = {self.kind: ids} if self.searched and ids else {}
        entries = {**own, **{k: list(v) for k, v in self.found_through(rows).items()}}
        return entries, changes.prepare(self.kind, ids) if ids else []

    def _make_anew(self, parts, steps):
        wanted = defaultdict(set)
        for entries in parts:
            for kind, ids in entries.items():
                wanted[kind].update(ids)
        for kind, ids in wanted.items():
            if ids:
                # Those that no longer are there, or no longer public, go out of the index.
                index(kind, ids)
        for step in steps:
            step()


class BestBetForm(forms.ModelForm):
    def clean_address(self):
        address = self.cleaned_data["address"]
        if not SearchEntry.objects.filter(url=address).exists():
            raise forms.ValidationError(
                "Sökningen har ingen sådan adress. Sök upp sidan och kopiera adressen därifrån, "
                "från och med / efter webbplatsens namn."
            )
        return address


@admin.register(BestBet)
class BestBetAdmin(PortalAdmin):
    list_display = ["address", "searches"]
    search_fields = ["address", "words"]
    form = BestBetForm
    fields = ["words", "address"]

    @admin.display(description="sökningar")
    def searches(self, bet):
        return ", ".join(bet.words)


@admin.register(MissedQuery)
class MissedQueryAdmin(ReadOnly, PortalAdmin):
    list_display = ["text", "week", "count"]
    list_filter = ["week"]
    search_fields = ["text"]
    fields = ["text", "week", "count"]

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(text="")
