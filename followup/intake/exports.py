"""An Intygsstatistik export, as it is: title rows, filter blocks, one or two header rows.

A nought at region level may be a hidden count, for a unit's own export it is a nought. Shares
that come without counts are kept as they are written: they are cut off, not rounded, and leave
caregivers with few completions out, so nothing can be made of them.
"""

import re

from portal.tables import Book, Fault, FileRefused, Sheet
from portal.tables.faults import column_letter
from portal.tables.values import text_of

from .cells import State, read_count, read_rate, read_share
from .headings import Header, find_header
from .periods import Period, month_of, period_in
from .reading import LEVELS, SEXES, Reading, ReadValue

_FILTER = re.compile(r"enheter|valda \w+", re.IGNORECASE)
UNIT_FILTERS = {"enheter", "valda enheter"}
_SUMS = re.compile(r"(samtliga|totalt|alla)\b.*", re.IGNORECASE)
_EVENTS = re.compile(r"intyg|meddelande|komplettering|ärende", re.IGNORECASE)
NO_HEADER = (
    "Filen är varken mallen eller en rapport som känns igen. Mallen har rubrikerna HSA-id, År, "
    "Kön, Täljare och Nämnare; en rapport ur Intygsstatistik har rubriker som ”Vårdenhet” "
    "och ”Antal sjukfall totalt”. Det här stod överst: {top}."
)


def read_export(book: Book, sheet: Sheet, name: str, *, year: int, prefix: str) -> Reading:
    """All values of a year; FileRefused when there is no header that is known."""
    header = find_header(sheet)
    if header is None:
        top = next((row for row in sheet.rows if any(text_of(cell) for cell in row)), [])
        told = ", ".join(text_of(cell)[:40] for cell in top[:8] if text_of(cell))
        raise FileRefused(NO_HEADER.format(top=told or "ingenting"))
    reading = Reading(header.shape, unit_column=header.first or "den första kolumnen")
    reading.ignored = header.others
    _read_title(reading, sheet, header, name)
    reading.filters = _filters(sheet.rows[2 : header.row - 1])
    if "urval" in book.sheet_names:
        reading.filters += _filters(book.sheet("urval").rows)
    reading.faults += _shape_faults(sheet, header)
    rows = [
        (number, cells)
        for number, cells in enumerate(sheet.rows[header.row :], header.row + 1)
        if any(text_of(cell) for cell in cells)
    ]
    if not rows:
        rule = "Rapporten har rubriker men inga rader under dem."
        reading.faults.append(Fault(None, "", "", rule))
        return reading
    _Rows(reading, header, prefix, year).read(rows)
    if header.shape == "E":
        # Shares of all cases with their counts in brackets, or shares that stand alone.
        reading.only_counts = all(value.reported is None for value in reading.values)
    return reading


def _read_title(reading, sheet, header, name):
    top = [text_of(row[0]) if row else "" for row in sheet.rows[: min(2, header.row - 1)]]
    level = LEVELS.get(top[0].casefold()) if top else None
    stem = name.casefold().replace(" ", "")
    named = (value for key, value in LEVELS.items() if stem.startswith(key.replace(" ", "")))
    reading.level = level or next(named, "")
    reading.title = top[1] if level and len(top) > 1 else ""
    reading.period = period_in(reading.title)


def _filters(rows):
    """[("Valda enheter", ["Norr", "Söder"])]: a title, one value a row, a blank row."""
    blocks, current = [], None
    for row in rows:
        text = text_of(row[0]) if row else ""
        if not text:
            current = None
        elif current is not None:
            current.append(text)
        elif _FILTER.fullmatch(text):
            current = []
            blocks.append((text, current))
    return blocks


def _shape_faults(sheet, header):
    for cells in sheet.merged:
        last = max(int(number) for number in re.findall(r"\d+", cells) or [0])
        if last >= header.row:
            rule = (
                f"cellerna {cells} är sammanfogade. Dela upp dem, så att varje cell har sitt "
                "eget värde."
            )
            yield Fault(int(re.search(r"\d+", cells)[0]), "", "", rule)
    for cell in sheet.valueless:
        row = int(re.search(r"\d+", cell)[0])
        if row >= header.row:
            rule = (
                f"cellen {cell} har en formel utan uträknat värde. Öppna filen i "
                "kalkylprogrammet, låt det räkna, och spara på nytt."
            )
            yield Fault(row, cell.rstrip("0123456789"), "", rule)


class _Rows:
    def __init__(self, reading, header: Header, prefix, year):
        self.reading, self.header, self.prefix, self.year = reading, header, prefix, year
        reading.only_counts = not (header.below or header.shares or header.rates)

    def fault(self, number, index, cell, rule):
        column = self.header.names.get(index, self.reading.unit_column)
        self.reading.faults.append(Fault(number, column, text_of(cell), rule))

    def read(self, rows):
        # Two cells that are wrong in one row are two faults; a row beyond the headings is one.
        width = max([0, *self.header.names])
        for number, cells in rows:
            beyond = next((i for i, c in enumerate(cells) if i > width and text_of(c)), None)
            if beyond is not None:
                rule = (
                    "cellen står utanför rapportens rubriker. Finns ett skiljetecken i enhetens "
                    "namn? Ta då ut rapporten som Excel."
                )
                fault = Fault(number, column_letter(beyond), text_of(cells[beyond]), rule)
                self.reading.faults.append(fault)
        self._add_parts(rows)
        if self.header.first.casefold() == "period" or month_of(rows[0][1][0]):
            self._read_months(rows)
        else:
            self._read_units(rows)

    def _add_parts(self, rows):
        """Women and men of a report by group are the groups' sums, where the groups' totals
        make up the row's: then nothing is counted twice or left out."""
        self.sums = {}
        if not self.header.parts:
            return
        for number, cells in rows:
            sums = dict.fromkeys(SEXES, 0)
            for columns in self.header.parts.values():
                for sex, index in columns.items():
                    try:
                        count, state = read_count(cells[index] if index < len(cells) else "")
                    except ValueError:
                        return self._parts_left_out()
                    if state != State.VALUE or sums[sex] is None:
                        return self._parts_left_out()
                    sums[sex] += count
            self.sums[number] = sums
        for number, cells in rows:
            total = cells[self.header.counts["total"]] if "total" in self.header.counts else ""
            if text_of(total) != str(self.sums[number]["total"]):
                return self._parts_left_out()
        return None

    def _parts_left_out(self):
        self.sums = {}
        rule = (
            "rapporten delar upp på grupper som inte kan läggas ihop till kvinnor och män. Bara "
            "kolumnen för totalt läses in."
        )
        self.reading.remarks.append(Fault(self.header.row, "", "", rule))

    def _read_units(self, rows):
        seen = {}
        for number, cells in rows:
            unit = text_of(cells[0]) if cells else ""
            if not unit:
                self.fault(number, 0, "", "Enhetens namn saknas. Skriv det eller ta bort raden.")
            elif _SUMS.fullmatch(unit):
                rule = "en sammanlagd rad, inte en enhet: den läses inte in."
                self.reading.remarks.append(Fault(number, self.reading.unit_column, unit, rule))
            elif unit.casefold() in seen:
                rule = f"Samma namn står redan på rad {seen[unit.casefold()]}. Skriv HSA-id efter."
                self.fault(number, 0, unit, rule)
            else:
                seen[unit.casefold()] = number
                self.reading.values += self._row(number, cells, unit)

    def _row(self, number, cells, unit):
        for sex in SEXES:
            found = self._value(number, cells, sex)
            if found is not None:
                index, state, numerator, below, reported = found
                cell = f"{self.prefix}{column_letter(index)}{number}"
                yield ReadValue(number, unit, sex, cell, state, numerator, below, reported)

    def _value(self, number, cells, sex):
        """(index, state, numerator, denominator, reported) of a sex, or None without any."""
        header = self.header
        index = next(
            (c[sex] for c in (header.counts, header.shares, header.rates) if sex in c), None
        )
        if index is None and sex != "total" and number in self.sums:
            state = self._nought(State.VALUE, self.sums[number][sex])
            return next(iter(header.parts.values()))[sex], state, self.sums[number][sex], None, None
        if index is None:
            return None
        cell = cells[index] if index < len(cells) else ""
        try:
            if sex in header.counts:
                numerator, state = read_count(cell)
                below, reported = None, None
                if sex in header.below:
                    index = header.below[sex]
                    cell = cells[index] if index < len(cells) else ""
                    below, _ = read_count(cell)
                    index = header.counts[sex]
                    if below is None and state == State.VALUE:
                        state, numerator = State.MISSING, None
            elif sex in header.shares:
                reported, numerator, state = read_share(cell)
                # The share of all cases, with how many they are: the count is what is meant.
                below, reported = None, (reported if numerator is None else None)
            else:
                reported, state = read_rate(cell)
                numerator = below = None
        except ValueError as fault:
            self.fault(number, index, cell, str(fault))
            return None
        return index, self._nought(state, numerator), numerator, below, reported

    def _nought(self, state, numerator):
        if state == State.VALUE and numerator == 0 and self.reading.hides_small:
            return State.ZERO_OR_HIDDEN
        return state

    def _read_months(self, rows):
        """A report by month tells of all chosen units together, so there must be one."""
        unit = self._only_unit()
        months = {}
        for number, cells in rows:
            month = month_of(cells[0] if cells else "")
            if month is None:
                self.fault(number, 0, cells[0] if cells else "", "Skriv månad och år: jan 2025.")
            elif month in months:
                self.fault(number, 0, cells[0], "Månaden står två gånger. Ta bort den ena raden.")
            else:
                months[month] = (number, cells)
        chosen = {month: row for month, row in sorted(months.items()) if month[0] == self.year}
        if months and self.reading.period is None:
            self.reading.period = Period(min(months), max(months))
        if not chosen or not self._can_be_added(chosen):
            return
        self.reading.period = Period(min(chosen), max(chosen))
        if unit is None:
            return
        by_month = [list(self._row(number, cells, unit[1])) for number, cells in chosen.values()]
        for sex in SEXES:
            values = [value for month in by_month for value in month if value.sex == sex]
            if values:
                self.reading.values.append(_sum(values, unit))

    def _only_unit(self):
        units = [
            value
            for title, values in self.reading.filters
            if title.casefold() in UNIT_FILTERS
            for value in values
        ]
        if len(units) == 1:
            return self.header.row, units[0]
        what = f"{len(units)} enheter tillsammans" if units else "en enhet som inte nämns"
        rule = (
            f"Rapporten är uppdelad på månader och gäller {what}. Ta ut den med en rad för varje "
            "enhet, eller för en enhet i taget."
        )
        self.reading.faults.append(Fault(self.header.row, self.reading.unit_column, "", rule))
        return None

    def _can_be_added(self, chosen):
        def refuse(rule):
            self.reading.faults.append(Fault(self.header.row, "Period", "", rule))
            return False

        if len(chosen) == 1:
            return True
        if max(chosen)[1] - min(chosen)[1] + 1 != len(chosen):
            return refuse("Det saknas månader inne i perioden. Ta ut rapporten på nytt.")
        if self.header.shares or self.header.rates:
            return refuse("Andelar per månad kan inte läggas ihop. Ta ut rapporten för hela året.")
        if not _EVENTS.search(self.header.measure):
            return refuse(
                "Ett sjukfall räknas i varje månad som det pågår, så månaderna kan inte läggas "
                "ihop. Ta ut rapporten som tvärsnitt, med en siffra för hela perioden."
            )
        return True


def _sum(values, unit):
    """Months of one unit and sex together; what is not known of one is not known of all."""
    first = values[0]
    states = {value.state for value in values}
    place = f"{first.cell}–{values[-1].cell.rpartition('!')[2]}" if values[1:] else first.cell
    if states == {State.VALUE}:
        count = sum(value.numerator for value in values)
        return ReadValue(first.row, unit[1], first.sex, place, State.VALUE, count)
    if len(states) == 1:
        return ReadValue(first.row, unit[1], first.sex, place, first.state, first.numerator)
    unknown = State.HIDDEN if states & {State.HIDDEN, State.ZERO_OR_HIDDEN} else State.MISSING
    return ReadValue(first.row, unit[1], first.sex, place, unknown)
