"""What can be learned: courses, their occasions and sessions."""

from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone

from guidance.models import Page
from guidance.step_links import StepsField
from organisation.models import Profession, Role
from portal.web.days import add_months, midnight
from portal.web.history import History

from .following_models import CourseNews, NewsDelivery, Subscription  # noqa: F401
from .participation_models import Participation  # noqa: F401
from .request_models import TrainingRequest  # noqa: F401

FEW_SEATS = 3
# So long a cancelled occasion stands as cancelled, in lists and in feeds; then it is gone.
CANCELLED_STAYS = timedelta(days=60)


class CompetenceArea(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    description = models.TextField("beskrivning", blank=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "kunskapsområde"
        verbose_name_plural = "kunskapsområden"
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class Organiser(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    email = models.EmailField("e-postadress", blank=True)
    url = models.URLField("webbplats", blank=True)

    class Meta:
        verbose_name = "anordnare"
        verbose_name_plural = "anordnare"
        ordering = ["name"]

    def __str__(self):
        return self.name


class Format(models.TextChoices):
    ONSITE = "onsite", "på plats"
    DIGITAL = "digital", "digitalt"
    HYBRID = "hybrid", "på plats eller digitalt"
    WEB = "web", "webbutbildning"


class CourseQuerySet(models.QuerySet):
    def public(self):
        return self.filter(is_published=True)

    def for_profession(self, profession):
        """Courses for a profession, and those meant for everybody."""
        codes = [profession.code, Profession.EVERYONE]
        return self.filter(audiences__code__in=codes).distinct()


class Course(models.Model):
    class CourseLevel(models.TextChoices):
        INTRODUCTION = "introduktion", "introduktion"
        BASIC = "grund", "grundläggande"
        ADVANCED = "fordjupning", "fördjupning"

    slug = models.SlugField("adressnamn", unique=True)
    title = models.CharField("titel", max_length=120)
    aim = models.TextField("syfte")
    content = models.TextField("innehåll", blank=True)
    level = models.CharField("nivå", max_length=12, choices=CourseLevel)
    format = models.CharField("form", max_length=10, choices=Format)
    audiences = models.ManyToManyField(
        Profession, verbose_name="målgrupper", related_name="courses", blank=True
    )
    audience_note = models.CharField("för vem", max_length=200, blank=True)
    areas = models.ManyToManyField(
        CompetenceArea, verbose_name="kunskapsområden", related_name="courses", blank=True
    )
    organiser = models.ForeignKey(
        Organiser, models.PROTECT, verbose_name="anordnare", related_name="courses"
    )
    frequency = models.CharField("hur ofta", max_length=80, default="Okänd")
    booking = models.TextField("så bokar du")
    price = models.CharField("kostnad", max_length=120, blank=True)
    prerequisite = models.CharField("förkunskaper", max_length=200, blank=True)
    learning_goals = models.TextField("lärandemål", blank=True)
    goals_2015 = models.TextField("delmål enligt SOSFS 2015:8", blank=True)
    goals_2021 = models.TextField("delmål enligt HSLF-FS 2021:8", blank=True)
    contact_role = models.ForeignKey(
        Role,
        models.PROTECT,
        verbose_name="kontakt",
        related_name="contact_courses",
        null=True,
        blank=True,
    )
    roles = models.ManyToManyField(
        Role, verbose_name="för rollerna", related_name="courses", blank=True
    )
    pages = models.ManyToManyField(
        Page, verbose_name="hör till sidorna", related_name="courses", blank=True
    )
    process_steps = StepsField(
        verbose_name="hör till processtegen", help_text="Visas vid stegen under ”Vem gör vad”."
    )
    is_published = models.BooleanField("visas", default=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = models.CharField("återstår att granska", max_length=400, blank=True)

    objects = CourseQuerySet.as_manager()
    history = History(
        "tidigare utbildning",
        "tidigare utbildningar",
        m2m_fields=[audiences, areas, roles, pages],
    )

    class Meta:
        verbose_name = "utbildning"
        verbose_name_plural = "utbildningar"
        ordering = ["position", "slug"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("education:course_detail", args=[self.slug])


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
        return f"{self.course.get_absolute_url()}#{self.uid}"

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


from .external_models import ExternalCalendar, ImportedEvent  # noqa: E402, F401  (a module of its own)
