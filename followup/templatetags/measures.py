"""Values in words and figures, the same on every page: Swedish decimal comma, the kind's unit."""

from django import template

from followup.disclosure import ValueState
from followup.models import Indicator, Sex
from followup.presenters import DECIMALS
from portal.web.templatetags.portal import grouped

register = template.Library()

# Thousands apart by a blank that does not break, decimals by a comma.
SWEDISH = str.maketrans({",": "\u00a0", ".": ","})

WORDS = {
    ValueState.HIDDEN: "dolt",
    ValueState.MISSING: "saknas",
    ValueState.NOT_APPLICABLE: "ej aktuellt",
}


@register.filter
def measure(number, kind):
    """A number in an indicator's unit: 7.86 → "7,9 %", or a dash when there is none.

    Rounded here, as in the exports. By Python's own format: a unit's report has thousands of
    numbers, and Django's takes ten times as long for the same text.
    """
    if number is None or number == "":  # nothing at all where a year has no spread
        return "–"
    decimals = DECIMALS[kind]
    text = f"{round(number, decimals):,.{decimals}f}".translate(SWEDISH)
    return f"{text}\u00a0%" if kind == Indicator.Kind.PROPORTION else text


@register.filter
def shown(value, kind):
    """A published value as readers see it: its number, or why there is none. A number that only
    this reader sees, by right, is marked: "6,4 %*"."""
    if not value:  # None, or nothing at all where a unit has no row for the year
        return WORDS[ValueState.MISSING]
    if not value.is_shown:
        return WORDS[value.state]
    text = measure(value.value, kind)
    return f"{text}*" if value.own else text


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


@register.filter
def cells(row, kind):
    """A year's figures with their headings, in the order of a series' table. One filter for all
    of them, since a unit's report has hundreds of such rows."""
    total, spread = row.total, row.spread
    return [
        ("Totalt", shown(total, kind)),
        ("95 % intervall", span(row.interval, kind)),
        ("Kvinnor", shown(row.by_sex.get(Sex.WOMEN), kind)),
        ("Män", shown(row.by_sex.get(Sex.MEN), kind)),
        ("Täljare", grouped(total and total.numerator)),
        ("Nämnare", grouped(total and total.denominator)),
        ("Median", measure(spread and spread.median, kind)),
    ]
