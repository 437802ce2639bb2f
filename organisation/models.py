"""Who and where: units, roles, what a role answers for, and who holds it."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.hsa_id import HsaIdField, normal_hsa_id
from portal.web.history import History

from .intake_models import FileImport, Listing  # noqa: F401  (the app's models stand here)
from .periods import Period, PeriodQuerySet, in_force


class Profession(models.Model):
    EVERYONE = "alla"  # the code of the row that means all staff

    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=80)
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "yrkesgrupp"
        verbose_name_plural = "yrkesgrupper"
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class Level(models.TextChoices):
    NATIONAL = "national", "nationell nivå"
    HEALTHCARE_REGION = "healthcare_region", "sjukvårdsregion"
    REGION = "region", "region"
    ADMINISTRATION = "administration", "förvaltning"
    CAREGIVER = "caregiver", "vårdgivare"
    UNIT = "unit", "enhet"


class UnitKind(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=80)
    level = models.CharField("nivå", max_length=20, choices=Level, default=Level.UNIT)
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "enhetstyp"
        verbose_name_plural = "enhetstyper"
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class Ownership(models.TextChoices):
    PUBLIC = "public", "offentlig"
    PRIVATE = "private", "privat"


class UnitQuerySet(PeriodQuerySet):
    def public(self, on=None):
        """Care units and staff units that exist on a day (default today)."""
        return self.on(on).filter(kind__level=Level.UNIT)

    def with_page(self):
        """Everything that has a page of its own; a closed unit keeps its address."""
        return self.filter(kind__level=Level.UNIT)

    def opened(self, on=None):
        """Those with a page whose first day has come."""
        started = Q(valid_from=None) | Q(valid_from__lte=on or timezone.localdate())
        return self.with_page().filter(started)

    def without_named(self, role_code, on=None):
        """Units where nobody by name holds a role on a day (a stand-in does not count)."""
        named = Appointment.objects.on(on).filter(
            unit=OuterRef("pk"),
            role__code=role_code,
            state=Appointment.State.HELD,
            acting=False,
        )
        return self.filter(~Exists(named))

    def matching(self, text):
        """Units whose name, town or HSA-id contains every word of a text.

        By iregex, because SQLite's icontains takes Ö and ö for different letters.
        """
        units = self
        for word in text.split():
            pattern = re.escape(word)
            units = units.filter(
                Q(name__iregex=pattern)
                | Q(town__iregex=pattern)
                | Q(hsa_id__icontains=normal_hsa_id(word))
            )
        return units


class Unit(Period):
    hsa_id = HsaIdField(
        "HSA-id",
        unique=True,
        help_text="Nivåer som inte finns i HSA får ett eget id, till exempel NATIONELL.",
    )
    name = models.CharField("namn", max_length=120)
    kind = models.ForeignKey(UnitKind, models.PROTECT, verbose_name="enhetstyp")
    ownership = models.CharField(
        "driftform", max_length=10, choices=Ownership, default=Ownership.PUBLIC
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="tillhör",
        related_name="children",
        null=True,
        blank=True,
    )
    caregiver = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="vårdgivare",
        related_name="run_units",
        null=True,
        blank=True,
    )
    town = models.CharField("ort", max_length=60, blank=True)
    address = models.CharField("besöksadress", max_length=120, blank=True)
    phone = models.CharField("telefon", max_length=30, blank=True)
    email = models.EmailField("funktionsbrevlåda", blank=True)
    listed_patients = models.PositiveIntegerField(
        "listade i arbetsför ålder", null=True, blank=True
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="ersatt av",
        related_name="predecessors",
        null=True,
        blank=True,
    )
    from_catalogue = models.BooleanField("kommer ur enhetskatalogen", default=False)

    objects = UnitQuerySet.as_manager()
    history = History("tidigare enhet", "tidigare enheter")

    class Meta(Period.Meta):
        verbose_name = "enhet"
        verbose_name_plural = "enheter"
        ordering = ["name", "hsa_id"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("organisation:unit_detail", args=[self.hsa_id])

    def clean(self):
        super().clean()
        ancestor = self.parent
        while ancestor is not None:
            if ancestor.pk == self.pk:
                raise ValidationError({"parent": "En enhet kan inte ligga under sig själv."})
            ancestor = ancestor.parent


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
        return reverse("organisation:role_detail", args=[self.code])


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


class Person(models.Model):
    hsa_id = HsaIdField("HSA-id", unique=True)
    name = models.CharField("namn", max_length=120)
    title = models.CharField("yrkestitel", max_length=120, blank=True)
    email = models.EmailField("e-postadress", blank=True)

    history = History("tidigare person", "tidigare personer")

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "personer"
        ordering = ["name"]

    def __str__(self):
        return self.name


class AppointmentQuerySet(PeriodQuerySet):
    def public(self, on=None):
        """Appointments in force on a day at units that exist then, with names and units."""
        return (
            self.on(on)
            .filter(in_force(on, of="unit__"))
            .select_related("role", "person", "unit", "shared_with")
            .order_by(
                "role__position", "acting", models.F("person__name").asc(nulls_first=True), "pk"
            )
        )


class Appointment(Period):
    """Who answers for a role at a unit during a period, or that nobody does.

    No row at all means that the unit has not said anything ("inte registrerad").
    A stand-in during a vacancy is a row of its own with `acting` set.
    """

    class State(models.TextChoices):
        HELD = "held", "har innehavare"
        FUNCTION = "function", "funktion utan namn"
        SHARED = "shared", "delas med annan enhet"
        VACANT = "vacant", "vakant"
        NOT_APPLICABLE = "not_applicable", "ej aktuell"

    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="enhet", related_name="appointments"
    )
    role = models.ForeignKey(Role, models.PROTECT, verbose_name="roll", related_name="appointments")
    state = models.CharField("läge", max_length=15, choices=State, default=State.HELD)
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        verbose_name="person",
        related_name="appointments",
        null=True,
        blank=True,
    )
    shared_with = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="delas med",
        related_name="lent_appointments",
        null=True,
        blank=True,
    )
    acting = models.BooleanField("tillförordnad", default=False)
    email = models.EmailField("funktionsbrevlåda", blank=True)
    phone = models.CharField("telefon", max_length=30, blank=True)
    phone_hours = models.CharField("telefontid", max_length=80, blank=True)
    confirmed_on = models.DateField("uppgifterna kontrollerade", null=True, blank=True)
    note = models.CharField("anmärkning", max_length=200, blank=True)

    objects = AppointmentQuerySet.as_manager()
    history = History("tidigare uppdrag", "tidigare uppdrag")

    class Meta(Period.Meta):
        verbose_name = "uppdrag"
        verbose_name_plural = "uppdrag"
        ordering = ["unit", "role"]
        indexes = [models.Index(fields=["role", "unit"])]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="appointment_person_fits_state",
                condition=Q(state="held", person__isnull=False)
                | (~Q(state="held") & Q(person=None)),
                violation_error_message="Ange person när rollen har en innehavare, annars ingen.",
            ),
            models.CheckConstraint(
                name="appointment_shared_fits_state",
                condition=Q(state="shared", shared_with__isnull=False)
                | (~Q(state="shared") & Q(shared_with=None)),
                violation_error_message="Ange vilken enhet rollen delas med när den delas.",
            ),
        ]

    def __str__(self):
        return f"{self.role} – {self.person or self.get_state_display()}, {self.unit}"


class Forum(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    level = models.CharField("nivå", max_length=10, choices=RoleLevel)
    purpose = models.TextField("syfte")
    meets = models.CharField("möts", max_length=120, blank=True)
    members = models.JSONField("deltagare", default=list, blank=True)
    members_as_of = models.CharField("deltagare enligt uppgift från", max_length=60, blank=True)
    review_note = models.CharField("återstår att granska", max_length=400, blank=True)

    class Meta:
        verbose_name = "forum"
        verbose_name_plural = "forum"
        ordering = ["code"]

    def __str__(self):
        return self.name
