"""A year's true values → what a release would hold: who sees what, and whether that is safe."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils import timezone

from organisation.models import Ownership, Unit
from portal.web.ordering import swedish_key

from ..models import Indicator, Measurement, Release, ReleasedValue, Sex, Visibility
from ..statistics import quartiles
from .network import REGION, Key
from .tables import Finding, Pair, Table, audit, hide, is_small
from .values import FACTORS, HIDDEN_BY_SOURCE, PublishedValue, Reader, published
from .values import hidden as hidden_value

State = Measurement.State
# With fewer units a median or quartile could point out a single one.
LEAST_UNITS_FOR_MEDIAN = 5
# Whoever is signed in sees no less than everybody, so the narrower audience is planned first.
AUDIENCES = (Visibility.SIGNED_IN, Visibility.PUBLIC)


@dataclass
class Revealed:
    """A count that could be worked out: of a unit (None is the region), and by whom."""

    unit: Unit | None
    sex: str
    finding: Finding
    audience: str

    @property
    def is_former(self) -> bool:
        """Whether it stands in a release that has been made already."""
        return self.finding.former


@dataclass
class Plan:
    """What a release of an indicator's year would hold.

    units     the comparison set, as it is frozen
    number    which release of the year it would be
    rows      unsaved ReleasedValue, the region's too
    hidden    {audience: the keys that it does not see, for whatever reason}
    small     the keys that are hidden because they are small
    findings  {audience: what it could work out all the same}; a plan with any is refused
    """

    indicator: Indicator
    year: int
    units: dict[int, Unit]
    number: int = 1
    rows: list[ReleasedValue] = field(default_factory=list)
    hidden: dict[str, set[Key]] = field(default_factory=dict)
    small: set[Key] = field(default_factory=set)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    spread: dict[str, dict] = field(default_factory=dict)

    @property
    def is_safe(self) -> bool:
        return not any(self.findings.values())

    @property
    def has_values(self) -> bool:
        return any(row.state == State.VALUE for row in self.rows)

    @property
    def revealed(self) -> list["Revealed"]:
        """What the audit found, each once: what the public can work out everybody can."""
        found = {}
        for audience in reversed(AUDIENCES):
            for finding in self.findings.get(audience, []):
                found.setdefault(finding, audience)
        return [
            Revealed(self.units.get(finding.key[0]), Sex(finding.key[1]).label, finding, audience)
            for finding, audience in found.items()
        ]

    @property
    def hidden_from_public(self) -> int:
        return len(self.hidden[Visibility.PUBLIC])

    @property
    def hidden_from_signed_in(self) -> int:
        return len(self.hidden[Visibility.SIGNED_IN])

    @property
    def counts(self) -> dict:
        return {
            "units": len(self.units),
            "values": len(self.rows),
            "small": len(self.small),
            "hidden": {audience: len(keys) for audience, keys in self.hidden.items()},
        }


def plan_release(indicator: Indicator, year: int) -> Plan:
    """What releasing a year of an indicator would show; seven queries and two a former release,
    and as many again for an indicator whose counts are the same as this one's."""
    kinds = indicator.comparison_kinds.all()
    measured = list(
        Measurement.objects.filter(indicator=indicator, year=year, unit__kind__in=kinds).order_by()
    )
    units = compared_units(kinds, year, {row.unit_id for row in measured})
    table, others = _sorted_out(indicator, measured)
    earlier = list(Release.objects.filter(indicator=indicator, year=year).order_by("number"))
    number = max((release.number for release in earlier), default=0) + 1
    plan = Plan(indicator, year, units, number, small=table.small(indicator.threshold))
    alike = Alike(indicator, year)
    hidden = set()
    for audience in AUDIENCES:
        shown = {unit: _sees(audience, indicator, units[unit]) for unit in units}
        withheld = {key for key in table.counts if not shown[key[0]]}
        if audience == Visibility.PUBLIC and indicator.visibility != Visibility.PUBLIC:
            withheld |= set(table.region)
        withheld |= alike.hidden(audience)
        version = Table(table.counts, table.whole, table.parents, table.apart)
        before = [_former_table(release, audience, table) for release in earlier]
        for each in (*before, version):
            each.told = alike.told(audience, each)
        hide(version, indicator.threshold, withheld=withheld | hidden, earlier=before)
        hidden = version.hidden
        plan.hidden[audience] = hidden
        # Only the last of the versions is new, but the new one may tell of what was hidden before.
        plan.findings[audience] = audit([*before, version], indicator.threshold)
    plan.rows = _rows(plan, table, others)
    plan.spread = {audience: _spread(plan, audience) for audience in AUDIENCES}
    return plan


class Alike:
    """Other indicators of which a count is the same as one of this indicator's: cases over 90
    days are counted in one and counted on in another. What one hides the other must not show.
    """

    def __init__(self, indicator: Indicator, year: int):
        self.indicator, self.year = indicator, year
        self.above = indicator.counts_on
        self.below = list(indicator.counted_on_by.all())
        # A year of the other that is not released yet is planned, so that the order of the two
        # makes no difference.
        self.plan = None
        if self.above and not Release.objects.filter(indicator=self.above, year=year).exists():
            self.plan = plan_release(self.above, year)

    def hidden(self, audience: str) -> set[Key]:
        """Units' counts that may not be shown as what this indicator counts on."""
        if self.above is None:
            return set()
        if self.plan:
            return {key for key in self.plan.hidden[audience] if key[0] != REGION}
        rows = _released([self.above], self.year).filter(
            release__is_current=True, unit__isnull=False, numerator__isnull=False
        )
        return set(rows.exclude(seen_by__in=_seen_by(audience)).values_list("unit", "sex"))

    def told(self, audience: str, table: Table) -> dict[str, set[Key]]:
        """Which of a table's counts other indicators have shown, in any release."""
        told = {"täljare": self._shown(self.below, "denominator", audience, table, 0)}
        if self.above and not table.whole:
            told["nämnare"] = self._shown([self.above], "numerator", audience, table, 1)
        return told

    def _shown(self, indicators, column, audience, table, part):
        if not indicators:
            return set()
        rows = _released(indicators, self.year).filter(seen_by__in=_seen_by(audience))
        shown = {
            (unit or REGION, sex, number)
            for unit, sex, number in rows.values_list("unit", "sex", column)
        }
        return {key for key, pair in table.everything.items() if (*key, pair[part]) in shown}


def _released(indicators, year):
    return ReleasedValue.objects.filter(
        release__indicator__in=indicators, release__year=year
    ).order_by()


def _seen_by(audience):
    return {Visibility.PUBLIC, audience}


def compared_units(kinds, year: int, with_values: set[int]) -> dict[int, Unit]:
    """The comparison set: units of the kinds that existed at the year's end, or have a value."""
    day = min(date(max(year, 1), 12, 31), timezone.localdate())
    existing = Unit.objects.filter(kind__in=kinds).filter(
        Q(pk__in=Unit.objects.public(day).values("pk")) | Q(pk__in=with_values)
    )
    return {unit.pk: unit for unit in existing.order_by("pk")}


def _sees(audience, indicator, unit):
    """Whether an audience may see a unit's values, however large they are."""
    strictest = [indicator.visibility]
    if unit.ownership == Ownership.PRIVATE:
        strictest.append(indicator.private_visibility)
    if Visibility.OWN_UNIT in strictest:
        return False
    return audience == Visibility.SIGNED_IN or Visibility.SIGNED_IN not in strictest


def _sorted_out(indicator, measured):
    """The counts as a table, and the rows that are no counts: states and reported values."""
    whole = indicator.kind == Indicator.Kind.PROPORTION
    counts, others, by_source = {}, [], set()
    for row in measured:
        key = row.unit_id, row.sex
        if row.state == State.VALUE and row.numerator is not None and row.denominator:
            counts[key] = Pair(row.numerator, row.denominator)
        elif row.state in HIDDEN_BY_SOURCE:
            by_source.add(key)
            others.append(row)
        else:
            others.append(row)
    # A numerator above its denominator is no share; what is left would be negative.
    whole = whole and all(pair.numerator <= pair.denominator for pair in counts.values())
    parents = _parents({unit for unit, _ in counts})
    return Table(counts, whole, parents, _derivable(counts, by_source)), others


def _derivable(counts, by_source):
    """Counts that the source hid, and that follow from the other two at their unit."""
    found = {}
    for unit, sex in by_source:
        total, women, men = (counts.get((unit, each)) for each in (Sex.TOTAL, Sex.WOMEN, Sex.MEN))
        if sex == Sex.TOTAL and women and men:
            found[unit, sex] = Pair(women[0] + men[0], women[1] + men[1])
        other = {Sex.WOMEN: men, Sex.MEN: women}.get(sex)
        if other and total and total[0] >= other[0] and total[1] >= other[1]:
            found[unit, sex] = Pair(total[0] - other[0], total[1] - other[1])
    return found


def _parents(measured: set[int]) -> dict[int, int]:
    """{unit: the nearest unit above it that has counts too}."""
    above = dict(Unit.objects.values_list("pk", "parent_id"))
    found = {}
    for unit in measured:
        seen, place = {unit}, above.get(unit)
        while place is not None and place not in measured and place not in seen:
            seen.add(place)
            place = above.get(place)
        if place in measured and place != unit:
            found[unit] = place
    return found


def _former_table(release, audience, table):
    """A former release as an audience knew it."""
    counts, apart, hidden = {}, {}, set()
    seen = _seen_by(audience)
    rows = ReleasedValue.objects.filter(release=release, numerator__isnull=False)
    for unit, sex, numerator, denominator, is_apart, seen_by in rows.values_list(
        "unit", "sex", "numerator", "denominator", "apart", "seen_by"
    ):
        key = (REGION if unit is None else unit), sex
        if unit is not None:
            (apart if is_apart else counts)[key] = Pair(numerator, denominator)
        if seen_by not in seen:
            hidden.add(key)
    places = {place for place, _ in counts}
    parents = {c: p for c, p in table.parents.items() if c in places and p in places}
    whole = table.whole and all(pair[0] <= pair[1] for pair in counts.values())
    return Table(counts, whole, parents, apart, hidden)


def _rows(plan, table, others):
    def seen_by(key):
        if key not in plan.hidden[Visibility.PUBLIC]:
            return Visibility.PUBLIC
        signed_in = plan.hidden[Visibility.SIGNED_IN]
        return Visibility.OWN_UNIT if key in signed_in else Visibility.SIGNED_IN

    rows = [
        ReleasedValue(
            unit_id=unit or None,
            sex=sex,
            state=State.VALUE,
            numerator=pair.numerator,
            denominator=pair.denominator,
            seen_by=seen_by((unit, sex)),
        )
        for (unit, sex), pair in {**table.counts, **table.region}.items()
    ]
    for row in others:
        pair = table.apart.get((row.unit_id, row.sex))
        rows.append(
            ReleasedValue(
                unit_id=row.unit_id,
                sex=row.sex,
                state=row.state,
                numerator=pair and pair.numerator,
                denominator=pair.denominator if pair else row.denominator,
                reported=row.reported,
                apart=pair is not None,
                seen_by=_reported_seen_by(plan, table, row),
            )
        )
    known = {(row.unit_id, row.sex) for row in rows}
    rows += [
        ReleasedValue(unit_id=pk, state=State.MISSING, seen_by=Visibility.PUBLIC)
        for pk in plan.units
        if (pk, Sex.TOTAL) not in known
    ]
    return rows


def _reported_seen_by(plan, table, row):
    """A reported value stands in no sum. With its denominator it gives its count by rounding,
    so a small one is hidden as any other."""
    if row.state != State.VALUE or row.reported is None:
        return Visibility.PUBLIC
    if row.denominator:
        share = float(row.reported) / FACTORS[plan.indicator.kind]
        pair = Pair(round(share * row.denominator), row.denominator)
        if is_small(pair, plan.indicator.threshold, table):
            return Visibility.OWN_UNIT
    unit = plan.units[row.unit_id]
    audiences = [each for each in AUDIENCES if _sees(each, plan.indicator, unit)]
    return audiences[-1] if audiences else Visibility.OWN_UNIT


def _spread(plan, audience):
    """Median and quartiles of the totals that an audience sees, if they are enough.

    Of what it sees only, so that it can work them out itself and learns nothing by them.
    """
    seen = _seen_by(audience)
    factor = FACTORS[plan.indicator.kind]
    values = []
    for row in plan.rows:
        if row.unit_id and row.sex == Sex.TOTAL and row.state == State.VALUE:
            if row.seen_by in seen and row.numerator is not None and row.denominator:
                values.append(row.numerator / row.denominator * factor)
            elif row.seen_by in seen and row.reported is not None:
                values.append(float(row.reported))
    spread = {"units": len(values)}
    if len(values) >= LEAST_UNITS_FOR_MEDIAN:
        spread["low"], spread["median"], spread["high"] = quartiles(values)
    return spread


def own_unreleased(
    indicators, unit: Unit, reader: Reader, releases: dict[int, dict[int, Release]]
) -> dict[int, list[PublishedValue]]:
    """A unit's own values of years that are not released, by indicator, for those who answer
    for it. Nothing and no query for anybody else; one query for her."""
    if not reader.is_involved(unit.pk):
        return {}
    kinds = {indicator.pk: indicator.kind for indicator in indicators}
    found = defaultdict(list)
    for row in Measurement.objects.filter(indicator__in=kinds, unit=unit).order_by("year", "sex"):
        if row.year not in releases[row.indicator_id]:
            counts = row.numerator, row.denominator
            kind = kinds[row.indicator_id]
            value = published(unit, row.year, row.sex, *counts, row.state, kind, row.reported, True)
            found[row.indicator_id].append(value)
    return found


def years_with_values(indicators) -> dict[int, set[int]]:
    """{indicator: the years that it has stored values of}; one query."""
    found = defaultdict(set)
    rows = Measurement.objects.filter(indicator__in=indicators).order_by()
    for indicator, year in rows.values_list("indicator", "year").distinct():
        found[indicator].add(year)
    return found


@dataclass
class PreviewRow:
    """A place as the public would see it, and what stands hidden there for the public."""

    unit: Unit | None
    by_sex: dict[str, PublishedValue]


def preview(plan: Plan) -> list[PreviewRow]:
    """What everybody would see of a plan: the region first, then the units by name."""
    places = defaultdict(dict)
    reader = Reader()
    for row in plan.rows:
        unit = plan.units[row.unit_id] if row.unit_id else None
        if row.state == State.VALUE and not reader.may_see(row.unit_id, row.seen_by):
            value = hidden_value(unit, plan.year, row.sex)
        else:
            counts = row.numerator, row.denominator
            kind = plan.indicator.kind
            value = published(unit, plan.year, row.sex, *counts, row.state, kind, row.reported)
        places[row.unit_id][row.sex] = value
    order = sorted(
        places, key=lambda pk: (pk is not None, swedish_key(plan.units[pk].name) if pk else "")
    )
    return [PreviewRow(plan.units[pk] if pk else None, places[pk]) for pk in order]
