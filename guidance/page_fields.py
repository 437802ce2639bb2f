"""Fields and widgets of the admin's forms for a page."""

import re

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from .models.steps import DAYS_ADVICE


class CodesField(forms.CharField):
    """A list of codes with commas between: DV077, GB010."""

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value):
        return [code for code in re.split(r"[\s,;]+", super().clean(value)) if code]


class DaysField(CodesField):
    """Days of a sick case with commas between, in order: 8, 15."""

    def clean(self, value):
        days = [re.sub(r"(?i)^dag", "", day) for day in super().clean(value)]
        if not all(re.fullmatch(r"[1-9]\d{0,3}", day, re.A) for day in filter(None, days)):
            raise forms.ValidationError(DAYS_ADVICE)
        return sorted({int(day) for day in days if day})


class ShortText(forms.Textarea):
    """A sentence or two, all of it seen."""

    def __init__(self):
        super().__init__(attrs={"rows": 3})


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """One field with a label of its own, which Django's split one lacks."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class ChosenFirst(forms.CheckboxSelectMultiple):
    """Boxes to tick, those that are ticked first: a list where one slip of the hand takes
    away all that was chosen, as in a browser's own, is no list for editors."""

    def render(self, name, value, attrs=None, renderer=None):
        # In one piece: with a template a box, a page with eleven steps takes a second.
        chosen = set(self.format_value(value))
        rows = [(str(key), label, str(key) in chosen) for key, label in self.choices]
        rows.sort(key=lambda row: not row[2])
        html_id = (attrs or {}).get("id", name)
        boxes = format_html_join(
            "\n",
            '<label><input type="checkbox" name="{}" value="{}" id="{}_{}"{}> {}</label>',
            (
                (name, key, html_id, at, mark_safe(" checked") if on else "", label)
                for at, (key, label, on) in enumerate(rows)
            ),
        )
        return format_html('<div id="{}">{}</div>', html_id, boxes)
