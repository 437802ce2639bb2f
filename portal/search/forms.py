from django import forms

from .sources import all_sources

LONGEST_QUERY = 200


def kind_choices():
    return [("", "Alla"), *((source.kind, source.label) for source in all_sources())]


class SearchForm(forms.Form):
    """A search from the browser; CharField refuses NUL, which PostgreSQL cannot store."""

    q = forms.CharField(
        label="Sökord",
        max_length=LONGEST_QUERY,
        required=False,
        error_messages={"max_length": f"Skriv högst {LONGEST_QUERY} tecken."},
    )
    typ = forms.ChoiceField(
        label="Slag",
        choices=kind_choices,
        required=False,
        error_messages={"invalid_choice": "Slaget ”%(value)s” finns inte."},
    )
    page = forms.IntegerField(
        label="Sida",
        min_value=1,
        required=False,
        error_messages={
            "invalid": "Sidan anges som ett heltal.",
            "min_value": "Sidorna räknas från 1.",
        },
    )


class SuggestionForm(forms.Form):
    """The beginning of a search. What is wrong with it proposes nothing."""

    q = forms.CharField(max_length=LONGEST_QUERY)
