"""The only way out for measurements: small counts are hidden here, before anything else
sees them, so that page, sentence, chart, table, CSV and JSON agree.

Hidden is a count from 1 to just under the indicator's threshold, and whatever would give it away
by subtraction: the other sex at the same unit (the total, where the other sex has no
value), and a second unit where only one in the region would be hidden.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import F

from organisation.models import Unit
from portal.web.ordering import swedish_key

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
    of the one it is derived from. Two queries.
    """
    return published_by_indicator([indicator])[indicator.pk]


def published_by_indicator(indicators: Iterable[Indicator]) -> dict[int, list[PublishedValue]]:
    """The values of several indicators, by the indicator's primary key; two queries in all."""
    indicators = {indicator.pk: indicator for indicator in indicators}
    rows = list(
        _compared(indicators).values_list(
            "indicator", "unit", "year", "sex", "numerator", "denominator", "state"
        )
    )
    units = Unit.objects.in_bulk({row[1] for row in rows})
    place = {pk: (swedish_key(unit.name), pk) for pk, unit in units.items()}
    by_year = defaultdict(list)
    for pk, unit, *rest in sorted(rows, key=lambda row: (row[2], place[row[1]], row[3])):
        year, sex, numerator, denominator, state = rest
        kind = indicators[pk].kind
        value = published(units[unit], year, sex, numerator, denominator, state, kind)
        by_year[pk, year].append(value)
    values = {pk: [] for pk in indicators}
    for (pk, _), of_year in by_year.items():
        threshold = indicators[pk].threshold
        values[pk] += with_small_counts_hidden(of_year, threshold=threshold)
    return values


def published(unit, year, sex, numerator, denominator, state, kind) -> PublishedValue:
    """A stored row as a value with its state, nothing hidden yet."""
    if state == Measurement.State.NOT_APPLICABLE:
        return PublishedValue(unit, year, sex, ValueState.NOT_APPLICABLE)
    if state in {Measurement.State.HIDDEN, Measurement.State.ZERO_OR_HIDDEN}:
        return PublishedValue(unit, year, sex, ValueState.HIDDEN)
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
    """For each sex, the smallest further unit while the hidden ones are too few to hide in.

    With no further unit the region's count is theirs: then their totals go instead, unless
    the region's count is small and hidden itself.
    """
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
        elif sum(counts) >= threshold:
            totals = {(unit, Sex.TOTAL) for unit, _ in gone}
            companions |= {key for key in totals & table.keys() if table[key].is_shown}
    return companions


def pooled(indicator: Indicator) -> list[PublishedValue]:
    """The region's value a year and sex: the units' counts added together. One query.

    Counted on true values, so that the region is right though a unit is hidden; a region
    count under the threshold is hidden like any other, and with it the other sex.
    """
    return pooled_by_indicator([indicator])[indicator.pk]


def pooled_by_indicator(indicators: Iterable[Indicator]) -> dict[int, list[PublishedValue]]:
    """The region's values of several indicators, by primary key; one query in all."""
    indicators = {indicator.pk: indicator for indicator in indicators}
    sums = defaultdict(lambda: [0, 0])
    rows = _compared(indicators).filter(state=Measurement.State.VALUE)
    for pk, year, sex, numerator, denominator in rows.values_list(
        "indicator", "year", "sex", "numerator", "denominator"
    ):
        sums[pk, year, sex][0] += numerator
        sums[pk, year, sex][1] += denominator
    values = {pk: [] for pk in indicators}
    for (pk, year, sex), counts in sorted(sums.items()):
        kind = indicators[pk].kind
        value = published(None, year, sex, *counts, Measurement.State.VALUE, kind)
        values[pk].append(value)
    return {
        pk: region_with_small_counts_hidden(rows, threshold=indicators[pk].threshold)
        for pk, rows in values.items()
    }


def _compared(indicators):
    """Measurements of units that their indicator compares; a level above has none here."""
    return Measurement.objects.filter(
        indicator__in=indicators, unit__kind__indicators=F("indicator")
    )


def region_with_small_counts_hidden(
    values: Iterable[PublishedValue], *, threshold: int
) -> list[PublishedValue]:
    """The region's values, any years, with small counts hidden and the other sex with them."""
    table = {(value.year, value.sex): value for value in values}
    hidden = _small(table, threshold)
    return _with_hidden(table, hidden | _partners(table, hidden))
