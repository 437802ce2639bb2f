"""Where: units in a tree, their kinds and levels, and the professions that work there."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from organisation.periods import Period, PeriodQuerySet
from portal.accounts.hsa_id import HsaIdField, normal_hsa_id
from portal.editing.history import History
from portal.web.addresses import address_of


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
        from .appointments import Appointment  # which stands on units

        named = Appointment.objects.on(on).filter(
            unit=OuterRef("pk"),
            role__code=role_code,
            state=Appointment.State.HELD,
            acting=False,
            person__protected=False,  # shown as a function without name, and found as one
        )
        return self.filter(~Exists(named))

    def editable_by(self, user, on=None):
        """Units that somebody may edit on a day; see organisation.scope."""
        from organisation.scope import editable_ids

        ids = editable_ids(user, on)
        return self if ids is None else self.filter(pk__in=ids)

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
        return address_of("organisation:unit_detail", self.hsa_id)

    def clean(self):
        super().clean()
        ancestor = self.parent
        while ancestor is not None:
            if ancestor.pk == self.pk:
                raise ValidationError({"parent": "En enhet kan inte ligga under sig själv."})
            ancestor = ancestor.parent
