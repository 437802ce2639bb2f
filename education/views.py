from functools import cache

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.views.decorators.http import require_safe

from portal.web.frames import frame_or_404

from .feed_links import feed_links
from .following_forms import FollowForm
from .forms import MONTH_VIEW, PAST, CalendarForm, CourseFilterForm, CourseOccasionsForm
from .linked_data import course_data
from .models import Course, Occasion
from .nearby import next_occasions, town_near
from .presenters import calendar_row, month_grid, months
from .selection import month_of, selection

OCCASIONS_PER_PAGE = 40
OCCASIONS_OF_A_COURSE = 20


@require_safe
def calendar(request):
    now = timezone.now()
    # Asked for by the template, where what they stand in was not kept.
    form = cache(lambda: CalendarForm(request.GET))
    chosen = cache(lambda: selection(form(), now))
    month = cache(lambda: month_of(form(), now))
    chips = cache(lambda: form().chips(request.GET) if form().is_valid() else [])
    context = {
        "frame": frame_or_404("kalender"),
        "form": form,
        "chips": chips,
        "feed": cache(lambda: feed_links(request, form())),
        "month": month,
        "follow_form": FollowForm,
    }
    if request.GET.get("vy") == MONTH_VIEW and form().is_valid():
        rows = cache(lambda: with_sessions(chosen()))
        context |= {
            "grid": cache(lambda: month_grid(rows(), month(), now)),
            "count": lambda: len(rows()),
            "weekdays": WEEKDAYS_ABBR.values(),
        }
        return render(request, "education/calendar_month.html", context)
    page = cache(lambda: page_of(chosen(), form()))
    # Who has filtered or turned the page looks for something else than what is nearest.
    town = town_near(request)
    if town and request.GET and (chips() or page().number != 1):
        town = ""
    context |= {
        "page": page,
        "count": lambda: page().paginator.count,
        "months": lambda: months(page(), now),
        "near": lambda: next_occasions(town, town=town) if town else [],
        "town": town,
    }
    return render(request, "education/calendar.html", context)


def with_sessions(chosen):
    return chosen.merged(chosen.occasions.prefetch_related("sessions"), chosen.events)


def page_of(chosen, form):
    number = form.cleaned_data.get("page") if form.is_valid() else None
    return Paginator(chosen, OCCASIONS_PER_PAGE).get_page(number)


@require_safe
def course_list(request):
    form = CourseFilterForm(request.GET)
    courses = Course.objects.public().select_related("organiser").prefetch_related("audiences")
    if form.is_valid() and (profession := form.cleaned_data["malgrupp"]):
        courses = courses.for_profession(profession)
    coming = Occasion.objects.public().held().order_by("starts")
    next_by_course, open_by_course, near, town = {}, {}, set(), town_near(request)
    for occasion in coming.select_related("course"):
        row = calendar_row(occasion)
        next_by_course.setdefault(occasion.course_id, row)
        if row.is_open:
            open_by_course.setdefault(occasion.course_id, row)
        if town and occasion.town == town:
            near.add(occasion.course_id)
    context = {
        "frame": frame_or_404("kurser"),
        "form": form,
        # Those held where the reader's own unit is come first.
        "courses": [
            (
                course,
                next_by_course.get(course.pk),
                open_by_course.get(course.pk),
                course.pk in near,
            )
            for course in sorted(courses, key=lambda course: course.pk not in near)
        ],
        "town": town,
    }
    return render(request, "education/course_list.html", context)


def list_with(uid, coming, past):
    """Whether an occasion is a past one, and the page of its list; of an unknown one (False, 1)."""
    for rows, is_past in ((coming, False), (past, True)):
        uids = list(rows.values_list("uid", flat=True))
        if uid in uids:
            return is_past, uids.index(uid) // OCCASIONS_OF_A_COURSE + 1
    return False, 1


@require_safe
def course_detail(request, slug):
    courses = Course.objects.public().select_related("organiser", "contact_role")
    course = get_object_or_404(courses.prefetch_related("audiences", "areas", "roles"), slug=slug)
    now = timezone.now()
    occasions = Occasion.objects.public().filter(course=course).select_related("course")
    coming = occasions.coming(now).order_by("starts", "pk")
    past = occasions.past(now).order_by("-starts", "pk")
    form = CourseOccasionsForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    shows_past, number = chosen.get("period") == PAST, None
    if (uid := chosen.get("tillfalle")) and not chosen["period"]:
        shows_past, number = list_with(uid, coming, past)
    page = Paginator(past if shows_past else coming, OCCASIONS_OF_A_COURSE)
    page = page.get_page(chosen.get("page") or number)
    rows = [calendar_row(occasion, now) for occasion in page]
    # The latest ones are at hand below what is to come.
    latest_past = [] if shows_past else past[:OCCASIONS_OF_A_COURSE]
    frame = frame_or_404("kurser")
    url = request.build_absolute_uri(course.get_absolute_url())
    context = {
        "frame": frame.below(course.title, frame.page.get_absolute_url(), course.aim),
        "course": course,
        "canonical": uid and url,
        "follow_form": FollowForm(),
        "shows_past": shows_past,
        "page": page,
        "rows": rows,
        "past": [calendar_row(occasion, now) for occasion in latest_past],
        "past_count": past.count(),
        "linked_data": course_data(
            course,
            [] if shows_past else rows,
            url,
        ),
    }
    return render(request, "education/course_detail.html", context)
