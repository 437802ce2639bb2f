"""True values in words and figures, for the import desk alone."""

from django import template
from django.utils.formats import number_format

from followup.disclosure.values import FACTORS
from followup.models import Indicator, Sex, StoredState

from .measures import measure

register = template.Library()
STATES, SEXES = dict(StoredState.choices), dict(Sex.choices)


@register.filter
def stored(value, kind):
    """ "20 av 80 (25,0 %)", "12 %" as the source wrote it, or why there is none."""
    if value is None:
        return "inget värde"
    if value.state != StoredState.VALUE:
        return STATES[value.state]
    if value.reported is not None:
        text = number_format(value.reported.normalize(), use_l10n=True)
        return f"{text}\u00a0%" if kind == Indicator.Kind.PROPORTION else text
    counts = f"{_count(value.numerator)} av {_count(value.denominator)}"
    if not value.denominator:
        return counts
    share = value.numerator / value.denominator * FACTORS[kind]
    unit = " per 1 000" if kind == Indicator.Kind.RATE_PER_1000 else ""
    return f"{counts} ({measure(share, kind)}{unit})"


@register.filter
def sex_name(sex):
    return SEXES[sex]


def _count(number):
    return number_format(number, force_grouping=True)
