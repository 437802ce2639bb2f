"""Whose site it is and how it looks, edited in the admin; and what disturbs it today."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .svg import SvgRefused, read_svg

# The room of a logo in the page header, in CSS pixels.
LOGO_HEIGHT, LOGO_WIDTH = 40, 160


@dataclass(frozen=True)
class Logo:
    """A logo as a page shows it: where it is and how large."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Message:
    text: str
    is_warning: bool


class SiteSettingsQuerySet(models.QuerySet):
    def current(self):
        """The settings and the messages of this moment, in one query.

        Before anything has been saved: a row of its own that says what the environment says.
        """
        now = timezone.now()
        shown = Q(service_messages__starts_at__lte=now, service_messages__ends_at__gt=now)
        rows = [
            *self.annotate(shown=FilteredRelation("service_messages", condition=shown))
            .annotate(message_text=F("shown__text"), message_kind=F("shown__kind"))
            .defer("logo", "logo_dark")
            .order_by("shown__starts_at", "shown__pk")
        ]
        current = rows[0] if rows else SiteSettings()
        current.messages = [
            Message(row.message_text, row.message_kind == ServiceMessage.Kind.WARNING)
            for row in rows
            if row.message_text
        ]
        return current


class SiteSettings(models.Model):
    """One row. Where its name or hue is empty, the environment's counts."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    region_name = models.CharField("regionens namn", max_length=60, blank=True)
    hue = models.PositiveSmallIntegerField(
        "färg", null=True, blank=True, validators=[MaxValueValidator(359)]
    )
    logo = models.TextField("logotyp", blank=True)
    logo_dark = models.TextField("logotyp för mörkt läge", blank=True)
    # Told from the logos by clean(), so that pages need not read them.
    logo_code = models.CharField(max_length=16, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_dark_code = models.CharField(max_length=16, blank=True, editable=False)
    logo_dark_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_dark_height = models.PositiveSmallIntegerField(default=0, editable=False)
    contact_name = models.CharField("namn eller funktion", max_length=100, blank=True)
    contact_email = models.EmailField("e-postadress", blank=True)
    contact_phone = models.CharField("telefon", max_length=40, blank=True)
    noindex = models.BooleanField("visa inte webbplatsen i sökmotorer", default=False)

    history = HistoricalRecords("tidigare inställning", "tidigare inställningar")
    objects = SiteSettingsQuerySet.as_manager()

    # Filled in by current().
    messages = ()

    class Meta:
        verbose_name = "webbplatsens inställningar"
        verbose_name_plural = "webbplatsens inställningar"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="site_settings_are_one_row")]

    def __str__(self):
        return "Webbplatsens inställningar"

    def clean(self):
        if self._state.adding and SiteSettings.objects.exists():
            raise ValidationError("Inställningarna finns redan. Ändra dem i stället.")
        if self.logo_dark and not self.logo:
            raise ValidationError(
                {"logo_dark": "Ladda upp den vanliga logotypen också; den visas i ljust läge."}
            )
        for name in ("logo", "logo_dark"):
            self._measure(name)

    def _measure(self, name):
        code, width, height = "", 0, 0
        if text := getattr(self, name):
            try:
                svg = read_svg(text.encode("utf-8", "surrogatepass"))
            except SvgRefused as fault:
                raise ValidationError({name: str(fault)}) from None
            setattr(self, name, svg.text)
            code = hashlib.sha256(svg.text.encode()).hexdigest()[:16]
            height = min(LOGO_HEIGHT, LOGO_WIDTH / svg.ratio)
            width = height * svg.ratio
        setattr(self, f"{name}_code", code)
        setattr(self, f"{name}_width", round(width))
        setattr(self, f"{name}_height", round(height))

    @property
    def name(self):
        return self.region_name or settings.REGION_NAME

    @property
    def theme_hue(self):
        return settings.REGION_HUE if self.hue is None else self.hue

    @property
    def has_contact(self):
        return bool(self.contact_name or self.contact_email or self.contact_phone)

    @property
    def light_logo(self):
        return self._shown_logo("logo")

    @property
    def dark_logo(self):
        return self._shown_logo("logo_dark")

    def _shown_logo(self, name):
        if not (code := getattr(self, f"{name}_code")):
            return None
        sides = (getattr(self, f"{name}_{side}") for side in ("width", "height"))
        return Logo(reverse("logo", args=[code]), *sides)


class ServiceMessage(models.Model):
    """What disturbs the site or what it describes, shown on every page for a while."""

    class Kind(models.TextChoices):
        INFORMATION = "information", "information"
        WARNING = "warning", "varning"

    # Only the settings' one row has messages; it is what lets one query read both.
    site = models.ForeignKey(
        SiteSettings, models.PROTECT, related_name="service_messages", editable=False
    )
    text = models.CharField("text", max_length=300)
    kind = models.CharField("slag", max_length=20, choices=Kind, default=Kind.INFORMATION)
    starts_at = models.DateTimeField("visas från")
    ends_at = models.DateTimeField("visas till")

    class Meta:
        verbose_name = "driftinformation"
        verbose_name_plural = "driftinformation"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="service_message_ends_after_it_starts",
                violation_error_message="Driftinformationen måste sluta efter att den börjar.",
            )
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def state(self):
        now = timezone.now()
        if now < self.starts_at:
            return "planerad"
        return "visas nu" if now < self.ends_at else "har visats"
