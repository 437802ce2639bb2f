"""Invented values for the demo region, by a seeded generator: same seed, same values.

They look like reality: units of different sizes, real differences between units, chance
within them, a slow drift over the years, some small counts and one unit without values.
"""

from random import Random

from organisation.models import Unit

from .models import Indicator, Measurement, Sex

# Invented levels round which the units vary: (share of the denominator, spread, drift a year).
LEVELS = {
    "komp-andel": (0.075, 0.35, -0.004),
    "langa-90": (0.24, 0.18, -0.006),
    "koord-90": (0.42, 0.40, 0.03),
    "sjuk-1000": (0.031, 0.22, -0.0004),
    "kva-gc001": (0.35, 0.45, 0.02),
}
OTHER_LEVEL = (0.2, 0.3, 0.0)
SHARE_OF_WOMEN = 0.62
UNIT_WITHOUT_VALUES = "SE0000000018-E2002"


def binomial(random: Random, trials: int, share: float) -> int:
    return sum(random.random() < share for _ in range(trials))


def sick_cases(random: Random, unit: Unit) -> int:
    """Ongoing sick-leave cases at a unit: by its listed patients, else by its own size."""
    if unit.listed_patients:
        return round(unit.listed_patients * random.uniform(0.024, 0.038))
    return random.choice([22, 45, 70, 110, 160, 240])


def demo_measurements(*, seed: int, last_year: int, years: int) -> list[Measurement]:
    """Unsaved measurements for every unit in each indicator's comparison, women, men and
    total, for `years` years up to `last_year`."""
    rows = []
    indicators = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    for indicator in indicators.prefetch_related("comparison_kinds"):
        units = Unit.objects.public().filter(kind__in=indicator.comparison_kinds.all())
        for unit in units.exclude(hsa_id=UNIT_WITHOUT_VALUES).order_by("hsa_id"):
            rows += _unit_rows(seed, indicator, unit, range(last_year - years + 1, last_year + 1))
    return rows


def _unit_rows(seed, indicator, unit, years):
    cases = sick_cases(Random(f"{seed}:{unit.hsa_id}"), unit)
    random = Random(f"{seed}:{indicator.code}:{unit.hsa_id}")
    level, spread, drift = LEVELS.get(indicator.code, OTHER_LEVEL)
    own_level = level * max(0.2, random.gauss(1, spread))
    rows = []
    for step, year in enumerate(years):
        share = min(0.95, max(0.002, own_level + drift * step + random.gauss(0, level * 0.06)))
        size = unit.listed_patients if indicator.kind == "rate_per_1000" else cases
        size = round((size or cases) * random.uniform(0.95, 1.06))
        women = round(size * random.gauss(SHARE_OF_WOMEN, 0.02))
        counts = {
            Sex.WOMEN: (binomial(random, women, min(0.98, share * 1.06)), women),
            Sex.MEN: (binomial(random, size - women, share * 0.92), size - women),
        }
        counts[Sex.TOTAL] = tuple(map(sum, zip(*counts.values(), strict=True)))
        rows += [
            Measurement(
                indicator=indicator,
                unit=unit,
                year=year,
                sex=sex,
                numerator=numerator,
                denominator=denominator,
            )
            for sex, (numerator, denominator) in counts.items()
        ]
    return rows
