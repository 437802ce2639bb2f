"""What education offers the shared rooms: links to courses, panels on others' pages."""

from django.urls import reverse

from portal.caching import moments, page_cache, stamp
from portal.editing import deletion
from portal.editing.admin_site import begin_with, waiting
from portal.richtext.links import register_scheme
from portal.search.index import index
from portal.web import changes, outgoing, panels
from portal.web.outgoing import OutgoingLink
from portal.web.panels import Panel

from . import (
    following_letters,  # noqa: F401  (registers who writes them)
    personal_data,  # noqa: F401  (registers what it holds about people)
    searchables,  # noqa: F401  (registers what can be found)
    training_requests,  # noqa: F401  (registers who writes the receipt)
)
from .forms import CalendarForm, CourseFilterForm, CourseOccasionsForm
from .models import (
    Course,
    ExternalCalendar,
    ImportedEvent,
    Occasion,
    Organiser,
    TrainingRequest,
)
from .nearby import next_occasions, town_near
from .overviews import areas_and_courses, offers_by_organiser
from .participation import course_totals, unit_totals
from .step_courses import courses_of, courses_of_steps

# The page of who arranges what for whom.
STRUCTURE = "utbildningsstruktur"


def course_urls(slugs):
    courses = Course.objects.public().filter(slug__in=slugs)
    return {course.slug: course.get_absolute_url() for course in courses}


page_cache.may_keep(
    "education:calendar",
    "education:calendar_ics",
    "education:calendar_json",
    forms=[CalendarForm],
)
page_cache.may_keep("education:course_list", forms=[CourseFilterForm])
page_cache.may_keep("education:course_detail", forms=[CourseOccasionsForm])
stamp.unseen(
    "education.CourseNews",
    "education.NewsDelivery",
    "education.Subscription",
    "education.TrainingRequest",
)
moments.past("education.ExternalCalendar.fetched_at", "education.ExternalCalendar.read_at")

register_scheme("kurs", course_urls)
deletion.linked_as(Course, lambda row: [f"kurs:{row.slug}"])


@outgoing.register
def links_of_organisers():
    for organiser in Organiser.objects.exclude(url=""):
        yield OutgoingLink(
            organiser.url, f"Anordnare: {organiser}", reverse("education:course_list")
        )


@panels.register("start")
def nearest_occasions(request):
    """The next three; those in the town of the unit that the reader has chosen come first."""
    town = town_near(request)
    rows = next_occasions(town)
    near = any(row.occasion.town == town for row in rows)
    return Panel("education/_start_panel.html", {"rows": rows, "town": town if near else ""})


@panels.register("role")
def courses_for_role(role):
    courses = Course.objects.public().filter(roles=role).select_related("organiser")
    return Panel("education/_role_panel.html", {"courses": courses}) if courses else None


@panels.register("register:competence_areas")
def courses_of_areas(request):
    """Which profession has a course in which area, and where there is none."""
    rows = {"matrix": areas_and_courses()}
    return Panel("education/_areas_matrix.html", rows, stylesheet="css/coverage.css")


@panels.register("register:education")
def who_arranges_what(request):
    rows = {"organisers": offers_by_organiser()}
    return Panel("education/_offers.html", rows, stylesheet="css/coverage.css")


@panels.register("version")
def courses_for_text(version):
    """Courses that belong to the page or to its steps, with the next that can be booked."""
    courses = courses_of(version)
    return Panel("education/_page_panel.html", {"courses": courses}) if courses else None


@panels.register("page")
def participants(page):
    """How many have taken part, beside who arranges what."""
    if page.slug != STRUCTURE:
        return None
    years, courses = course_totals()
    rows = {"years": years, "courses": courses}
    return Panel("education/_participation_panel.html", rows) if courses else None


@panels.register("unit")
def participants_of_unit(unit):
    years = unit_totals(unit)
    return Panel("education/_unit_panel.html", {"years": years}) if years else None


@panels.register("page")
def training_on_request(page):
    return Panel("education/_request_panel.html", {}) if page.slug == STRUCTURE else None


@panels.register("education_structure")
def education_in_short(subject):
    """How much education there is, for a demand that it has a structure."""
    coming = Occasion.objects.public().held()
    rows = {"courses": Course.objects.public().count(), "coming": coming.count()}
    return Panel("education/_structure_in_short.html", rows)


panels.register("steps")(courses_of_steps)


@changes.register("profession")
def courses_of_professions(ids):
    """A course is found by the names of those it is for."""
    courses = list(Course.objects.filter(audiences__in=ids).values_list("pk", flat=True))
    return lambda: index("course", courses)


begin_with(Course, "Lägg in utbildningarna")


@panels.register("admin_index")
def occasions_without_sessions(request):
    rows = Occasion.objects.without_sessions()
    return waiting(request, Occasion, "Tillfällen utan tid", rows.count, tider="saknas")


@panels.register("admin_index")
def events_to_decide_about(request):
    rows = ImportedEvent.objects.waiting()
    return waiting(request, ImportedEvent, "Nya poster från andra", rows.count, lasning="vantar")


@panels.register("admin_index")
def calendars_that_fail(request):
    rows = ExternalCalendar.objects.exclude(fault="")
    label = "Kalendrar som inte kan läsas"
    return waiting(request, ExternalCalendar, label, rows.count, fault__isempty=0)


@panels.register("admin_index")
def training_to_answer(request):
    count = TrainingRequest.objects.waiting().count
    return waiting(request, TrainingRequest, "Nya beställningar", count, status__exact="new")


@panels.register("pages")
def courses_for_pages(pages):
    """Courses that belong to some of several pages."""
    courses = list(Course.objects.public().filter(pages__in=pages).distinct())
    return Panel("education/_pages_panel.html", {"courses": courses}) if courses else None
