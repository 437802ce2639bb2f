"""Files → a plan, with all faults at once. Writes nothing."""

from dataclasses import replace as changed_fault

from followup.models import Indicator, Sex
from organisation.models import Listing
from portal.tables import Fault, FileRefused
from portal.web.personal_numbers import has_personal_number

from .cells import State
from .checks import implausible, outside_limits, unequal_sums
from .files import read_file
from .ledger import Stored, stored_values
from .matching import Match, Matcher, known_units, name_key
from .periods import Period
from .plan import Doubtful, GivenFile, Plan, Proposal

MOST_DOUBTFUL = 200
HOW = ("id", "name", "remembered", "chosen")


def make_plan(
    indicator: Indicator, year: int, files: list[GivenFile], choices: dict[str, str] | None = None
) -> Plan:
    """One file with everything, or a numerator's and a denominator's; FileRefused when one of
    them cannot be read, with which one as `file` (0 or 1)."""
    plan = Plan(indicator, year)
    places = [f"{number} " for number in range(1, len(files) + 1)] if files[1:] else [""]
    for number, (file, place) in enumerate(zip(files, places, strict=True)):
        try:
            plan.readings.append(read_file(file.name, file.content, year=year, place=place))
        except FileRefused as refusal:
            refusal.file = number
            raise
    for place, reading in zip(places, plan.readings, strict=True):
        _check_period(plan, reading)
        plan.faults += [_in_file(fault, place) for fault in reading.faults]
        plan.remarks += [_in_file(fault, place) for fault in reading.remarks]
    plan.rows = sum(reading.row_count for reading in plan.readings)
    _Builder(plan, choices or {}).build()
    for name in ("faults", "remarks", "aside", "jumps"):
        setattr(plan, name, [_without_numbers(fault) for fault in getattr(plan, name)])
    # In the order of the rows, as whoever mends the file goes through it.
    plan.faults.sort(key=lambda fault: (fault.column.startswith("fil 2 "), fault.row or 0))
    return plan


def _in_file(fault, place):
    return changed_fault(fault, column=f"fil {place}{fault.column}".strip()) if place else fault


def _without_numbers(fault):
    """What looks like a personal identity number is not shown again."""
    return changed_fault(fault, value="") if has_personal_number(fault.value) else fault


def _check_period(plan, reading):
    period, year = reading.period, plan.year
    if reading.shape == "mall":
        return
    if period is None:
        rule = f"filen säger inte vilken period den gäller. Kontrollera att det är {year}."
        reading.remarks.append(Fault(None, "", "", rule))
    elif not period.is_within(year):
        # The whole year's rows of a longer export by month have been picked out already.
        rule = f"Rapportens period är inte {year}, som du har valt. Ta ut rapporten för "
        rule += f"{Period((year, 1), (year, 12))} eller välj ett annat år."
        reading.faults.append(Fault(2 if reading.title else None, "", str(period), rule))
    elif not period.is_whole(year):
        rule = f"rapporten gäller {period}, inte hela året. Indikatorns mätperiod: "
        rule += f"{plan.indicator.period}."
        reading.remarks.append(Fault(None, "", "", rule))
    chosen = [f"{title}: {', '.join(values[:3])}" for title, values in reading.filters
              if title.casefold() not in {"enheter", "valda enheter"}]  # fmt: skip
    for block in chosen:
        rule = f"rapporten är ett urval. {block}."
        reading.remarks.append(Fault(None, "", "", rule))


class _Builder:
    def __init__(self, plan, choices):
        self.plan, self.indicator = plan, plan.indicator
        self.units = known_units(plan.indicator, plan.year)
        self.matcher = Matcher(self.units, choices)
        self.matches: dict[str, Match] = {}
        self.told: set[str] = set()

    def build(self):
        plan = self.plan
        if not any(unit.compared for unit in self.units):
            rule = (
                "Indikatorn har inga enheter att jämföra. Välj enhetstyper för den i "
                "redigeringen av indikatorer."
            )
            plan.faults.append(Fault(None, "", "", rule))
            return
        reading = plan.readings[0]
        values = self._by_unit(reading)
        if plan.readings[1:]:
            self._check_two()
            values = self._joined(values, self._by_unit(plan.readings[1]))
        elif reading.only_counts and plan.rows:
            values = self._with_listed(values)
        self._compare(values)
        self._doubtful()
        if not plan.taken and not plan.doubtful and not plan.faults:
            rule = "Filen har inga värden för enheter i jämförelsen."
            plan.faults.append(Fault(None, "", "", rule))

    def _by_unit(self, reading):
        """{(unit, sex): value} of what is sure and compared; the rest is set aside and told."""
        found, rows = {}, {}
        # What is read is let go of here, since there may be a hundred thousand.
        values, reading.values = reading.values, []
        for value in values:
            match = self.matches.get(value.unit)
            if match is None:
                match = self.matches[value.unit] = self.matcher.match(value.unit)
                match.row = value.row
            if not self._is_taken(reading, value, match):
                continue
            first = rows.setdefault(match.unit.pk, value)
            if first.unit != value.unit:
                if (match.unit.pk, value.unit) not in self.told:
                    self.told.add((match.unit.pk, value.unit))
                    rule = f"Enheten står redan på rad {first.row}, som ”{first.unit}”. "
                    rule += "Ta bort den ena raden, eller välj en annan enhet för den."
                    self.plan.faults.append(Fault(value.row, reading.unit_column, value.unit, rule))
                continue
            found[match.unit, value.sex] = value
        return found

    def _is_taken(self, reading, value, match):
        if match.unit and match.unit.compared:
            if value.sex != Sex.TOTAL and not self.indicator.sex_split:
                if "sex" not in self.told:
                    self.told.add("sex")
                    rule = "indikatorn delas inte upp på kön: bara raderna för totalt läses in."
                    self.plan.remarks.append(Fault(None, "", "", rule))
                return False
            return True
        if value.unit not in self.told and match.how != "doubtful":
            self.told.add(value.unit)
            if match.unit:
                rule = "Enheten ingår inte i indikatorns jämförelse det året: raden läses inte in."
            else:
                rule = "Någon har valt att raden inte ska tas med."
            self.plan.aside.append(Fault(value.row, reading.unit_column, value.unit, rule))
        return False

    def _check_two(self):
        first, second = self.plan.readings
        for place, reading in enumerate((first, second), 1):
            if not reading.only_counts:
                rule = (
                    f"Fil {place} har redan både täljare och nämnare eller en andel. Ladda upp den "
                    "ensam."
                )
                self.plan.faults.append(Fault(None, "", "", rule))
        if first.period != second.period and first.period and second.period:
            rule = (
                f"Täljarens rapport gäller {first.period} och nämnarens {second.period}. Ta ut "
                "båda för samma period."
            )
            self.plan.faults.append(Fault(None, "", "", rule))

    def _joined(self, above, below):
        """A value of each of the numerator's, with the denominator's count; what only the
        denominator knows may have been hidden in the numerator's report."""
        joined, hides = {}, self.plan.readings[0].hides_small
        sexes = {sex for _, sex in above} & {sex for _, sex in below}
        if len({sex for _, sex in (*above, *below)}) > len(sexes):
            rule = "bara den ena rapporten är uppdelad på kön: bara totalt läses in."
            self.plan.remarks.append(Fault(None, "", "", rule))
        for key, value in above.items():
            other = below.get(key)
            if key[1] not in sexes:
                continue
            if other is None or other.state == State.MISSING:
                if value.state == State.VALUE:
                    rule = "Enheten finns i täljarens rapport men saknar antal i nämnarens."
                    self._fault(0, value, rule)
                continue
            value.denominator = other.numerator if other.state == State.VALUE else None
            value.cell = f"{value.cell}, {other.cell}"
            if value.state == State.VALUE and other.state != State.VALUE:
                value.state = other.state
            joined[key] = value
        for (unit, sex), value in below.items():
            if (unit, sex) in above or sex not in sexes or value.state != State.VALUE:
                continue
            value.denominator, value.numerator = value.numerator, None
            value.state = State.ZERO_OR_HIDDEN if hides else State.MISSING
            joined[unit, sex] = value
        return joined

    def _with_listed(self, values):
        """A rate's denominator can be the listed patients of the year, which stand here."""
        if self.indicator.kind != Indicator.Kind.RATE_PER_1000:
            rule = (
                "Filen har antal men ingen nämnare. Ladda upp nämnarens rapport också: "
                f"{self.indicator.denominator_label}."
            )
            self.plan.faults.append(Fault(None, "", "", rule))
            return {}
        listed = dict(
            Listing.objects.filter(year=self.plan.year).values_list("unit", "listed_patients")
        )
        found = {}
        for (unit, sex), value in values.items():
            if sex != Sex.TOTAL:
                continue
            value.denominator = listed.get(unit.pk)
            if value.state == State.VALUE and not value.denominator:
                self._fault(
                    0,
                    value,
                    f"Antal listade {self.plan.year} saknas för enheten. Läs in dem först.",
                )
                continue
            found[unit, sex] = value
        rule = "nämnaren är portalens egna antal listade, som bara finns för totalt."
        self.plan.remarks.append(Fault(None, "", "", rule))
        return found

    def _fault(self, place, value, rule, shown=None):
        reading = self.plan.readings[place]
        shown = value.unit if shown is None else shown
        self.plan.faults.append(Fault(value.row, reading.unit_column, shown, rule))

    def _compare(self, values):
        plan = self.plan
        current = stored_values(plan.indicator, plan.year)
        plan.jumps += unequal_sums(plan, values)
        taken = {unit.pk for unit, _ in values}
        for unit, sex in list(values):
            value = values.pop((unit, sex))
            if rule := outside_limits(plan.indicator, value):
                self._fault(0, value, rule, f"{value.numerator} av {value.denominator}")
                continue
            new = Stored(
                str(value.state),
                value.numerator if value.state == State.VALUE else None,
                value.denominator,
                value.reported,
                source_cell=value.cell[:120],
            )
            previous = current.get((unit.pk, sex))
            proposal = Proposal(unit, sex, value.row, new, previous)
            if previous is None:
                plan.new.append(proposal)
            elif previous.content != new.content:
                plan.changed.append(proposal)
            else:
                plan.unchanged += 1
        plan.missing = [unit for unit in self.units if unit.compared and unit.pk not in taken]
        self._count()
        before = stored_values(plan.indicator, plan.year - 1)
        plan.jumps[:0] = implausible(plan, before)

    def _count(self):
        for text, match in self.matches.items():
            if match.how in HOW and match.unit.compared:
                self.plan.how[match.how] += 1
            if match.how in {"chosen", "remembered"} or match.how == "left":
                self.plan.chosen.append((name_key(text), text, match.unit))

    def _doubtful(self):
        plan = self.plan
        doubtful = [(text, m) for text, m in self.matches.items() if m.how == "doubtful"]
        if len(doubtful) > MOST_DOUBTFUL:
            names = ", ".join(text[:40] for text, _ in doubtful[:10])
            rule = (
                f"{len(doubtful)} enheter i filen finns inte i portalen, till exempel {names}. "
                f"Högst {MOST_DOUBTFUL} kan väljas för hand: läs in enheterna först, eller "
                "kontrollera att det är rätt fil."
            )
            plan.faults.append(Fault(None, "", "", rule))
            return
        keys = set()
        for text, match in doubtful:
            reading = plan.readings[0]
            if has_personal_number(text) or len(text) > 200:
                rule = "Det ser inte ut som en enhet. Ta bort raden: inga patientuppgifter får stå."
                plan.faults.append(Fault(match.row, reading.unit_column, "", rule))
            elif (key := name_key(text)) not in keys:
                keys.add(key)
                candidates = match.candidates or self.matcher.alike(text)
                plan.doubtful.append(Doubtful(key, text, match.row, list(candidates)))
