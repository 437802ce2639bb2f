"""Courses and their occasions as JSON, for systems that list what can be learned. Public data."""

from datetime import date, datetime

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from portal.web.api import Coded, ListPage, Problem, coded, page_of, problem

from .forms import CoursePageForm
from .models import Course, Occasion

courses = Router(tags=["Kurser"])


class Meeting(Schema):
    """Ett pass."""

    starts: datetime
    ends: datetime
    title: str


class OccasionBrief(Schema):
    uid: str = Field(description="Tillfällets identitet, samma i kalenderns flöden.")
    title: str
    state: str = Field(
        description="planned: planerad. opens: anmälan öppnar. open: öppen. few: få platser. "
        "full: fullbokad. closed: anmälan stängd. cancelled: inställd. done: genomförd."
    )
    state_text: str = Field(description="Läget på svenska.")
    starts: datetime = Field(description="När första passet börjar, svensk tid.")
    ends: datetime = Field(description="När sista passet slutar.")
    format: Coded
    place: str
    town: str
    registration_opens: date | None
    registration_closes: date | None = Field(description="Sista anmälningsdag.")
    seats_total: int | None
    seats_left: int | None = Field(description="null när det inte är känt.")
    url: str = Field(description="Tillfällets plats på kursens sida.")


class OccasionDetail(OccasionBrief):
    link: str = Field(description="Till mötet eller anmälan.")
    cancelled_on: date | None
    cancel_reason: str
    sessions: list[Meeting]


class Provider(Schema):
    code: str
    name: str
    url: str


class CourseBrief(Schema):
    slug: str
    title: str
    aim: str
    level: Coded
    format: Coded
    audiences: list[Coded] = Field(description="Koden ”alla”: för alla medarbetare.")
    areas: list[Coded] = Field(description="Kunskapsområden.")
    organiser: Provider
    frequency: str = Field(description="Hur ofta den ges, i ord.")
    price: str = Field(description="Kostnaden i ord; tom när den inte är känd.")
    url: str = Field(description="Kursens sida för läsare.")
    next: OccasionBrief | None = Field(description="Nästa tillfälle som inte är inställt.")


class CourseDetail(CourseBrief):
    content: str
    audience_note: str = Field(description="För vem, i ord.")
    prerequisite: str
    booking: str = Field(description="Så bokar man.")
    learning_goals: str
    goals_2015: str = Field(description="Delmål enligt SOSFS 2015:8.")
    goals_2021: str = Field(description="Delmål enligt HSLF-FS 2021:8.")
    contact_role: Coded | None = Field(description="Rollen som svarar på frågor, se roles/.")
    roles: list[Coded] = Field(description="Rollerna som kursen är för.")
    occasions: list[OccasionDetail] = Field(description="Kommande, i ordning. Inställda står kvar.")


class CoursePage(ListPage):
    courses: list[CourseBrief]


class CourseQuery(Schema):
    """Samma fråga som i kurskatalogen på webbplatsen."""

    malgrupp: str = Field("", description="Yrkesgruppens kod; tar med det som är för alla.")
    page: str = Field("", description="Sida, 100 kurser åt gången.")


def choice(row, field):
    return {"code": getattr(row, field), "name": getattr(row, f"get_{field}_display")()}


def occasion_brief(request, occasion, now):
    state = occasion.state(now)
    return {
        "uid": occasion.uid,
        "title": occasion.title,
        "state": state,
        "state_text": state.label,
        "starts": timezone.localtime(occasion.starts),
        "ends": timezone.localtime(occasion.ends),
        "format": choice(occasion, "format"),
        "place": occasion.place,
        "town": occasion.town,
        "registration_opens": occasion.registration_opens,
        "registration_closes": occasion.registration_closes,
        "seats_total": occasion.seats_total,
        "seats_left": occasion.seats_left,
        "url": request.build_absolute_uri(occasion.get_absolute_url()),
    }


def occasion_detail(request, occasion, now):
    return {
        **occasion_brief(request, occasion, now),
        "link": occasion.link,
        "cancelled_on": occasion.cancelled_on,
        "cancel_reason": occasion.cancel_reason,
        "sessions": [
            {
                "starts": timezone.localtime(each.starts),
                "ends": timezone.localtime(each.ends),
                "title": each.title,
            }
            for each in occasion.sessions.all()
        ],
    }


def course_brief(request, course, next_occasion, now):
    return {
        "slug": course.slug,
        "title": course.title,
        "aim": course.aim,
        "level": choice(course, "level"),
        "format": choice(course, "format"),
        "audiences": [coded(each) for each in course.audiences.all()],
        "areas": [coded(each) for each in course.areas.all()],
        "organiser": {**coded(course.organiser), "url": course.organiser.url},
        "frequency": course.frequency,
        "price": course.price,
        "url": request.build_absolute_uri(course.get_absolute_url()),
        "next": occasion_brief(request, next_occasion, now) if next_occasion else None,
    }


@courses.get(
    "courses",
    response={200: CoursePage, 422: Problem, 429: Problem},
    summary="Kurser med nästa tillfälle",
    url_name="course_list",
)
def course_list(request, query: Query[CourseQuery]):
    form = CoursePageForm({name: value for name, value in query.dict().items() if value})
    if not form.is_valid():
        return problem(422, errors=form.errors)
    found = Course.objects.public().select_related("organiser")
    if profession := form.cleaned_data["malgrupp"]:
        found = found.for_profession(profession)
    found = found.prefetch_related("audiences", "areas")
    shown, place = page_of(request, found, form.cleaned_data["page"])
    now = timezone.now()
    held = Occasion.objects.public().held(now).filter(course__in=[*shown])
    nearest = held.nearest_by_course()
    return {
        **place,
        "courses": [course_brief(request, course, nearest.get(course.pk), now) for course in shown],
    }


@courses.get(
    "courses/{slug:slug}",
    response={200: CourseDetail, 404: Problem, 429: Problem},
    summary="En kurs med sina kommande tillfällen",
    url_name="course_detail",
)
def course_detail(request, slug: str):
    found = Course.objects.public().select_related("organiser", "contact_role")
    course = found.prefetch_related("audiences", "areas", "roles").filter(slug=slug).first()
    if course is None:
        return problem(404, "Ingen kurs har det adressnamnet.")
    now = timezone.now()
    coming = Occasion.objects.public().coming(now).filter(course=course).order_by("starts", "pk")
    rows = [*coming.select_related("course").prefetch_related("sessions")]
    held = [row for row in rows if not row.cancelled_on]
    return {
        **course_brief(request, course, held[0] if held else None, now),
        "content": course.content,
        "audience_note": course.audience_note,
        "prerequisite": course.prerequisite,
        "booking": course.booking,
        "learning_goals": course.learning_goals,
        "goals_2015": course.goals_2015,
        "goals_2021": course.goals_2021,
        "contact_role": coded(course.contact_role) if course.contact_role else None,
        "roles": [coded(each) for each in course.roles.all()],
        "occasions": [occasion_detail(request, row, now) for row in rows],
    }
