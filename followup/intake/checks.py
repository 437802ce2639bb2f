"""What cannot be, and what hardly can: a value against itself and against the year before."""

from math import sqrt

from followup.models import Indicator, Sex
from portal.tables import Fault

from .cells import State

SEX_NAMES = dict(Sex.choices)
# A denominator that has doubled or halved is another selection more often than another year.
DOUBLED = 2.0
# Fewer than this and doubling happens by itself.
FEW = 20
# A change this many standard errors wide is not chance; with hundreds of units three often is.
WIDE = 5.0
# Shares without counts: percentage points, or per 1,000.
REPORTED_JUMP = 20


def outside_limits(indicator: Indicator, value) -> str:
    """Why a value cannot be, "" when it can."""
    numerator, denominator = value.numerator, value.denominator
    if value.state != State.VALUE or value.reported is not None:
        return ""
    if denominator is None:
        return "Nämnaren saknas. Fyll i den, eller lämna täljaren tom."
    if denominator == 0 and numerator > 0:
        return "Nämnaren är noll men täljaren är det inte. Rätta den ena."
    if indicator.kind == Indicator.Kind.PROPORTION and numerator > denominator:
        return "Täljaren är större än nämnaren, men indikatorn är en andel. Har de bytt plats?"
    return ""


def implausible(plan, before):
    """Things to look at before somebody approves; they stop nothing."""
    column = plan.readings[0].unit_column
    for each in plan.stored:
        previous = before.get((each.unit.pk, each.sex))
        if previous and (rule := _jump(plan, each.value, previous)):
            what = f"{each.unit.name}, {SEX_NAMES[each.sex]}"
            yield Fault(each.row, column, what, rule)


def unequal_sums(plan, values):
    """Units whose women and men do not make up their total."""
    column = plan.readings[0].unit_column
    for (unit, sex), value in values.items():
        if sex == Sex.TOTAL and (rule := _sum_differs(value, unit, values)):
            yield Fault(value.row, column, unit.name, rule)


def _jump(plan, now, then):
    if now.state != State.VALUE or then.state != State.VALUE:
        return ""
    last = plan.year - 1
    if now.reported is not None or then.reported is not None:
        if now.reported is None or then.reported is None:
            return ""
        if abs(now.reported - then.reported) < REPORTED_JUMP:
            return ""
        return f"från {_plain(then.reported)} år {last} till {_plain(now.reported)}."
    if not now.denominator or not then.denominator:
        return ""
    factor = now.denominator / then.denominator
    large = max(now.denominator, then.denominator) >= FEW
    if large and not 1 / DOUBLED < factor < DOUBLED:
        return f"nämnaren går från {then.denominator} år {last} till {now.denominator}."
    if _is_wide(now, then):
        return (
            f"från {then.numerator} av {then.denominator} år {last} till {now.numerator} av "
            f"{now.denominator}, mer än slumpen brukar ge."
        )
    return ""


def _is_wide(now, then):
    """Whether the two differ by more standard errors than chance gives, with the variance of
    counts (Poisson), which for a share is on the careful side."""
    pooled = (now.numerator + then.numerator) / (now.denominator + then.denominator)
    spread = sqrt(pooled * (1 / now.denominator + 1 / then.denominator))
    difference = now.numerator / now.denominator - then.numerator / then.denominator
    return spread > 0 and abs(difference) / spread > WIDE


def _sum_differs(value, unit, values):
    parts = [values.get((unit, sex)) for sex in (Sex.WOMEN, Sex.MEN)]
    if any(part is None or part.state != State.VALUE for part in (value, *parts)):
        return ""
    for name, word in (("numerator", "täljare"), ("denominator", "nämnare")):
        counts = [getattr(part, name) for part in parts]
        total = getattr(value, name)
        if None not in (*counts, total) and sum(counts) != total:
            women, men = counts
            return f"kvinnor ({women}) och män ({men}) blir inte totalt ({total}) i {word}n."
    return ""


def _plain(number):
    return f"{number.normalize():f}".replace(".", ",")
