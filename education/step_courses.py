"""Courses that belong to a guidance text or to its steps, with what can be booked of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, DateTimeField, Exists, F, JSONField, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.db.models.query import QuerySet

from guidance.models import PageVersion
from portal.web.panels import Panel

from .models import Course, Format
from .nearby import with_next_open

COURSE, STEP = "course", "step"
TEXT = CharField()


class Row(NamedTuple):
    """A course or a step: both are read in one question, since a guidance page may cost six.

    key    a course's slug, a step's uuid as the database writes it
    more   a course's form, a step's anchor
    """

    kind: str
    key: str
    title: str
    more: str
    position: int
    of_page: bool
    steps: list[str] | None
    next_uid: str | None
    next_starts: datetime | None


@dataclass
class CourseOfText:
    course: Course
    next_uid: str | None
    next_starts: datetime | None
    steps: list[tuple[str, str]] = field(default_factory=list)


def courses_of(version: PageVersion) -> list[CourseOfText]:
    """Courses of the page, and of steps in the text: (anchor, title) in the text's order."""
    by_kind = defaultdict(list)
    for row in map(Row._make, _question(version)):
        by_kind[row.kind].append(row)
    anchors = {}
    for step in sorted(by_kind[STEP], key=lambda row: row.position):
        anchors[str(UUID(step.key))] = (step.more, step.title)
    found = []
    for row in sorted(by_kind[COURSE], key=lambda row: (row.position, row.key)):
        steps = [place for identity, place in anchors.items() if identity in row.steps]
        if row.of_page or steps:
            course = Course(slug=row.key, title=row.title, format=Format(row.more))
            found.append(CourseOfText(course, row.next_uid, row.next_starts, steps))
    return found


def _question(version) -> QuerySet:
    pages = Course.pages.through.objects.filter(course=OuterRef("pk"), page=version.page_id)
    courses = Course.objects.public().annotate(of_page=Exists(pages))
    courses = with_next_open(courses.filter(Q(of_page=True) | ~Q(process_steps=[])))
    shown = courses.order_by().values_list(
        Value(COURSE, TEXT), "slug", "title", "format", "position", "of_page", "process_steps",
        "next_uid", "next_starts",
    )  # fmt: skip
    steps = version.steps.order_by().values_list(
        Value(STEP, TEXT), Cast("uuid", TEXT), "title", "anchor", "position", Value(False),
        Value(None, JSONField()), Value(None, TEXT), Value(None, DateTimeField()),
    )  # fmt: skip
    return shown.union(steps, all=True)


def courses_of_steps(identities: set[str]) -> Panel:
    """{step's uuid: its courses, each with the next occasion that can be booked}, those first."""
    courses = Course.objects.public().exclude(process_steps=[])
    by_step = defaultdict(list)
    for course in with_next_open(courses).order_by(F("next_starts").asc(nulls_last=True), "pk"):
        for identity in identities & {*course.process_steps}:
            by_step[identity].append(course)
    return Panel("education/_step_courses.html", by_step)
