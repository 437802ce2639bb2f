"""Fields of filters in an address: optional, and a wrong value is told in Swedish."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils.formats import date_format

from .ordering import swedish_key

HIGHEST_PAGE = 10_000


class OwnQuestion(ModelChoiceIterator):
    """Asks with a queryset of its own: a form may be kept with its list and shown by several
    threads at once, and Django leaves marks in a queryset while it words it."""

    def __iter__(self):
        asked = copy(self)
        asked.queryset = self.queryset.all()
        return ModelChoiceIterator.__iter__(asked)


class RowChoice(forms.ModelChoiceField):
    iterator = OwnQuestion


def row_filter(rows: QuerySet, *, label: str, empty: str, wrong: str) -> RowChoice:
    """A choice among rows by their code; `empty` is the choice of all of them."""
    return RowChoice(
        rows,
        to_field_name="code",
        label=label,
        empty_label=empty,
        required=False,
        error_messages={"invalid_choice": wrong},
    )


def choice_filter(choices: list | Callable, *, label: str, wrong: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=choices, label=label, required=False, error_messages={"invalid_choice": wrong}
    )


def town_choices(names: Iterable[str]) -> list[tuple[str, str]]:
    """Towns as choices, each once and in Swedish order, after the choice of all."""
    towns = sorted(set(names), key=swedish_key)
    return [("", "Alla orter"), *((name, name) for name in towns)]


def page_filter() -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=HIGHEST_PAGE, required=False)


@dataclass
class Chip:
    label: str
    query_without: str


def _chip_label(field, value):
    if value is True:
        return field.label
    if isinstance(value, date):
        return date_format(value, "F Y").capitalize()
    # A chosen row says its own name, as words do; a plain choice is looked up among the field's.
    return dict(getattr(field, "choices", ())).get(value, str(value))


def filter_chips(form, query: QueryDict, *, besides: Iterable[str] = ()) -> list[Chip]:
    """The active filters of a valid form, each with the query string that removes it.

    besides  fields that say how something is shown, and not what
    """
    chips = []
    for name, value in form.cleaned_data.items():
        if not value or name == "page" or name in besides:
            continue
        rest = query.copy()
        rest.pop(name, None)
        rest.pop("page", None)
        chips.append(Chip(_chip_label(form.fields[name], value), rest.urlencode()))
    return chips
