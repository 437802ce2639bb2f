from datetime import timedelta

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.web.frames import frame_or_404

from .forms import CalendarForm, CourseFilterForm
from .models import Course, Occasion
from .presenters import calendar_row, filter_chips, months

OCCASIONS_PER_PAGE = 40


def filtered_occasions(form, now):
    """The calendar's occasions for a filter form, in order; a bad form shows what is coming."""
    occasions = Occasion.objects.public().select_related("course__organiser")
    if not form.is_valid():
        return occasions.coming(now).order_by("starts", "pk")
    chosen = form.cleaned_data
    if chosen["malgrupp"]:
        occasions = occasions.for_profession(chosen["malgrupp"].code)
    if chosen["omrade"]:
        occasions = occasions.in_area(chosen["omrade"].code)
    if chosen["form"]:
        occasions = occasions.filter(format=chosen["form"])
    if chosen["ort"]:
        occasions = occasions.filter(town=chosen["ort"])
    if chosen["arrangor"]:
        occasions = occasions.filter(course__organiser=chosen["arrangor"])
    if chosen["oppna"]:
        occasions = occasions.open_for_registration(now)
    if chosen["period"] == "tidigare":
        return occasions.past(now).order_by("-starts", "pk")
    if chosen["period"]:
        occasions = occasions.filter(starts__lt=now + timedelta(days=int(chosen["period"])))
    return occasions.coming(now).order_by("starts", "pk")


@require_safe
def calendar(request):
    now = timezone.now()
    form = CalendarForm(request.GET)
    occasions = filtered_occasions(form, now)
    number = form.cleaned_data.get("page") if form.is_valid() else None
    page = Paginator(occasions, OCCASIONS_PER_PAGE).get_page(number)
    context = {
        "frame": frame_or_404("kalender"),
        "form": form,
        "chips": filter_chips(form, request.GET) if form.is_valid() else [],
        "page": page,
        "months": months(page, now),
    }
    return render(request, "education/calendar.html", context)


@require_safe
def course_list(request):
    form = CourseFilterForm(request.GET)
    courses = Course.objects.public().select_related("organiser").prefetch_related("audiences")
    if form.is_valid() and (profession := form.cleaned_data["malgrupp"]):
        courses = courses.for_profession(profession)
    coming = Occasion.objects.public().coming().filter(cancelled_on=None).order_by("starts")
    next_by_course = {}
    for occasion in coming.select_related("course"):
        next_by_course.setdefault(occasion.course_id, calendar_row(occasion))
    context = {
        "frame": frame_or_404("kurser"),
        "form": form,
        "courses": [(course, next_by_course.get(course.pk)) for course in courses],
    }
    return render(request, "education/course_list.html", context)


@require_safe
def course_detail(request, slug):
    courses = Course.objects.public().select_related("organiser", "contact_role")
    course = get_object_or_404(courses.prefetch_related("audiences", "areas", "roles"), slug=slug)
    now = timezone.now()
    occasions = (
        Occasion.objects.public()
        .filter(course=course)
        .select_related("course")
        .prefetch_related("sessions")
        .order_by("starts")
    )
    rows = [calendar_row(occasion, now) for occasion in occasions]
    frame = frame_or_404("kurser")
    context = {
        "frame": frame.below(course.title, frame.page.get_absolute_url(), course.aim),
        "course": course,
        "coming": [row for row in rows if row.ends >= now],
        "past": [row for row in reversed(rows) if row.ends < now],
    }
    return render(request, "education/course_detail.html", context)
