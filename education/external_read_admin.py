"""A calendar read at once: its address fetched by a press, or a file handed over."""

from functools import partial

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from portal.web.rate_limit import within_limit

from . import external_import
from .external_import import MOST_BYTES, Report
from .external_reading import NoCalendar

# A fetch holds a worker for up to twenty seconds, and asks another's server.
READINGS_PER_HOUR = 20
SHOWN = 200
TOO_OFTEN = (
    f"Kalendrar får läsas in högst {READINGS_PER_HOUR} gånger i timmen. Vänta och försök igen."
)
NOT_IN_USE = "Kalendern är inte i bruk. Kryssa i ”hämtas och visas” och spara först."
NO_ADDRESS = "Kalendern har ingen adress. Läs in en fil, eller skriv en adress och spara först."


class CalendarFileForm(forms.Form):
    fil = forms.FileField(
        label="Fil",
        help_text="En kalender i formatet iCalendar (.ics), högst 5 MB.",
        error_messages={
            "required": "Välj en fil.",
            "empty": "Filen är tom.",
            "invalid": "Välj en fil.",
            "missing": "Välj en fil.",
        },
    )

    def clean_fil(self):
        file = self.cleaned_data["fil"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("Filen är större än 5 MB. Be anordnaren om en kortare.")
        return file


class CalendarReading:
    """A ModelAdmin's part."""

    def get_urls(self):
        view = self.admin_site.admin_view(partial(read_view, self))
        name = "education_externalcalendar_las_in"
        return [path("<int:pk>/las-in/", view, name=name), *super().get_urls()]


def read_view(model_admin, request, pk):
    calendar = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_change_permission(request, calendar):
        raise PermissionDenied
    form, report, fault = CalendarFileForm(), None, ""
    if request.method == "POST" and not calendar.is_active:
        fault = NOT_IN_USE
    elif request.method == "POST" and not within_limit(
        request, "calendar-reading", per_hour=READINGS_PER_HOUR
    ):
        fault = TOO_OFTEN
    elif request.method == "POST" and "hamta" in request.POST:
        report, fault = _fetched(calendar)
    elif request.method == "POST":
        form = CalendarFileForm(request.POST, request.FILES)
        report = _read(calendar, form) if form.is_valid() else None
    if report:
        model_admin.log_change(request, calendar, f"Läst in: {report.in_words()}"[:1000])
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": calendar,
        "title": "Läs in",
        "form": form,
        "fault": fault,
        "report": report,
        "most_shown": SHOWN,
    }
    return TemplateResponse(request, "admin/education/externalcalendar/read.html", context)


def _fetched(calendar) -> tuple[Report | None, str]:
    if not calendar.url:
        return None, NO_ADDRESS
    report = external_import.fetch_calendar(calendar)
    return (None, report.fault) if report.fault else (report, "")


def _read(calendar, form) -> Report | None:
    """A file's events; one that is no calendar is told beside the field and changes nothing."""
    content = form.cleaned_data["fil"].read()
    try:
        reading = external_import.read(content, calendar)
    except NoCalendar as fault:
        form.add_error("fil", str(fault))
        return None
    return external_import.store_content(calendar, content, reading=reading)
