"""Links to process steps from rooms that may know guidance.

A step is a row of each version of its page; what it is stays the same in its uuid. So a link
holds uuids, and leads to the step as it stands in the version of today.
"""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from .models import ProcessStep
from .models.pages import is_live


def check_identities(values):
    try:
        known = isinstance(values, list) and all(str(uuid.UUID(each)) == each for each in values)
    except (ValueError, TypeError, AttributeError):
        known = False
    if not known or len({*values}) < len(values):
        raise ValidationError("Välj steg i listan, vart och ett en gång.")


def step_choices():
    """[("Sjukskrivningsprocessen", [(uuid, "6 Utfärda intyg"), …])] of what readers see."""
    steps = ProcessStep.objects.filter(is_live("version"))
    rows = steps.order_by("version__page__nav_title", "version__page", "position").values_list(
        "version__page__nav_title", "uuid", "title"
    )
    groups = {}
    for page, identity, title in rows:
        group = groups.setdefault(page, [])
        group.append((str(identity), f"{len(group) + 1} {title}"))
    return list(groups.items())


class StepsField(models.JSONField):
    """The identities of some steps. In a pack they are `page#anchor`, as links in texts are."""

    default_validators = [check_identities]

    def __init__(self, **kwargs):
        super().__init__(**{"default": list, "blank": True, **kwargs})

    def formfield(self, **kwargs):
        return forms.MultipleChoiceField(
            label=self.verbose_name.capitalize(),
            help_text=self.help_text,
            choices=step_choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def to_pack(self, values):
        newest = {}
        steps = ProcessStep.objects.filter(uuid__in=values).order_by("version__number")
        for identity, slug, anchor in steps.values_list("uuid", "version__page__slug", "anchor"):
            newest[identity] = f"{slug}#{anchor}"
        return sorted(newest.values())

    def from_pack(self, keys):
        """Raises LookupError for a key that leads to no step."""
        return [self._identity(key) for key in keys]

    def _identity(self, key):
        slug, _, anchor = str(key).partition("#")
        steps = ProcessStep.objects.filter(version__page__slug=slug, anchor=anchor)
        found = steps.order_by("-version__number").values_list("uuid", flat=True).first()
        if found is None:
            raise LookupError(key)
        return str(found)
