"""When courses are held: occasions and their sessions."""

from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from organisation.models import Profession
from portal.editing.history import History
from portal.web.days import add_months, midnight

from .courses import Course, Format

FEW_SEATS = 3
# So long a cancelled occasion stands as cancelled, in lists and in feeds; then it is gone.
CANCELLED_STAYS = timedelta(days=60)
# What was saved before there was a history.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def _of_records(model, expression, rule):
    """A sum over the records of history that fit a rule, as a subquery."""
    [name] = rule
    records = model.objects.filter(**rule).order_by().values(name)
    return Subquery(records.annotate(found=expression).values("found"))


class OccasionQuerySet(models.QuerySet):
    def public(self):
        """Occasions of published courses, with their first start and last end.

        One without sessions has no date yet and is not shown; a cancelled one is, for a time.
        """
        gone = timezone.localdate() - CANCELLED_STAYS
        return (
            self.filter(course__is_published=True)
            .exclude(cancelled_on__lte=gone)
            .annotate(starts=Min("sessions__starts"), ends=Max("sessions__ends"))
            .filter(starts__isnull=False)
        )

    def without_sessions(self):
        """Those that readers do not see, because nobody has set their days yet."""
        return self.filter(sessions=None, cancelled_on=None)

    def coming(self, at=None):
        return self.filter(ends__gte=at or timezone.now())

    def past(self, at=None):
        return self.filter(ends__lt=at or timezone.now())

    def open_for_registration(self, at=None):
        """Those that still can be booked: see Occasion.state for the same rule in words."""
        at = at or timezone.now()
        day = timezone.localdate(at)
        return self.coming(at).filter(
            Q(registration_opens=None) | Q(registration_opens__lte=day),
            Q(registration_closes=None) | Q(registration_closes__gte=day),
            Q(seats_left=None) | Q(seats_left__gt=0),
            cancelled_on=None,
            is_preliminary=False,
            starts__gt=at,
        )

    def held(self, at=None):
        """Those to come that are not cancelled."""
        return self.coming(at).filter(cancelled_on=None)

    def nearest_by_course(self):
        """{course's pk: the one of these that starts first} (needs `public()`)."""
        first = {}
        for course, pk in self.order_by("starts", "pk").values_list("course_id", "pk"):
            first.setdefault(course, pk)
        rows = self.filter(pk__in=first.values()).select_related("course")
        return {row.course_id: row for row in rows}

    def in_month(self, first_day):
        """Those with some part in the month that begins on a day (needs `public()`)."""
        start, end = midnight(first_day), midnight(add_months(first_day, 1))
        return self.filter(starts__lt=end, ends__gt=start)

    def with_changes(self):
        """`sequence`, how many times calendars' facts have been saved, and `changed_at`, when
        last. Both are read from history, so that nothing has to remember to count."""
        of_sessions = {"occasion_id": OuterRef("pk")}
        records = [
            (Occasion.history.model, {"id": OuterRef("pk")}),
            (Session.history.model, of_sessions),
            (Course.history.model, {"id": OuterRef("course_id")}),
        ]
        counts = [_of_records(model, Count("pk"), rule) for model, rule in records]
        moments = [_of_records(model, Max("history_date"), rule) for model, rule in records]
        return self.annotate(
            sequence=sum((Coalesce(count, 0) for count in counts[1:]), Coalesce(counts[0], 0)),
            changed_at=Greatest(*(Coalesce(moment, BEGINNING) for moment in moments)),
        )

    def for_profession(self, code):
        """Occasions for a profession, and those meant for everybody."""
        courses = Course.audiences.through.objects.filter(
            course=OuterRef("course"), profession__code__in=[code, Profession.EVERYONE]
        )
        return self.filter(Exists(courses))

    def in_area(self, code):
        courses = Course.areas.through.objects.filter(
            course=OuterRef("course"), competencearea__code=code
        )
        return self.filter(Exists(courses))


class OccasionState(models.TextChoices):
    """Computed from dates and seats; nothing has to be changed by hand as time passes."""

    CANCELLED = "cancelled", "Inställd"
    PLANNED = "planned", "Planerad"
    DONE = "done", "Genomförd"
    FULL = "full", "Fullbokad"
    CLOSED = "closed", "Anmälan stängd"
    OPENS = "opens", "Öppnar"
    FEW = "few", "Få platser"
    OPEN = "open", "Öppen"


class Occasion(models.Model):
    uid = models.SlugField("identitet", max_length=80, unique=True)
    course = models.ForeignKey(
        Course, models.PROTECT, verbose_name="utbildning", related_name="occasions"
    )
    title_suffix = models.CharField("tillägg till titeln", max_length=80, blank=True)
    place = models.CharField("plats", max_length=120, blank=True)
    town = models.CharField("ort", max_length=60, blank=True)
    link = models.URLField("länk till mötet eller anmälan", max_length=500, blank=True)
    format = models.CharField("form", max_length=10, choices=Format)
    is_preliminary = models.BooleanField("preliminärt", default=False)
    registration_opens = models.DateField("anmälan öppnar", null=True, blank=True)
    registration_closes = models.DateField("sista anmälningsdag", null=True, blank=True)
    seats_total = models.PositiveSmallIntegerField("platser", null=True, blank=True)
    seats_left = models.PositiveSmallIntegerField("platser kvar", null=True, blank=True)
    cancelled_on = models.DateField("inställd den", null=True, blank=True)
    cancel_reason = models.CharField("varför inställd", max_length=200, blank=True)

    objects = OccasionQuerySet.as_manager()
    history = History("tidigare tillfälle", "tidigare tillfällen")

    class Meta:
        verbose_name = "tillfälle"
        verbose_name_plural = "tillfällen"
        ordering = ["uid"]
        constraints = [
            models.CheckConstraint(
                name="occasion_registration_closes_after_it_opens",
                condition=Q(registration_opens=None)
                | Q(registration_closes=None)
                | Q(registration_closes__gte=models.F("registration_opens")),
                violation_error_message="Anmälan kan inte stänga innan den öppnar.",
            ),
            models.CheckConstraint(
                name="occasion_seats_left_within_total",
                condition=Q(seats_total=None)
                | Q(seats_left=None)
                | Q(seats_left__lte=models.F("seats_total")),
                violation_error_message="Platser kvar kan inte vara fler än platserna.",
            ),
            models.CheckConstraint(
                name="occasion_cancelled_has_reason",
                condition=Q(cancelled_on=None) | ~Q(cancel_reason=""),
                violation_error_message="Skriv varför tillfället är inställt.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return self.course.get_occasion_url(self.uid)

    @property
    def title(self):
        return (
            f"{self.course.title}, {self.title_suffix}" if self.title_suffix else self.course.title
        )

    def state(self, at=None):
        """Where the occasion stands, from its own dates (needs `public()`'s starts, ends)."""
        at = at or timezone.now()
        day = timezone.localdate(at)
        if self.cancelled_on:
            return OccasionState.CANCELLED
        if self.ends < at:
            return OccasionState.DONE
        if self.is_preliminary:
            return OccasionState.PLANNED
        if self.seats_left == 0:
            return OccasionState.FULL
        if self.starts <= at or (self.registration_closes and self.registration_closes < day):
            return OccasionState.CLOSED
        if self.registration_opens and self.registration_opens > day:
            return OccasionState.OPENS
        if self.seats_left is not None and self.seats_left <= FEW_SEATS:
            return OccasionState.FEW
        return OccasionState.OPEN


class Session(models.Model):
    occasion = models.ForeignKey(
        Occasion, models.CASCADE, verbose_name="tillfälle", related_name="sessions"
    )
    starts = models.DateTimeField("börjar")
    ends = models.DateTimeField("slutar")
    title = models.CharField("rubrik", max_length=80, blank=True)

    history = History("tidigare pass", "tidigare pass")

    class Meta:
        verbose_name = "pass"
        verbose_name_plural = "pass"
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(ends__gt=models.F("starts")),
                violation_error_message="Passet måste sluta efter att det har börjat.",
            )
        ]

    def __str__(self):
        return f"{self.occasion}, {timezone.localtime(self.starts):%Y-%m-%d %H:%M}"
