"""A course and its occasions as schema.org tells of them, for search engines."""

from collections.abc import Iterable
from urllib.parse import urljoin

from django.utils import timezone

from .models import Course, Format
from .presenters import CalendarRow

MODES = {
    Format.ONSITE: ["Onsite"],
    Format.DIGITAL: ["Online"],
    Format.HYBRID: ["Onsite", "Online"],
    Format.WEB: ["Online"],
}
ATTENDANCE = {
    Format.ONSITE: "OfflineEventAttendanceMode",
    Format.DIGITAL: "OnlineEventAttendanceMode",
    Format.HYBRID: "MixedEventAttendanceMode",
    Format.WEB: "OnlineEventAttendanceMode",
}


def course_data(course: Course, coming: Iterable[CalendarRow], url: str) -> dict:
    """A course with what is coming of it (https://schema.org/Course, CourseInstance).

    url  the course's own address, absolute
    """
    data = {
        "@context": "https://schema.org",
        "@type": "Course",
        "@id": url,
        "url": url,
        "name": course.title,
        "description": course.aim,
        "inLanguage": "sv",
        "educationalLevel": course.get_level_display(),
        "provider": {"@type": "Organization", "name": course.organiser.name},
        "hasCourseInstance": [_instance(row, url) for row in coming],
    }
    if course.organiser.url:
        data["provider"]["url"] = course.organiser.url
    if course.prerequisite:
        data["coursePrerequisites"] = course.prerequisite
    return data


def _instance(row, url):
    occasion = row.occasion
    cancelled = "EventCancelled" if occasion.cancelled_on else "EventScheduled"
    instance = {
        "@type": "CourseInstance",
        "@id": f"{url}#{occasion.uid}",
        "name": occasion.title,
        "startDate": timezone.localtime(row.starts).isoformat(),
        "endDate": timezone.localtime(row.ends).isoformat(),
        "courseMode": MODES[occasion.format],
        "eventStatus": f"https://schema.org/{cancelled}",
        "eventAttendanceMode": f"https://schema.org/{ATTENDANCE[occasion.format]}",
    }
    if occasion.format != Format.DIGITAL and (occasion.place or occasion.town):
        instance["location"] = {
            "@type": "Place",
            "name": occasion.place or occasion.town,
            "address": occasion.town,
        }
    elif occasion.format == Format.DIGITAL:
        instance["location"] = {
            "@type": "VirtualLocation",
            "url": occasion.link or urljoin(url, occasion.get_absolute_url()),
        }
    return instance
