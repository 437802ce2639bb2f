"""Other organisers' calendars as those responsible for courses see them."""

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.utils import timezone

from portal.audit.models import Action
from portal.audit.notes import note_rows
from portal.editing.model_admin import PortalAdmin

from .external_read_admin import CalendarReading
from .models import ExternalCalendar, ImportedEvent

State = ImportedEvent.State


@admin.register(ExternalCalendar)
class ExternalCalendarAdmin(CalendarReading, PortalAdmin):
    list_display = [
        *("name", "organiser", "is_active", "fetched_at", "fault"),
        *("waiting_count", "faulty_count"),
    ]
    list_filter = ["is_active", ("fault", admin.EmptyFieldListFilter), "organiser"]
    list_select_related = ["organiser"]
    search_fields = ["name", "code", "url", "organiser__name"]
    autocomplete_fields = ["organiser"]
    fieldsets = [
        (None, {"fields": ["name", "code", "organiser", "url", "is_active"]}),
        (
            "Vad som visas",
            {
                "fields": ["audiences", "shown_from", "shown_until"],
                "description": "Nya poster syns först när någon har godkänt dem under ”Inlästa "
                "kalenderposter”.",
            },
        ),
        ("Läsningen", {"fields": ["fetched_at", "read_at", "fault", "note"]}),
    ]
    readonly_fields = ["fetched_at", "read_at", "fault", "note"]
    fixed_fields = ["code"]
    help_texts = {
        "code": "Används i posternas identitet och kan inte ändras efteråt.",
        "url": "Adressen till kalendern i formatet iCalendar (.ics). Skriv https:// i stället för "
        "webcal://. Tom när kalendern läses in från filer: knappen ”Hämta nu eller läs in en fil” "
        "finns sedan kalendern har sparats.",
        "organiser": "Visas som källa och ger filtret på anordnare.",
        "audiences": "Nya poster får de här målgrupperna. De kan ändras post för post.",
        "shown_from": "Tomt: från en månad tillbaka.",
        "shown_until": "Tomt: arton månader framåt.",
        "is_active": "En kalender som inte är i bruk hämtas inte, och inget ur den visas.",
    }

    def get_queryset(self, request):
        waiting = Q(
            events__state=State.NEW,
            events__fault="",
            events__gone_on=None,
            events__ends__gte=timezone.now(),
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                waiting_count=Count("events", filter=waiting),
                faulty_count=Count("events", filter=~Q(events__fault="")),
            )
        )

    @admin.display(description="väntar", ordering="waiting_count")
    def waiting_count(self, calendar):
        return calendar.waiting_count

    @admin.display(description="undantagna", ordering="faulty_count")
    def faulty_count(self, calendar):
        return calendar.faulty_count

    def save_model(self, request, obj, form, change):
        # What is shown, or from where, is another question: the calendar is read anew.
        if {"url", "shown_from", "shown_until"} & set(form.changed_data):
            obj.etag = obj.last_modified = obj.digest = ""
        super().save_model(request, obj, form, change)


class ReadingFilter(admin.SimpleListFilter):
    """waiting: what "Väntar på dig" counts."""

    WAITING, FAULTY = "vantar", "undantagna"
    title = "läsning"
    parameter_name = "lasning"

    def lookups(self, request, model_admin):
        return [
            (self.WAITING, "väntar på beslut"),
            (self.FAULTY, "undantagna med orsak"),
            ("borta", "borta hos anordnaren"),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case self.WAITING:
                return queryset.filter(pk__in=ImportedEvent.objects.waiting())
            case self.FAULTY:
                return queryset.exclude(fault="")
            case "borta":
                return queryset.exclude(gone_on=None)
        return queryset


@admin.register(ImportedEvent)
class ImportedEventAdmin(PortalAdmin):
    when_empty = "Posterna läses in ur ”Kalendrar från andra anordnare”. Lägg till en kalender där."
    list_display = ["title", "state", "starts", "fault", "calendar", "place"]
    list_filter = [ReadingFilter, "state", "calendar"]
    list_select_related = ["calendar"]
    search_fields = ["title", "place", "town", "uid", "fault"]
    date_hierarchy = "starts"
    fieldsets = [
        (None, {"fields": ["state", "audiences", "town"]}),
        (
            "Från anordnaren",
            {
                "fields": [
                    *("title", "calendar", "starts", "ends", "is_all_day", "place", "url"),
                    *("description", "note", "fault", "gone_on", "uid", "recurrence"),
                ],
                "description": "Läses in på nytt när anordnaren ändrar. Ändras titel, länk eller "
                "beskrivning på en godkänd post väntar den på ett nytt beslut.",
            },
        ),
    ]
    readonly_fields = [
        *("title", "calendar", "starts", "ends", "is_all_day", "place", "url"),
        *("description", "note", "fault", "gone_on", "uid", "recurrence"),
    ]
    actions = ["approve", "hide"]
    help_texts = {
        "state": "Bara godkända poster visas, och bara om de inte är undantagna.",
        "audiences": "Målgruppsfiltret i kalendern visar posten för dem. Utan målgrupp visas den "
        "bara när inget sådant filter är valt.",
        "town": "Ger filtret på ort. Ifylld när platsen slutar med en ort som är känd.",
    }

    def has_add_permission(self, request):
        """Calendars are read; nobody writes in them here."""
        return False

    @admin.action(description="Godkänn valda poster", permissions=["change"])
    def approve(self, request, queryset):
        self._decide(request, queryset.filter(fault=""), State.APPROVED, "godkända")
        if faulty := queryset.exclude(fault="").count():
            text = f"{faulty} undantagna poster kan inte godkännas: rätta dem hos anordnaren."
            self.message_user(request, text, messages.WARNING)

    @admin.action(description="Dölj valda poster", permissions=["change"])
    def hide(self, request, queryset):
        self._decide(request, queryset, State.HIDDEN, "dolda")

    def _decide(self, request, queryset, state, word):
        rows = list(queryset.exclude(state=state))
        ImportedEvent.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=state, changed_at=timezone.now()
        )
        note_rows(
            {
                "action": Action.CHANGE,
                "model": "education.importedevent",
                "object_id": row.pk,
                "name": str(row),
                "fields": ["state"],
                "facts": {"state": [row.state, state.value]},
            }
            for row in rows
        )
        for row in rows:
            self.log_change(request, row, f"Beslut: {state.label}.")
        self.message_user(request, f"{len(rows)} poster är {word}.", messages.SUCCESS)
