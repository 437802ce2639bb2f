"""Who may keep a unit's page right, and when somebody last did.

A right is in force only while everything that it rests on is; that is
asked in the query, so nothing has to run the day an appointment ends.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.hsa_id import HsaIdField
from portal.editing.history import History
from portal.web.days import add_months

from ..periods import Period, PeriodQuerySet, in_force

MONTHS_BETWEEN_CHECKS = 6


def rests_on_something(on=None, of=""):
    """Whether the appointment that a right rests on, if any, gives it: of="deputy_for__".

    Somebody else in the same appointment is somebody else's right.
    """
    appointment = f"{of}appointment"
    held = Q(**{f"{appointment}__state": "held", f"{appointment}__role__manages_unit": True})
    same_person = Q(**{f"{of}user__hsa_id": None}) | Q(
        **{f"{appointment}__person__hsa_id": F(f"{of}user__hsa_id")}
    )
    here = Q(**{f"{appointment}__unit": F(f"{of}unit")})
    return Q(**{appointment: None}) | (
        in_force(on, of=f"{appointment}__") & held & same_person & here
    )


def account_is_open(of=""):
    """Whether a right's account, if it has one yet, is open: a closed one gives nothing on."""
    return Q(**{f"{of}user": None}) | Q(**{f"{of}user__is_active": True})


class UnitManagerQuerySet(PeriodQuerySet):
    def giving_right(self, on=None):
        """Rights in force on a day: their own period, their appointment's, and a deputy's
        manager's, whose account is open."""
        own = self.on(on).filter(account_is_open(), rests_on_something(on))
        manager = Q(deputy_for__kind="manager", deputy_for__unit=F("unit"))
        manager &= in_force(on, of="deputy_for__") & rests_on_something(on, of="deputy_for__")
        manager &= account_is_open(of="deputy_for__")
        return own.filter(Q(kind="manager") | manager)

    def of(self, user):
        """Rows that are an account's: by the account, or by the address or HSA-id that the
        row was written for before there was one."""
        mine = Q(user=user)
        if user.email:
            mine |= Q(user=None, email__iexact=user.email)
        if user.hsa_id:
            mine |= Q(user=None, hsa_id=user.hsa_id)
        return self.filter(mine)


class UnitManager(Period):
    """A person's right to keep a unit, and the units below it, right.

    A manager's right may rest on her appointment, a deputy's always rests on a manager's.
    Whoever has no account yet is known by address or HSA-id; the row says the same, and works
    the same, whether there is an account or not.
    """

    class Kind(models.TextChoices):
        MANAGER = "manager", "chef"
        DEPUTY = "deputy", "ersättare"

    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, verbose_name="enhet", related_name="managers"
    )
    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.MANAGER)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name="konto",
        related_name="managed_units",
        null=True,
        blank=True,
    )
    email = models.EmailField("e-postadress", blank=True)
    hsa_id = HsaIdField("HSA-id", blank=True)
    appointment = models.ForeignKey(
        "organisation.Appointment",
        models.PROTECT,
        verbose_name="vilar på uppdraget",
        related_name="managers",
        null=True,
        blank=True,
    )
    deputy_for = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name="ersätter",
        related_name="deputies",
        null=True,
        blank=True,
    )

    from_claims = models.BooleanField(
        "från regionens inloggning",
        default=False,
        editable=False,
        help_text="Följer inloggningen: försvinner när den inte längre säger så.",
    )

    objects = UnitManagerQuerySet.as_manager()
    history = History("tidigare rätt att ändra", "tidigare rätter att ändra")

    class Meta(Period.Meta):
        verbose_name = "rätt att ändra en enhet"
        verbose_name_plural = "rätter att ändra enheter"
        ordering = ["unit", "kind", "pk"]
        permissions = [
            ("view_every_unit", "Får se alla enheters rader i administrationen"),
            ("edit_every_unit", "Får ändra alla enheter"),
        ]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="unit_manager_is_one_person",
                condition=Q(user__isnull=False, email="", hsa_id="")
                | (Q(user=None, hsa_id="") & ~Q(email=""))
                | (Q(user=None, email="") & ~Q(hsa_id="")),
                violation_error_message="Ange ett konto, en e-postadress eller ett HSA-id, "
                "inte flera.",
            ),
            models.CheckConstraint(
                name="unit_manager_deputy_fits_kind",
                condition=Q(kind="manager", deputy_for=None)
                | Q(kind="deputy", deputy_for__isnull=False, appointment=None),
                violation_error_message="En ersättare har rätten från en chef; en chef har den "
                "inte från någon annan.",
            ),
        ]

    def __str__(self):
        return f"{self.who} – {self.get_kind_display()}, {self.unit}"

    @property
    def who(self):
        return str(self.user) if self.user_id else self.email or self.hsa_id

    @transaction.atomic
    def end(self, reason):
        """From today on; a right that never began is taken away."""
        today = timezone.localdate()
        self._change_reason = reason
        if self.valid_from and self.valid_from >= today:
            self.delete()
        else:
            self.valid_to = today
            self.save()

    def clean(self):
        super().clean()
        if self.deputy_for and (
            self.deputy_for.kind != self.Kind.MANAGER or self.deputy_for.unit_id != self.unit_id
        ):
            message = "Välj en chefs rätt på samma enhet."
            raise ValidationError({"deputy_for": message})
        if self.appointment and self.appointment.unit_id != self.unit_id:
            raise ValidationError({"appointment": "Uppdraget gäller en annan enhet."})
        if self.appointment and not self.appointment.role.manages_unit:
            raise ValidationError({"appointment": "Välj ett uppdrag som chef för enheten."})


class AttestationQuerySet(models.QuerySet):
    def latest_days(self, units):
        """{unit: the day it was last said to be right}"""
        rows = self.filter(unit__in=units).values_list("unit").annotate(last=models.Max("on"))
        return dict(rows.order_by())


class Attestation(models.Model):
    """Somebody who answers for a unit has looked at all of it and says that it is right."""

    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, verbose_name="enhet", related_name="attestations"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="av",
        related_name="+",
        null=True,
        blank=True,
    )
    on = models.DateField("dag", default=timezone.localdate)
    at = models.DateTimeField("tidpunkt", default=timezone.now)

    objects = AttestationQuerySet.as_manager()

    class Meta:
        verbose_name = "kontroll av en enhet"
        verbose_name_plural = "kontroller av enheter"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["unit", "-on"], name="attestation_of_unit")]

    def __str__(self):
        return f"{self.unit}, {self.on}"


def next_check(day):
    """When a unit that was right on a day is to be looked at again."""
    return day and add_months(day, MONTHS_BETWEEN_CHECKS)
