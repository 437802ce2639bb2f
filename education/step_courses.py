"""Courses that belong to a guidance text or to its steps, with what can be booked of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from guidance.models import PageVersion, ProcessStep
from portal.caching.parts import kept
from portal.web.panels import Panel

from .models import Course
from .nearby import with_next_open


@dataclass
class CourseOfText:
    course: Course
    steps: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class CoursesOfTexts:
    """What all guidance pages ask of the courses, in two questions for the whole site: most
    pages have no course, and learn it without one of their own.

    courses    in the order of lists, each with the next occasion that can be booked
    pages      {page's pk: the keys of its courses}
    steps      {version's pk: [(uuid as text, anchor, title)]} of steps that some course names,
               in the text's order
    """

    courses: list[Course]
    pages: dict[int, set[int]]
    steps: dict[int, list[tuple[str, str, str]]]


def courses_of(version: PageVersion) -> list[CourseOfText]:
    """Courses of the page, and of steps in the text: (anchor, title) in the text's order."""
    known = kept("courses of texts", None, courses_of_texts)
    of_page, steps = known.pages.get(version.page_id, ()), known.steps.get(version.pk, ())
    if not of_page and not steps:
        return []
    found = []
    for course in known.courses:
        places = [place for identity, *place in steps if identity in course.process_steps]
        if course.pk in of_page or places:
            places = [tuple(place) for place in places]
            found.append(CourseOfText(course, places))
    return found


def courses_of_texts() -> CoursesOfTexts:
    courses, pages, steps = {}, defaultdict(set), defaultdict(list)
    # A row for each page that a course belongs to.
    for row in with_next_open(Course.objects.public()).annotate(page=F("pages")):
        course = courses.setdefault(row.pk, row)
        pages[row.page].add(course.pk)
    named = {identity for course in courses.values() for identity in course.process_steps}
    rows = ProcessStep.objects.filter(
        uuid__in=[each for each in named if _is_identity(each)]
    ).order_by("version", "position")
    for step in rows.only("version", "uuid", "anchor", "title"):
        steps[step.version_id].append((str(step.uuid), step.anchor, step.title))
    return CoursesOfTexts(list(courses.values()), pages, steps)


def _is_identity(text) -> bool:
    """What a pack or a hand has written there may be anything."""
    try:
        return bool(UUID(text))
    except (ValueError, AttributeError, TypeError):
        return False


def courses_of_steps(identities: set[str]) -> Panel:
    """{step's uuid: its courses, each with the next occasion that can be booked}, those first."""
    courses = Course.objects.public().exclude(process_steps=[])
    by_step = defaultdict(list)
    for course in with_next_open(courses).order_by(F("next_starts").asc(nulls_last=True), "pk"):
        for identity in identities & {*course.process_steps}:
            by_step[identity].append(course)
    return Panel("education/_step_courses.html", by_step)
