"""What can be found in education: published courses; the calendar is found as its page."""

from portal.search import sources
from portal.search.sources import Searchable

from .models import Course


def courses(ids=None):
    rows = Course.objects.public().select_related("organiser")
    rows = rows.prefetch_related("audiences", "areas")
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


sources.register("course", "Utbildning", courses)
