"""What can be found in education: published courses, and the calendar of them all."""

from django.urls import reverse

from portal.search import sources
from portal.search.sources import Searchable

from .models import Course

# The calendar is a list without a row of its own.
CALENDAR = 0


def courses(ids=None):
    rows = Course.objects.public().select_related("organiser")
    rows = rows.prefetch_related("audiences", "areas")
    if ids is None or CALENDAR in ids:
        yield calendar()
    for row in rows if ids is None else rows.filter(pk__in=ids):
        yield Searchable(
            row.pk,
            row.title,
            row.get_absolute_url(),
            " ".join(
                filter(
                    None,
                    [
                        row.aim,
                        row.content,
                        row.learning_goals,
                        row.prerequisite,
                        *(area.name for area in row.areas.all()),
                    ],
                )
            ),
            keywords=" ".join(
                [
                    "kurs",
                    row.audience_note,
                    row.get_level_display(),
                    row.get_format_display(),
                    row.organiser.name,
                    *(profession.name for profession in row.audiences.all()),
                ]
            ),
        )


def calendar():
    return Searchable(
        CALENDAR,
        "Utbildningskalender",
        reverse("education:calendar"),
        "Kommande kurstillfällen med datum, ort och anmälan.",
        keywords="kurskalender kalender",
    )


sources.register("course", "Utbildning", courses)
