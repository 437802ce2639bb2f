"""What can be learned: courses, their areas and who arranges them."""

from django.db import models

from guidance.models import Page
from guidance.step_links import StepsField
from organisation.models import Profession, Role
from portal.editing.history import History
from portal.web.addresses import address_of


class CompetenceArea(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    description = models.TextField("beskrivning", blank=True)
    needed_by = models.ManyToManyField(
        Profession, verbose_name="behövs av", related_name="needed_areas", blank=True
    )
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
        return address_of("education:course_detail", self.slug)

    def get_occasion_url(self, uid):
        """The course's page where it lists an occasion, whichever of its pages that is by then."""
        return f"{self.get_absolute_url()}?tillfalle={uid}#{uid}"

    @property
    def next_open_url(self):
        """Of the occasion that `nearby.with_next_open` has found."""
        return self.next_uid and self.get_occasion_url(self.next_uid)
