"""What the guides answer from: days of a sick case, and which certificate is due.

The rules stand as rows, so that an editor can follow the law without a new release.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from .notes import review_note
from .registers import Certificate, LegalReference


class Occupation(models.TextChoices):
    """What a patient does: it decides who pays, what is tested and which certificate."""

    EMPLOYED = "anstalld", "anställd"
    SELF_EMPLOYED = "egenforetagare", "egenföretagare"
    JOB_SEEKER = "arbetssokande", "arbetssökande"
    STUDENT = "studerande", "studerande"
    PARENTAL_LEAVE = "foraldraledig", "föräldraledig"


def check_occupations(values):
    known = isinstance(values, list) and all(value in Occupation.values for value in values)
    if not known or len({*values}) < len(values):
        raise ValidationError(f"Välj bland {', '.join(Occupation.values)}, var och en en gång.")


class OccupationsField(models.JSONField):
    """The occupations that a row is about: ["anstalld", "studerande"]."""

    default_validators = [check_occupations]

    def __init__(self, **kwargs):
        kwargs.setdefault("default", list)
        super().__init__(**kwargs)

    def formfield(self, **kwargs):
        # Boxes, whatever the admin otherwise makes of lists.
        return forms.MultipleChoiceField(
            label=self.verbose_name.capitalize(),
            help_text=self.help_text,
            choices=Occupation,
            widget=forms.CheckboxSelectMultiple,
        )


class Grounds(models.Model):
    """What a guide's answer rests on, and where it is told at length."""

    law = models.ForeignKey(
        LegalReference, models.PROTECT, verbose_name="lag", null=True, blank=True, related_name="+"
    )
    law_text = models.CharField("lagstöd", max_length=160, blank=True)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    anchor = models.SlugField("avsnitt", blank=True, help_text="Rubrikens id på den sidan.")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        abstract = True


class Milestone(Grounds):
    """A day of a sick case on which something is due from somebody."""

    code = models.SlugField("kod", unique=True)
    day = models.PositiveSmallIntegerField("dag i sjukfallet")
    occupations = OccupationsField(verbose_name="gäller den som är")
    adds_periods = models.BooleanField(
        "räknar in tidigare perioder",
        default=False,
        help_text="Ja för rehabiliteringskedjans dagar (27 kap. 51 § socialförsäkringsbalken).",
    )
    title = models.CharField("det här händer", max_length=120)
    who = models.CharField("vem", max_length=120)
    text = models.TextField("vad som ska göras")

    class Meta:
        verbose_name = "hållpunkt"
        verbose_name_plural = "hållpunkter i tidslinjen"
        ordering = ["day", "position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(day__gte=1, day__lte=3650),
                name="milestone_day_is_in_a_sick_case",
                violation_error_message="Skriv en dag från 1 till 3650.",
            )
        ]

    def __str__(self):
        return f"Dag {self.day}: {self.title}"


class CertificateRule(Grounds):
    """Which certificates a recipient needs on some days of a sick case."""

    class Need(models.TextChoices):
        NEEDED = "needed", "behövs"
        ON_REQUEST = "on_request", "bara på begäran"
        NOT_YET = "not_yet", "behövs normalt inte än"
        ASK = "ask", "inget granskat svar"

    code = models.CharField("regel", max_length=6, unique=True)
    recipient = models.CharField("mottagare", max_length=12, choices=Certificate.Recipient)
    occupations = OccupationsField(verbose_name="gäller den som är")
    from_day = models.PositiveSmallIntegerField("från och med dag", default=1)
    to_day = models.PositiveSmallIntegerField(
        "till och med dag", null=True, blank=True, help_text="Tomt betyder utan slut."
    )
    need = models.CharField("intyg", max_length=12, choices=Need)
    certificates = models.ManyToManyField(
        Certificate, verbose_name="vilka intyg", related_name="rules", blank=True
    )
    answer = models.TextField("svar")
    next_step = models.TextField("gör så här")

    class Meta:
        verbose_name = "intygsregel"
        verbose_name_plural = "intygsregler"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_day__gte=1),
                name="certificate_rule_begins_on_a_day",
                violation_error_message="Första dagen är dag 1.",
            ),
            models.CheckConstraint(
                condition=models.Q(to_day=None) | models.Q(to_day__gte=models.F("from_day")),
                name="certificate_rule_ends_after_it_begins",
                violation_error_message="Sista dagen kan inte ligga före den första.",
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.get_recipient_display()}, dag {self.days}"

    @property
    def days(self):
        return f"{self.from_day}–{self.to_day}" if self.to_day else f"{self.from_day} och framåt"

    def covers(self, day: int, occupation: str) -> bool:
        ended = self.to_day is not None and day > self.to_day
        return self.from_day <= day and not ended and occupation in self.occupations
