"""Who: persons, and their appointments to roles at units during periods."""

from django.db import models
from django.db.models import Q

from organisation.periods import Period, PeriodQuerySet, in_force
from portal.accounts.hsa_id import HsaIdField
from portal.web.history import History

from .roles import Role
from .units import Unit


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
