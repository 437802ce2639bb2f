"""The steps of a process."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models

from organisation.models import Role

from .documents import Document
from .pages import PageVersion
from .registers import Certificate, LegalReference

# The rows that a step names: its ready-made text quotes them, and a copy takes them along.
QUOTED_BY_STEPS = ("responsible", "informed", "certificates", "laws", "documents")
LAST_DAY = 3650
DAYS_ADVICE = "Skriv dagar som tal från 1 till 3650 med kommatecken emellan, till exempel 8, 15."


def check_days(days):
    known = isinstance(days, list) and all(
        type(day) is int and 1 <= day <= LAST_DAY for day in days
    )
    if not known or days != sorted({*days}):
        raise ValidationError("Skriv dagar från 1 till 3650, i ordning och var och en en gång.")


class ProcessStep(models.Model):
    """A step of a process guideline. It belongs to a version and is copied with it;
    `uuid` and `anchor` stay the same from version to version."""

    edited_through = "version__page"

    version = models.ForeignKey(
        PageVersion, models.CASCADE, verbose_name="sidversion", related_name="steps"
    )
    uuid = models.UUIDField("identitet", default=uuid.uuid4, editable=False)
    anchor = models.SlugField("ankare")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    title = models.CharField("rubrik", max_length=120)
    text = models.TextField("text")
    responsible = models.ManyToManyField(
        Role, verbose_name="ansvarig", related_name="responsible_steps", blank=True
    )
    informed = models.ManyToManyField(
        Role, verbose_name="informeras", related_name="informed_steps", blank=True
    )
    when = models.CharField("när", max_length=200, blank=True)
    days = models.JSONField(
        "dagar i sjukperioden",
        default=list,
        blank=True,
        validators=[check_days],
        help_text="Dagar då steget ska göras eller vara gjort, till exempel 8, 15.",
    )
    documented = models.CharField("dokumenteras", max_length=200, blank=True)
    laws = models.ManyToManyField(
        LegalReference, verbose_name="lagrum", related_name="steps", blank=True
    )
    documents = models.ManyToManyField(
        Document, verbose_name="dokument", related_name="steps", blank=True
    )
    certificates = models.ManyToManyField(
        Certificate, verbose_name="intyg", related_name="steps", blank=True
    )
    kva = models.JSONField("KVÅ-koder", default=list, blank=True)

    class Meta:
        verbose_name = "processteg"
        verbose_name_plural = "processteg"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "anchor"],
                name="process_step_anchor_is_unique",
                violation_error_message="Två steg kan inte ha samma ankare.",
            )
        ]

    def __str__(self):
        return self.title
