"""What the catalogue comes to: who arranges what for whom, and which areas lack courses."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from organisation.models import Profession

from .models import CompetenceArea, Course, Format, Occasion, Organiser
from .presenters import CalendarRow, calendar_row

YEAR = timedelta(days=365)


@dataclass
class Offer:
    """A course with how often it has been held and when it comes next."""

    course: Course
    held: int
    coming: CalendarRow | None

    @property
    def whenever(self) -> bool:
        return self.course.format == Format.WEB


def offers_by_organiser() -> list[tuple[Organiser, list[Offer]]]:
    """Who arranges what, by name; four questions whatever the catalogue holds."""
    now = timezone.now()
    courses = Course.objects.public().select_related("organiser").prefetch_related("audiences")
    occasions = Occasion.objects.public()
    past = occasions.past(now).filter(cancelled_on=None, starts__gte=now - YEAR)
    held = defaultdict(int)
    for course in past.values_list("course_id", flat=True):
        held[course] += 1
    nearest = occasions.held(now).nearest_by_course()
    rows = [
        Offer(course, held[course.pk], calendar_row(row, now) if row else None)
        for course in courses.order_by("organiser__name", "organiser", "position", "slug")
        for row in [nearest.get(course.pk)]
    ]
    by_organiser = groupby(rows, lambda row: row.course.organiser)
    return [(organiser, list(group)) for organiser, group in by_organiser]


@dataclass
class Cell:
    area: CompetenceArea
    is_needed: bool
    courses: list[Course] = field(default_factory=list)

    @property
    def is_gap(self) -> bool:
        return self.is_needed and not self.courses


@dataclass
class Matrix:
    """Professions down, competence areas across, with the courses for both in each cell.

    untold  courses that say no audience, and so are in no cell
    """

    areas: list[CompetenceArea]
    rows: list[tuple[Profession, list[Cell]]]
    untold: list[Course]

    @property
    def gaps(self) -> list[tuple[CompetenceArea, list[Profession]]]:
        """Each area that somebody needs and has no course in, with who they are."""
        found = [
            (area, [row for row, cells in self.rows if cells[number].is_gap])
            for number, area in enumerate(self.areas)
        ]
        return [(area, lacking) for area, lacking in found if lacking]

    @property
    def needs_are_told(self) -> bool:
        return any(cell.is_needed for _, cells in self.rows for cell in cells)


def matrix_of(
    areas: Iterable[CompetenceArea], courses: Iterable[Course], professions: Iterable[Profession]
) -> Matrix:
    """Pure: reads only what its rows have been fetched with."""
    areas = list(areas)
    needed = {(each.pk, area.pk) for area in areas for each in area.needed_by.all()}
    offered, untold = defaultdict(list), []
    for course in courses:
        audiences = list(course.audiences.all())
        if not audiences:
            untold.append(course)
        for area in course.areas.all():
            for each in audiences:
                offered[each.code, area.pk].append(course)
    rows = []
    for each in professions:
        cells = []
        for area in areas:
            # One for all and for this profession by name stands once.
            here = offered[each.code, area.pk] + offered[Profession.EVERYONE, area.pk]
            found = {course.pk: course for course in here}
            cells.append(Cell(area, (each.pk, area.pk) in needed, list(found.values())))
        rows.append((each, cells))
    return Matrix(areas, rows, untold)


def areas_and_courses() -> Matrix:
    """The matrix of today: six questions whatever it holds."""
    return matrix_of(
        CompetenceArea.objects.prefetch_related("needed_by"),
        Course.objects.public().prefetch_related("audiences", "areas"),
        Profession.objects.exclude(code=Profession.EVERYONE),
    )
