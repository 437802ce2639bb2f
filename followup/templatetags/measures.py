"""Values in words and figures, the same on every page: Swedish decimal comma, the kind's unit."""

from django import template
from django.utils.formats import number_format

from followup.disclosure import ValueState
from followup.models import Indicator
from followup.presenters import DECIMALS

register = template.Library()

WORDS = {
    ValueState.HIDDEN: "dolt",
    ValueState.MISSING: "saknas",
    ValueState.NOT_APPLICABLE: "ej aktuellt",
}


@register.filter
def measure(number, kind):
    """A number in an indicator's unit: 7.86 → "7,9 %", or a dash when there is none.

    Rounded here, as in the exports: number_format cuts digits off.
    """
    if number is None or number == "":  # nothing at all where a year has no spread
        return "–"
    decimals = DECIMALS[kind]
    text = number_format(round(number, decimals), decimals, force_grouping=True)
    return f"{text}\u00a0%" if kind == Indicator.Kind.PROPORTION else text


@register.filter
def shown(value, kind):
    """A published value as readers see it: its number, or why there is none."""
    if not value:  # None, or nothing at all where a unit has no row for the year
        return WORDS[ValueState.MISSING]
    return measure(value.value, kind) if value.is_shown else WORDS[value.state]


@register.filter
def distance(number, kind):
    """A distance to the median with its sign, in the source's decimals: 2.04 → "+2,0"."""
    text = measure(abs(number), kind).removesuffix("\u00a0%")
    return f"+{text}" if number > 0 else f"\u2212{text}" if number < 0 else text


@register.filter
def difference(number, kind):
    """A difference in words: of shares in percentage points, else the plain number."""
    text = measure(abs(number), kind).removesuffix("\u00a0%")
    return f"{text} procentenheter" if kind == Indicator.Kind.PROPORTION else text


@register.filter
def span(interval, kind):
    """An interval: (6.05, 9.98) → "6,0–10,0 %"."""
    if not interval:
        return "–"
    low, high = (measure(end, kind) for end in interval)
    return f"{low.removesuffix(chr(0xA0) + '%')}–{high}"
