"""A value as somebody may see it, and who that somebody is."""

from dataclasses import dataclass
from enum import StrEnum

from organisation.models import Unit

from ..models import Indicator, Measurement, Visibility


class ValueState(StrEnum):
    VALUE = "value"
    ZERO = "zero"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class PublishedValue:
    """What may be shown for a unit, year and sex.

    value     in the indicator's own unit: per cent, per 1,000, or a plain ratio. It and the
              counts are None unless the state is VALUE or ZERO
    reported  the value stands as the source wrote it, without counts, and is never recomputed
    own       hidden for others: this reader sees it by her right to the unit
    """

    unit: Unit | None
    year: int
    sex: str
    state: ValueState
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None
    reported: bool = False
    own: bool = False

    @property
    def is_shown(self) -> bool:
        return self.state in {ValueState.VALUE, ValueState.ZERO}


FACTORS = {
    Indicator.Kind.PROPORTION: 100,
    Indicator.Kind.RATE_PER_1000: 1000,
    Indicator.Kind.RATIO: 1,
}
HIDDEN_BY_SOURCE = {Measurement.State.HIDDEN, Measurement.State.ZERO_OR_HIDDEN}


def published(unit, year, sex, numerator, denominator, state, kind, reported=None, own=False):
    """A stored row as a value with its state, nothing hidden yet."""
    if state == Measurement.State.NOT_APPLICABLE:
        return PublishedValue(unit, year, sex, ValueState.NOT_APPLICABLE)
    if state in HIDDEN_BY_SOURCE:
        return PublishedValue(unit, year, sex, ValueState.HIDDEN)
    if state == Measurement.State.VALUE and numerator is None and reported is not None:
        # A 0 is what the source cut off to, perhaps, and no true zero.
        value = float(reported)
        return PublishedValue(
            unit, year, sex, ValueState.VALUE, None, denominator, value, reported=True, own=own
        )
    if state == Measurement.State.MISSING or numerator is None or not denominator:
        return PublishedValue(unit, year, sex, ValueState.MISSING)
    shown = ValueState.VALUE if numerator else ValueState.ZERO
    value = numerator / denominator * FACTORS[kind]
    return PublishedValue(unit, year, sex, shown, numerator, denominator, value, own=own)


def hidden(unit, year, sex) -> PublishedValue:
    """A value with nothing left that tells it, its denominator neither."""
    return PublishedValue(unit, year, sex, ValueState.HIDDEN)


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at figures.

    units  whose hidden and unreleased values she may see by right: "all", or their keys
    """

    signed_in: bool = False
    units: frozenset[int] | str = frozenset()

    def may_see(self, unit: int | None, seen_by: str) -> bool:
        if seen_by == Visibility.PUBLIC or (self.signed_in and seen_by == Visibility.SIGNED_IN):
            return True
        return self.is_involved(unit)

    def is_involved(self, unit: int | None) -> bool:
        return self.units == "all" or unit in self.units

    @property
    def audience(self) -> str:
        return Visibility.SIGNED_IN if self.signed_in else Visibility.PUBLIC


ANYBODY = Reader()
RELEASE = "followup.publish_release"


def reader_of(user) -> Reader:
    """What somebody's rights let her see; no query for a reader who has not signed in."""
    if not user.is_authenticated or not user.is_active:
        return ANYBODY
    if user.has_perm(RELEASE):
        return Reader(True, "all")
    from organisation.scope import editable_ids

    ids = editable_ids(user)
    if ids is None:
        return Reader(True, "all")
    return Reader(True, frozenset(Unit.objects.filter(pk__in=ids).values_list("pk", flat=True)))
