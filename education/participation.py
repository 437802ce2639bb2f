"""Totals of participants, and the only way out for them: small counts are hidden here."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Sum

from organisation.models import Profession, Unit
from portal.tables import Column, Fault, find_table, open_book
from portal.tables.values import whole_number_of
from portal.web.sensible_days import latest_day

from .models import FIRST_YEAR, MOST, Course, Participation

# A count of 1-4 could tell who somebody is. None stands for it.
LOWEST_SHOWN = 5
YEARS_SHOWN = 3
COLUMNS = [
    Column("year", ("År", "year"), required=True),
    Column("course", ("Utbildning", "Kurs", "course"), required=True),
    Column("profession", ("Yrkesgrupp", "Yrke", "profession"), required=True),
    Column("unit", ("HSA-id", "Enhet", "unit")),
    Column("count", ("Antal", "Antal deltagare", "count"), required=True),
]


def shown(count: int) -> int | None:
    """The count as anybody may see it."""
    return count if count == 0 or count >= LOWEST_SHOWN else None


@dataclass(frozen=True)
class CourseYears:
    """counts  of each year in turn, None where the count is small or nothing is known"""

    course: Course
    counts: list[tuple[int, int | None, bool]]


def course_totals() -> tuple[list[int], list[CourseYears]]:
    """The last years that something is known of, and each public course's totals in them.

    Sums over professions and units alone: no part of a sum is shown, so that a hidden one
    cannot be reckoned from it.
    """
    rows = Participation.objects.filter(course__is_published=True)
    years = sorted(rows.order_by().values_list("year", flat=True).distinct())[-YEARS_SHOWN:]
    sums = rows.filter(year__in=years).order_by().values_list("course", "year")
    by_course = defaultdict(dict)
    for course, year, count in sums.annotate(Sum("count")):
        by_course[course][year] = count
    courses = Course.objects.public().filter(pk__in=by_course)
    return years, [
        CourseYears(
            course,
            [
                (year, shown(by_course[course.pk].get(year, 0)), year in by_course[course.pk])
                for year in years
            ],
        )
        for course in courses
    ]


def unit_totals(unit: Unit) -> list[tuple[int, int | None]]:
    """[(year, participants from a unit)] of the last years that something is known of it, all
    public courses and professions; None where the count is hidden.

    Sums for all units stand beside courses, so what is hidden of others could be reckoned from
    what is shown here: units are hidden from below until at least LOWEST_SHOWN are.
    """
    rows = Participation.objects.filter(course__is_published=True).order_by()
    own = rows.filter(unit=unit).values_list("year", flat=True).distinct()
    years = sorted(own)[-YEARS_SHOWN:]
    by_year = defaultdict(dict)
    if years:
        sums = rows.filter(year__in=years).values_list("year", "unit").annotate(Sum("count"))
        for year, each, count in sums:
            by_year[year][each] = count
    return [(year, _safe(by_year[year]).get(unit.pk)) for year in years]


def _safe(totals):
    """The totals that may be shown, of {unit or None for those without: participants}."""
    left = dict(sorted(totals.items(), key=lambda row: (row[1], str(row[0]))))
    hidden = 0
    for each, count in [*left.items()]:
        if count >= LOWEST_SHOWN and (hidden == 0 or hidden >= LOWEST_SHOWN):
            break
        if count:
            hidden += count
            del left[each]
    return left


@dataclass
class Plan:
    """rows: {(year, course, profession, unit): count}, stored when there is no fault."""

    rows: dict[tuple, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def plan_file(content: bytes) -> Plan:
    """What a table says, all faults at once. Raises FileRefused when it is no such table."""
    table = find_table(open_book(content).sheet(), COLUMNS)
    plan = Plan(faults=[*table.faults])
    known = {
        "course": _called(Course.objects.all(), "title", "slug"),
        "profession": _called(Profession.objects.all(), "name", "code"),
        "unit": {row.hsa_id.casefold(): row for row in Unit.objects.all()},
    }
    for row in table.rows:
        found = [_number(table, row, "year", plan, FIRST_YEAR, latest_day().year)]
        for key, rule in (
            ("course", "Ingen utbildning har den titeln eller det adressnamnet."),
            ("profession", "Ingen yrkesgrupp har det namnet eller den koden."),
            ("unit", "Ingen enhet i portalen har detta HSA-id."),
        ):
            text = row.text(key).strip().casefold()
            value = known[key].get(text)
            found.append(value)
            if value is None and (text or key != "unit"):
                plan.faults.append(table.fault(row, key, rule))
        count = _number(table, row, "count", plan, 0, MOST)
        if None not in found[:3] and tuple(found) in plan.rows:
            rule = "Samma år, utbildning, yrkesgrupp och enhet står på en rad ovanför."
            plan.faults.append(table.fault(row, "course", rule))
        plan.rows[tuple(found)] = count
    if not table.rows:
        plan.faults.append(Fault(None, "", "", "Filen har rubriker men inga rader under dem."))
    return plan


def _called(rows, name, code):
    """{name or code: row}; a name that two share is neither's."""
    rows = list(rows)
    names = [getattr(row, name).casefold() for row in rows]
    named = {each: row for each, row in zip(names, rows, strict=True) if names.count(each) == 1}
    return named | {getattr(row, code): row for row in rows}


def _number(table, row, key, plan, lowest, highest):
    try:
        number = whole_number_of(row.values.get(key, ""), largest=highest)
        if number < lowest:
            raise ValueError(f"Ska vara minst {lowest}.")
    except ValueError as fault:
        plan.faults.append(table.fault(row, key, str(fault)))
        return None
    return number


@transaction.atomic
def store(plan: Plan, *, source: str) -> int:
    """Stores a plan without faults; a count that is known is replaced. How many rows."""
    for (year, course, profession, unit), count in plan.rows.items():
        key = {"year": year, "course": course, "profession": profession, "unit": unit}
        Participation.objects.update_or_create(**key, defaults={"count": count, "source": source})
    return len(plan.rows)
