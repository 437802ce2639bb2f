"""Other organisers' calendars, and what has been read from them."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from organisation.models import Profession
from portal.web.days import add_months, midnight

# So long an event that its organiser has taken away stands as cancelled, as our own do.
GONE_STAYS = timedelta(days=60)


class ExternalCalendar(models.Model):
    """Where others' events are read; `url` is empty for one whose files are handed over.

    etag, last_modified, digest  of the content that was last read, so that it is not read again
    fetched_at  when it was last asked for; read_at when its content was last read
    """

    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    organiser = models.ForeignKey(
        "education.Organiser",
        models.PROTECT,
        verbose_name="anordnare",
        related_name="calendars",
        null=True,
        blank=True,
    )
    url = models.URLField("kalenderns adress", max_length=1000, blank=True)
    audiences = models.ManyToManyField(
        Profession, verbose_name="målgrupper", related_name="+", blank=True
    )
    shown_from = models.DateField("visas från och med", null=True, blank=True)
    shown_until = models.DateField("visas till och med", null=True, blank=True)
    is_active = models.BooleanField("hämtas och visas", default=True)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    fetched_at = models.DateTimeField("senast hämtad", null=True, blank=True, editable=False)
    read_at = models.DateTimeField("senast läst", null=True, blank=True, editable=False)
    fault = models.CharField("fel", max_length=300, blank=True, editable=False)
    note = models.CharField("senaste läsningen", max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = "kalender från annan anordnare"
        verbose_name_plural = "kalendrar från andra anordnare"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="external_calendar_shown_until_after_from",
                condition=Q(shown_from=None)
                | Q(shown_until=None)
                | Q(shown_until__gte=F("shown_from")),
                violation_error_message="Sista dagen kan inte ligga före den första.",
            )
        ]

    def __str__(self):
        return self.name


class ImportedEventQuerySet(models.QuerySet):
    def public(self):
        """Approved events without faults, of calendars in use, within what they may show.

        One that its organiser has cancelled or taken away stays for a time, as cancelled.
        """
        day = timezone.localdate()
        return self.filter(
            Q(gone_on=None) | Q(gone_on__gt=day - GONE_STAYS),
            Q(calendar__shown_from=None) | Q(ends_on__gte=F("calendar__shown_from")),
            Q(calendar__shown_until=None) | Q(starts_on__lte=F("calendar__shown_until")),
            state=ImportedEvent.State.APPROVED,
            fault="",
            calendar__is_active=True,
        )

    def waiting(self):
        """What nobody has said yes or no to, and still can be visited."""
        return self.filter(
            state=ImportedEvent.State.NEW, fault="", gone_on=None, ends__gte=timezone.now()
        )

    def coming(self, at=None):
        return self.filter(ends__gte=at or timezone.now())

    def past(self, at=None):
        return self.filter(ends__lt=at or timezone.now())

    def in_month(self, first_day):
        start, end = midnight(first_day), midnight(add_months(first_day, 1))
        # One without an end takes no time, and may stand at the month's first moment.
        return self.filter(Q(ends__gt=start) | Q(starts__gte=start), starts__lt=end)

    def for_profession(self, code):
        """Events for a profession, and those meant for everybody."""
        chosen = ImportedEvent.audiences.through.objects.filter(
            importedevent=OuterRef("pk"), profession__code__in=[code, Profession.EVERYONE]
        )
        return self.filter(Exists(chosen))


class ImportedEvent(models.Model):
    """One time that an event is held; of a series each time is a row.

    starts, ends        moments; of a whole day midnight to midnight; equal when no end is told.
                        None only in a faulty row that none could be read from
    starts_on, ends_on  the same as Swedish days, the last one included
    recurrence          which time of a series, "" for one that is not repeated
    state               what an editor has decided
    fault               why it is set aside; whoever reads the row again takes it away
    gone_on             since when its organiser no longer has it, or has cancelled it
    """

    class State(models.TextChoices):
        NEW = "new", "ny"
        APPROVED = "approved", "godkänd"
        HIDDEN = "hidden", "dold"

    calendar = models.ForeignKey(
        ExternalCalendar, models.CASCADE, verbose_name="kalender", related_name="events"
    )
    uid = models.CharField("identitet", max_length=255)
    recurrence = models.CharField("gång i serien", max_length=40, blank=True)
    title = models.CharField("titel", max_length=200)
    starts = models.DateTimeField("börjar", null=True, blank=True)
    ends = models.DateTimeField("slutar", null=True, blank=True)
    starts_on = models.DateField("första dag", null=True, blank=True)
    ends_on = models.DateField("sista dag", null=True, blank=True)
    is_all_day = models.BooleanField("hela dagen", default=False)
    place = models.CharField("plats", max_length=200, blank=True)
    town = models.CharField("ort", max_length=60, blank=True)
    url = models.URLField("till originalet", max_length=1000, blank=True)
    description = models.TextField("beskrivning", blank=True)
    note = models.CharField("om läsningen", max_length=200, blank=True)
    state = models.CharField("beslut", max_length=10, choices=State, default=State.NEW)
    audiences = models.ManyToManyField(
        Profession, verbose_name="målgrupper", related_name="+", blank=True
    )
    fault = models.CharField("varför undantagen", max_length=300, blank=True)
    gone_on = models.DateField("borta eller inställd sedan", null=True, blank=True)
    sequence = models.PositiveIntegerField("ändringar", default=0, editable=False)
    changed_at = models.DateTimeField("ändrad", default=timezone.now, editable=False)

    objects = ImportedEventQuerySet.as_manager()

    class Meta:
        verbose_name = "inläst kalenderpost"
        verbose_name_plural = "inlästa kalenderposter"
        ordering = ["starts", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="imported_event_once_in_calendar",
                fields=["calendar", "uid", "recurrence"],
            ),
            models.CheckConstraint(
                name="imported_event_has_times_or_fault",
                condition=~Q(fault="")
                | Q(starts__isnull=False, ends__gte=F("starts"), starts_on__isnull=False,
                    ends_on__gte=F("starts_on")),
                violation_error_message="Posten måste sluta efter att den har börjat.",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "starts"], name="imported_event_shown")]

    def __str__(self):
        return self.title

    @property
    def anchor(self) -> str:
        """Its identity in our own feeds and on the page: as stable as the organiser's own."""
        told = "\x00".join([self.uid, self.recurrence])
        return f"extern.{self.calendar.code}.{sha256(told.encode()).hexdigest()[:20]}"

    @property
    def is_cancelled(self) -> bool:
        return self.gone_on is not None

    def get_original_url(self) -> str:
        """Where its organiser tells of it; else the organiser's own website."""
        return self.url or (self.calendar.organiser.url if self.calendar.organiser else "")

    @property
    def source(self) -> str:
        return str(self.calendar.organiser or self.calendar)

    def has_ended(self, at: datetime | None = None) -> bool:
        return self.ends < (at or timezone.now())
