"""The only way out for measurements: small counts are hidden here, before anything else
sees them, so that page, sentence, chart, table, CSV and JSON agree.

Hidden is a count from 1 up to the indicator's threshold, and whatever would give it away
by subtraction: the other sex at the same unit (the total, where the other sex has no
value), and a second unit where only one in the region would be hidden.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from organisation.models import Unit

from .models import Indicator, Measurement, Sex


class ValueState(StrEnum):
    VALUE = "value"
    ZERO = "zero"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class PublishedValue:
    """What may be shown for a unit, year and sex.

    `value` is in the indicator's own unit: per cent, per 1,000, or a plain ratio. It and
    `numerator` are None unless the state is VALUE or ZERO.
    """

    unit: Unit | None
    year: int
    sex: str
    state: ValueState
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None

    @property
    def is_shown(self) -> bool:
        return self.state in {ValueState.VALUE, ValueState.ZERO}


FACTORS = {
    Indicator.Kind.PROPORTION: 100,
    Indicator.Kind.RATE_PER_1000: 1000,
    Indicator.Kind.RATIO: 1,
}


def published_values(indicator: Indicator) -> list[PublishedValue]:
    """Every value of an indicator as it may be shown, by year, unit name and sex.

    A derived indicator (distance to the median) has none of its own: ask for the values
    of the one it is derived from. One query.
    """
    rows = Measurement.objects.filter(indicator=indicator).select_related("unit__kind")
    values = [
        published(
            row.unit, row.year, row.sex, row.numerator, row.denominator, row.state, indicator.kind
        )
        for row in rows.order_by("year", "unit__name", "sex")
    ]
    by_year = defaultdict(list)
    for value in values:
        by_year[value.year].append(value)
    return [
        value
        for year in sorted(by_year)
        for value in with_small_counts_hidden(by_year[year], threshold=indicator.threshold)
    ]


def published(unit, year, sex, numerator, denominator, state, kind) -> PublishedValue:
    """A stored row as a value with its state, nothing hidden yet."""
    if state == Measurement.State.NOT_APPLICABLE:
        return PublishedValue(unit, year, sex, ValueState.NOT_APPLICABLE)
    if state == Measurement.State.MISSING or not denominator:
        return PublishedValue(unit, year, sex, ValueState.MISSING)
    shown = ValueState.VALUE if numerator else ValueState.ZERO
    value = numerator / denominator * FACTORS[kind]
    return PublishedValue(unit, year, sex, shown, numerator, denominator, value)


def with_small_counts_hidden(
    values: Iterable[PublishedValue], *, threshold: int
) -> list[PublishedValue]:
    """One year's values with small counts hidden, and those that would reveal them.

    Repeats until nothing more has to go: hiding a second unit's women hides its men too.
    """
    table = {(value.unit.pk, value.sex): value for value in values}
    hidden = _small(table, threshold)
    while True:
        more = _partners(table, hidden) | _companions(table, hidden, threshold)
        if more <= hidden:
            break
        hidden |= more
    return _with_hidden(table, hidden)


def _small(table, threshold):
    return {
        key for key, value in table.items() if value.is_shown and 0 < value.numerator < threshold
    }


def _with_hidden(table, hidden):
    return [
        replace(value, state=ValueState.HIDDEN, numerator=None, value=None)
        if key in hidden
        else value
        for key, value in table.items()
    ]


def _partners(table, hidden):
    """The other sex where one is hidden, and both where the total is. Where the other sex
    has no value, the total is the hidden count and goes too."""
    shown = {key for key, value in table.items() if value.is_shown}
    partners = set()
    for unit, _ in hidden:
        sexes = {(unit, Sex.WOMEN), (unit, Sex.MEN)} & shown
        partners |= sexes
        if len(sexes) == 1:
            partners.add((unit, Sex.TOTAL))
    return partners & shown


def _companions(table, hidden, threshold):
    """For each sex, the smallest further unit while the hidden ones are too few to hide in."""
    companions = set()
    for sex in Sex.values:
        gone = [key for key in hidden if key[1] == sex]
        counts = [table[key].numerator for key in gone if table[key].numerator is not None]
        if not gone or (len(gone) > 1 and sum(counts) >= threshold):
            continue
        left = [
            key
            for key, value in table.items()
            if key[1] == sex and key not in hidden and value.state == ValueState.VALUE
        ]
        if left:
            companions.add(min(left, key=lambda key: (table[key].numerator, key)))
    return companions


def pooled(indicator: Indicator) -> list[PublishedValue]:
    """The region's value a year and sex: the units' counts added together. One query.

    Counted on true values, so that the region is right though a unit is hidden; a region
    count under the threshold is hidden like any other, and with it the other sex.
    """
    sums = defaultdict(lambda: [0, 0])
    rows = Measurement.objects.filter(indicator=indicator, state=Measurement.State.VALUE)
    for year, sex, numerator, denominator in rows.values_list(
        "year", "sex", "numerator", "denominator"
    ):
        sums[year, sex][0] += numerator
        sums[year, sex][1] += denominator
    table = {
        (year, sex): published(None, year, sex, *counts, Measurement.State.VALUE, indicator.kind)
        for (year, sex), counts in sorted(sums.items())
    }
    hidden = _small(table, indicator.threshold)
    return _with_hidden(table, hidden | _partners(table, hidden))
