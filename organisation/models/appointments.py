"""Who: persons, and their appointments to roles at units during periods.

Readers meet rows only through `Appointment.objects.public()`, which leaves out the name of
a person with protected personal data, and a name whose time is over.
"""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.query import ModelIterable
from django.utils import timezone
from django.utils.formats import date_format

from organisation.mail_addresses import is_own_address
from organisation.periods import Period, PeriodQuerySet, in_force, overlapping
from portal.accounts.hsa_id import HsaIdField
from portal.editing.history import History

from .roles import Role
from .units import Unit

# What stands where a name has stood.
PURGED_NAME = "Namnet är gallrat"


def names_kept_since(today: date | None = None) -> date:
    """Appointments that ended on this day or before have been without a name long enough."""
    return (today or timezone.localdate()) - timedelta(days=settings.NAME_DAYS)


class Person(models.Model):
    hsa_id = HsaIdField(
        "HSA-id",
        unique=True,
        error_messages={
            "unique": "Personen finns redan. En person med flera uppdrag är en enda rad: sök på "
            "HSA-id och ge den personen uppdraget."
        },
    )
    name = models.CharField("namn", max_length=120)
    title = models.CharField("yrkestitel", max_length=120, blank=True)
    email = models.EmailField("e-postadress", blank=True)
    protected = models.BooleanField("skyddade personuppgifter", default=False)

    history = History("tidigare person", "tidigare personer")

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "personer"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def namesakes(self):
        """Others with the same name and title, who may be the same person twice."""
        same = Person.objects.filter(name__iexact=self.name, title__iexact=self.title)
        return same.exclude(pk=self.pk)


class ForReaders(ModelIterable):
    """Rows as readers may see them, however they are asked for."""

    def __iter__(self):
        kept_since = names_kept_since()
        for row in super().__iter__():
            row.hide_what_readers_may_not_see(kept_since)
            yield row


class AppointmentQuerySet(PeriodQuerySet):
    def in_office(self, on=None):
        """Appointments in force on a day at units that exist then, with names and units."""
        return (
            self.on(on)
            .filter(in_force(on, of="unit__"))
            .select_related("role", "person", "unit", "shared_with")
            .order_by(
                "role__position", "acting", models.F("person__name").asc(nulls_first=True), "pk"
            )
        )

    def public(self, on=None):
        """Those in office, without names that readers may not see."""
        return self.in_office(on)._for_readers()

    def public_after(self, on=None):
        """Those that are decided and begin after a day (default today), the first one first, at
        units that exist then; without names that readers may not see."""
        begins = models.F("valid_from")
        rows = self.filter(in_force(begins, of="unit__"), valid_from__gt=on or timezone.localdate())
        rows = rows.select_related("role", "person", "unit", "shared_with")
        return rows.order_by("valid_from", "acting", "pk")._for_readers()

    def without_successor(self):
        """Rows of a role that nobody is known to begin in, at their unit."""
        seats = self.model.objects.filter(
            in_force(models.F("valid_from"), of="unit__"),
            unit=models.OuterRef("unit"),
            role=models.OuterRef("role"),
            acting=False,
            valid_from__gt=timezone.localdate(),
        )
        return self.exclude(models.Exists(seats.exclude(state=self.model.State.VACANT)))

    def _for_readers(self):
        rows = self.all()
        rows._iterable_class = ForReaders
        return rows

    def named_to_readers(self):
        """Rows whose holder readers may see the name of."""
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gt=names_kept_since()),
            state=Appointment.State.HELD,
            person__protected=False,
        )

    def out_of_time(self):
        """Rows whose name is to go: they ended longer ago than names are kept."""
        return self.filter(person__isnull=False, valid_to__lte=names_kept_since())

    def in_the_seat(self, row):
        """Other rows that say who has a seat during some part of a row's period."""
        return self.filter(
            overlapping(row.valid_from, row.valid_to),
            unit=row.unit_id,
            role=row.role_id,
            acting=False,
        ).exclude(pk=row.pk)


class Appointment(Period):
    """Who answers for a role at a unit during a period, or that nobody does.

    No row at all means that the unit has not said anything ("inte registrerad").
    A stand-in during a vacancy is a row of its own with `acting` set.

    A role with a single seat has one row at a time that is not acting, whatever its state: a
    vacancy beside a holder would contradict it. The database holds it (organisation.seats).
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
    name_purged_on = models.DateField("namnet gallrat", null=True, editable=False)

    # Set on a row that readers' eyes were thought of for; such a row is not saved.
    hides_name = False

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
                condition=Q(state="held", person__isnull=False, name_purged_on=None)
                | Q(state="held", person=None, name_purged_on__isnull=False)
                | (~Q(state="held") & Q(person=None, name_purged_on=None)),
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
        return f"{self.role} – {self.holder or self.get_state_display()}, {self.unit}"

    def save(self, *args, **kwargs):
        if self.hides_name:
            raise RuntimeError("En rad ur public() saknar det som läsare inte får se.")
        super().save(*args, **kwargs)

    @property
    def holder(self):
        """The holder's name, what stands in its place, or "" where nobody is named."""
        if self.person_id:
            return self.person.name
        return PURGED_NAME if self.name_purged_on else ""

    @property
    def function_mailbox(self):
        """What stays when the holder leaves: the function's mailbox, not an address of her own."""
        if not self.person_id:
            return self.email
        own = self.email.casefold() == self.person.email.casefold()
        return "" if own or is_own_address(self.email, self.person.name) else self.email

    def hide_what_readers_may_not_see(self, kept_since):
        """A protected person's row is the function's, as if it had no name; one whose name is
        out of time says that it was purged, also before the command has been run."""
        if not self.person_id:
            return
        if self.person.protected:
            if is_own_address(self.email, self.person.name):
                self.email = ""
            self.state, self.phone, self.phone_hours, self.note = self.State.FUNCTION, "", "", ""
        elif self.valid_to and self.valid_to <= kept_since:
            self.name_purged_on = self.valid_to
        else:
            return
        self.person = None
        self.hides_name = True

    def clean(self):
        super().clean()
        if self.person_id or self.state != self.State.HELD:
            self.name_purged_on = None  # somebody has written the row anew
        alone = self.unit_id and self.role_id and not self.acting and self.role.single_seat
        if alone and (other := self.who_has_the_seat()):
            raise ValidationError(self.seat_taken_by(other), code="seat_taken")

    def who_has_the_seat(self):
        rows = Appointment.objects.in_the_seat(self).select_related("person")
        return rows.order_by(models.F("valid_from").asc(nulls_first=True), "pk").first()

    def seat_taken_by(self, other):
        """What to do about the row that stands in the way of this one."""
        if other.state == self.State.VACANT:
            cure = "Öppna vakansen och välj ”Tillsätt”, så avslutas den samtidigt."
        else:
            cure = "Avsluta det uppdraget först eller välj en annan period."
        who = other.holder or other.get_state_display()
        return (
            f"{self.role} kan bara ha en innehavare åt gången på {self.unit}. "
            f"Redan registrerat: {who}, {other.period_in_words}. {cure}"
        )

    @property
    def period_in_words(self):
        """ "från och med 1 mars 2026 till och med 4 maj 2026", "tills vidare"."""
        first = self.valid_from and f"från och med {date_format(self.valid_from, 'j F Y')}"
        last = self.last_day and f"till och med {date_format(self.last_day, 'j F Y')}"
        return " ".join(filter(None, [first, last])) or "tills vidare"
