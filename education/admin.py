from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Min
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import date_format

from portal.editing.history import RowHistory
from portal.editing.history_admin import HistoryAdmin
from portal.editing.model_admin import MOMENT, REVIEW, TO_REVIEW, PortalAdmin
from portal.search.admin import SearchedAdmin

from . import (  # noqa: F401  (register theirs)
    external_admin,
    following_admin,
    participation_admin,
    request_admin,
)
from .actions import free_uid
from .models import CompetenceArea, Course, Occasion, Organiser, Session
from .occasion_action_admin import OccasionActions

CANCELLED = "Inställt"


class SessionsFilter(admin.SimpleListFilter):
    MISSING = "saknas"
    title = "tider"
    parameter_name = "tider"

    def lookups(self, request, model_admin):
        return [(self.MISSING, "saknar tid"), ("finns", "har tid")]

    def queryset(self, request, queryset):
        match self.value():
            case self.MISSING:
                return queryset.filter(pk__in=Occasion.objects.without_sessions())
            case "finns":
                return queryset.filter(sessions__isnull=False).distinct()
        return queryset


class CourseWordsAdmin(SearchedAdmin, PortalAdmin):
    """Rows whose names courses are found by; `courses` leads from them."""

    fixed_fields = ["code"]
    searched = False

    def found_through(self, rows):
        return {"course": rows.exclude(courses=None).values_list("courses", flat=True)}


@admin.register(CompetenceArea)
class CompetenceAreaAdmin(CourseWordsAdmin):
    list_display = ["name", "code", "position"]
    search_fields = ["name", "code", "description"]
    fields = ["name", "code", "description", "needed_by", "position"]
    help_texts = {
        "needed_by": "Har någon av dem ingen kurs i området visas det som en lucka på sidan med "
        "kunskapsområden.",
    }
    kind = "competence_area"


@admin.register(Organiser)
class OrganiserAdmin(CourseWordsAdmin):
    list_display = ["name", "email", "url"]
    search_fields = ["name", "code", "email"]
    fields = ["name", "code", "email", "url"]
    kind = "organiser"


@admin.register(Course)
class CourseAdmin(SearchedAdmin, HistoryAdmin, PortalAdmin):
    list_display = ["title", "organiser", "level", "format", "frequency", "is_published"]
    list_filter = [
        "is_published",
        "level",
        "format",
        "organiser",
        TO_REVIEW,
    ]
    list_select_related = ["organiser"]
    search_fields = ["title", "slug", "aim", "content"]
    autocomplete_fields = ["organiser", "contact_role", "pages"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "is_published", "position"]}),
        ("Innehåll", {"fields": ["aim", "content", "level", "areas"]}),
        (
            "Lärandemål",
            {
                "fields": ["learning_goals", "goals_2015", "goals_2021"],
                "description": "Läkare i AT, BT och ST går efter olika föreskrifter beroende på "
                "när de började. Skriv vilka delmål kursen svarar mot i var och en.",
            },
        ),
        ("För vem", {"fields": ["audiences", "audience_note", "prerequisite", "roles"]}),
        (
            "Så går den till",
            {"fields": ["organiser", "format", "frequency", "booking", "price", "contact_role"]},
        ),
        ("Visas på sidorna", {"fields": ["pages", "process_steps"]}),
        REVIEW,
    ]
    fixed_fields = ["slug"]
    help_texts = {
        "slug": "Sista delen av adressen. Kan inte ändras efteråt.",
        "is_published": "En utbildning som inte visas syns varken i katalog, kalender eller sök.",
        "roles": "Visas på rollernas sidor.",
    }
    kind = "course"


class SessionFormSet(BaseInlineFormSet):
    """An occasion's sessions. The first one gives a new occasion its identity."""

    def clean(self):
        super().clean()
        occasion = self.instance
        if occasion.pk or any(self.errors) or not occasion.course_id:
            return
        starts = [form.cleaned_data["starts"] for form in self.forms if form.cleaned_data]
        if not starts:
            raise ValidationError("Lägg till minst ett pass. Utan tid syns tillfället inte.")
        same = Occasion.objects.filter(
            course=occasion.course,
            town=occasion.town,
            title_suffix=occasion.title_suffix,
            sessions__starts=min(starts),
        )
        if same.exists():
            raise ValidationError(
                "Tillfället finns redan: samma utbildning, ort och tid. Är det ett till, skriv ett "
                "tillägg till titeln."
            )
        occasion.uid = free_uid(occasion.course, min(starts))


class SessionInline(admin.StackedInline):
    model = Session
    formset = SessionFormSet
    extra = 0
    fields = ["starts", "ends", "title"]
    formfield_overrides = {DateTimeField: MOMENT}

    def get_min_num(self, request, obj=None, **kwargs):
        """A new occasion has a session's fields to fill in from the start."""
        return 0 if obj else 1


def session_name(record):
    moment = date_format(timezone.localtime(record.starts), "j F Y H:i")
    return f"{record.title}, {moment}" if record.title else moment


@admin.register(Occasion)
class OccasionAdmin(OccasionActions, HistoryAdmin, PortalAdmin):
    list_display = ["title", "starts", "format", "town", "seats_left", "cancelled_on"]
    list_filter = [
        SessionsFilter,
        "format",
        ("cancelled_on", admin.EmptyFieldListFilter),
        "course",
    ]
    list_select_related = ["course"]
    search_fields = ["uid", "course__title", "title_suffix", "place", "town"]
    date_hierarchy = "registration_closes"
    autocomplete_fields = ["course"]
    fieldsets = [
        (None, {"fields": ["course", "title_suffix", "uid"]}),
        ("Var och hur", {"fields": ["format", "place", "town", "link", "is_preliminary"]}),
        (
            "Anmälan",
            {"fields": ["registration_opens", "registration_closes", "seats_total", "seats_left"]},
        ),
        (
            CANCELLED,
            {
                "fields": ["cancelled_on", "cancel_reason"],
                "description": "Ett inställt tillfälle tas inte bort: det står kvar som inställt, "
                "så att den som har anmält sig ser det.",
            },
        ),
    ]
    inlines = [SessionInline]
    row_histories = [RowHistory(Session, "occasion", session_name)]
    fixed_fields = ["uid"]
    help_texts = {
        "uid": "Tillfällets identitet i kalendrar. Kan inte ändras efteråt.",
        "title_suffix": "Till exempel ”hösten 2027”.",
        "link": "Till mötesrummet, om alla får ha den, annars till anmälan.",
        "is_preliminary": "Tiden kan ändras. Visas som planerat och kan inte bokas.",
        "seats_left": "Tomt när det inte är känt.",
    }

    def get_fieldsets(self, request, obj=None):
        """A new occasion gets its identity by itself, and is not cancelled yet."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj:
            return fieldsets
        (heading, options), *rest = fieldsets
        return [
            (heading, {**options, "fields": ["course", "title_suffix"]}),
            *(each for each in rest if each[0] != CANCELLED),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(first_start=Min("sessions__starts"))

    @admin.display(description="titel", ordering="course__title")
    def title(self, occasion):
        return occasion.title

    @admin.display(description="börjar", ordering="first_start", empty_value="saknar tid")
    def starts(self, occasion):
        return occasion.first_start
