"""Roles, what a role answers for, and the forums where roles meet."""

from django.core.exceptions import ValidationError
from django.db import models

from organisation import seats
from portal.caching.parts import kept
from portal.editing.history import History
from portal.web.addresses import address_of

from .units import Unit, UnitKind


class RoleLevel(models.TextChoices):
    NATIONAL = "national", "nationell"
    REGIONAL = "regional", "regional"
    UNIT = "unit", "på enheten"
    PATIENT = "patient", "patienten"


class Role(models.Model):
    code = models.SlugField("kod", unique=True)
    title = models.CharField("benämning", max_length=120)
    level = models.CharField("nivå", max_length=10, choices=RoleLevel)
    mandate = models.CharField(
        "uppdrag i en mening", max_length=300, help_text="Visas överst på rollens sida."
    )
    time_and_competence = models.TextField("tid och kompetens", blank=True)
    required_kinds = models.ManyToManyField(
        UnitKind, verbose_name="ska finnas på", related_name="required_roles", blank=True
    )
    single_seat = models.BooleanField("en innehavare i taget", default=False)
    manages_unit = models.BooleanField("chef för enheten", default=False)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = models.CharField("återstår att granska", max_length=400, blank=True)

    history = History("tidigare roll", "tidigare roller", m2m_fields=[required_kinds])

    class Meta:
        verbose_name = "roll"
        verbose_name_plural = "roller"
        ordering = ["position", "code"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address_of("organisation:role_detail", self.code)

    def kinds_that_must_have_it(self):
        """Their pks."""
        links = Role.required_kinds.through.objects.filter(role=self)
        return kept("required kinds", self.pk, lambda: {*links.values_list("unitkind", flat=True)})

    def clean(self):
        super().clean()
        if self.single_seat and self.pk:
            doubled = seats.doubled(self.pk)
            if doubled:
                raise ValidationError({"single_seat": seats.told(doubled)})


class Responsibility(models.Model):
    class Kind(models.TextChoices):
        OWN = "own", "rollens eget ansvar"
        OTHERS = "others", "någon annans ansvar"

    role = models.ForeignKey(
        Role, models.CASCADE, verbose_name="roll", related_name="responsibilities"
    )
    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.OWN)
    text = models.CharField("ansvar", max_length=400)
    position = models.PositiveSmallIntegerField("ordning", default=0)

    history = History("tidigare ansvar", "tidigare ansvar")

    class Meta:
        verbose_name = "ansvar"
        verbose_name_plural = "ansvar"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text


class Forum(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    level = models.CharField("nivå", max_length=10, choices=RoleLevel)
    purpose = models.TextField("syfte")
    meets = models.CharField("möts", max_length=120, blank=True)
    member_roles = models.ManyToManyField(
        Role, verbose_name="roller som deltar", related_name="forums", blank=True
    )
    member_units = models.ManyToManyField(
        Unit, verbose_name="enheter som deltar", related_name="forums", blank=True
    )
    members = models.JSONField("andra deltagare", default=list, blank=True)
    members_as_of = models.CharField("deltagare enligt uppgift från", max_length=60, blank=True)
    review_note = models.CharField("återstår att granska", max_length=400, blank=True)

    class Meta:
        verbose_name = "forum"
        verbose_name_plural = "forum"
        ordering = ["code"]

    def __str__(self):
        return self.name
