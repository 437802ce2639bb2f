"""What can be learned and when: courses, occasions, others' calendars, and who asks for them."""

from .courses import CompetenceArea, Course, CourseQuerySet, Format, Organiser
from .external import GONE_STAYS, ExternalCalendar, ImportedEvent
from .following import CHOSEN_KINDS, CourseNews, NewsDelivery, NewsKind, Rhythm, Subscription
from .occasions import CANCELLED_STAYS, Occasion, OccasionQuerySet, OccasionState, Session
from .participation import FIRST_YEAR, MOST, Participation
from .requests import LONGEST_TEXT, MOST_PARTICIPANTS, RequestStatus, TrainingRequest

__all__ = [
    "CANCELLED_STAYS",
    "CHOSEN_KINDS",
    "FIRST_YEAR",
    "GONE_STAYS",
    "LONGEST_TEXT",
    "MOST",
    "MOST_PARTICIPANTS",
    "CompetenceArea",
    "Course",
    "CourseNews",
    "CourseQuerySet",
    "ExternalCalendar",
    "Format",
    "ImportedEvent",
    "NewsDelivery",
    "NewsKind",
    "Occasion",
    "OccasionQuerySet",
    "OccasionState",
    "Organiser",
    "Participation",
    "RequestStatus",
    "Rhythm",
    "Session",
    "Subscription",
    "TrainingRequest",
]
