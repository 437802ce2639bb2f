"""The admin's forms for a page: its lasting part, a draft's texts, the steps."""

import json

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils import timezone
from django.utils.text import slugify

from portal.richtext.editor import TextField
from portal.web.forms import LinesField

from .actions import NOTE_FOR_MAJOR
from .models import QUOTED_BY_STEPS, SLUG_ADVICE, Page, PageVersion, ProcessStep
from .page_contents import LASTING, STEP, TEXTS, plain
from .page_fields import (
    ChosenFirst,
    CodesField,
    DayInput,
    DaysField,
    MomentInput,
    ShortText,
)


class Grouped:
    """A form whose fields stand in groups, in the order one works."""

    groups = {}

    def grouped(self):
        """[("Läsare", [bound field, …])]"""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in self.groups.items()
        ]


class PageForm(Grouped, forms.ModelForm):
    groups = {
        "Menyn": ("slug", "parent", "nav_title", "position", "kind", "purpose"),
        "Läsare": ("audiences", "first_for"),
        "Ansvar": ("owner", "reviewed_on", "review_interval_months"),
        "Lista ur ett register": ("register", "register_anchor"),
    }

    class Meta:
        model = Page
        fields = LASTING
        widgets = {
            "audiences": forms.CheckboxSelectMultiple,
            "first_for": forms.CheckboxSelectMultiple,
            "reviewed_on": DayInput,
            "purpose": forms.Textarea(attrs={"rows": 2}),
        }


class NewPageForm(PageForm):
    class Meta(PageForm.Meta):
        fields = ("slug", "parent", *LASTING)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Page.objects.filter(parent=None)
        slug = self.fields["slug"]
        slug.help_text = "Sista delen av adressen, till exempel lakarintyg-dag-8."
        slug.error_messages["invalid"] = SLUG_ADVICE


class VersionForm(Grouped, forms.ModelForm):
    groups = {
        "Text": ("title", "lead", "brief", "body"),
        "Underlag": ("laws", "documents"),
        "Om ändringen": ("change_note", "is_major", "review_note", "expire_at"),
    }
    brief = LinesField(
        label="I korthet",
        required=False,
        help_text="Tre till fem korta punkter.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    body = TextField(
        label="Text",
        help_text="Markera några ord och välj Länk för att länka till en sida eller adress.",
    )

    class Meta:
        model = PageVersion
        fields = TEXTS
        widgets = {
            "lead": ShortText,
            "review_note": ShortText,
            "expire_at": MomentInput,
            "laws": ChosenFirst,
            "documents": ChosenFirst,
        }
        help_texts = {
            "change_note": "Läsaren ser det i sidans historik, och i Aktuellt om ändringen är "
            "större.",
            "is_major": "Det som står på sidan är nytt eller annorlunda i sak. Ändringen berättas "
            "i Aktuellt och dess flöden, och avsnitt som är nya eller ändrade märks i tolv "
            "månader. En rättad stavning är ingen större ändring.",
        }

    def clean(self):
        values = super().clean()
        if values.get("is_major") and not values.get("change_note", "").strip():
            self.add_error("change_note", NOTE_FOR_MAJOR)
        return values


class StepForm(forms.ModelForm):
    field_order = (
        "title", "when", "days", "text", "responsible", "informed", "documented", "certificates",
        "kva", "laws", "documents", "anchor", "position",
    )  # fmt: skip
    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    anchor = forms.SlugField(
        label="Ankare",
        required=False,
        help_text="Länkar hit slutar på #ankaret. Tomt: görs av rubriken.",
    )
    text = TextField(label="Text", required=True)
    days = DaysField(
        label="Dagar i sjukperioden",
        required=False,
        help_text="Då steget ska göras eller vara gjort, till exempel 8, 15.",
    )
    kva = CodesField(label="KVÅ-koder", required=False, help_text="Med kommatecken emellan.")

    class Meta:
        model = ProcessStep
        fields = [name for name in STEP if name != "uuid"]
        widgets = dict.fromkeys(QUOTED_BY_STEPS, ChosenFirst)

    def __init__(self, *args, choices=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name, rows in (choices or {}).items():
            # Fetched once for all steps, not once a step.
            self.fields[name].choices = rows

    def clean(self):
        values = super().clean()
        if not values.get("anchor") and values.get("title"):
            values["anchor"] = slugify(values["title"])[:50] or "steg"
        return values


class StepFormSet(BaseFormSet):
    def clean(self):
        anchors = set()
        for form in self.kept_forms():
            anchor = form.cleaned_data["anchor"]
            if anchor in anchors:
                form.add_error("anchor", "Två steg kan inte ha samma ankare.")
            anchors.add(anchor)

    def kept_forms(self):
        return [
            form
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("title") and form not in self.deleted_forms
        ]


Steps = forms.formset_factory(
    StepForm, formset=StepFormSet, extra=0, can_delete=True, max_num=60, absolute_max=60
)


class PageForms:
    """The three forms of a page as one, and what they say as plain data."""

    def __init__(self, page, content, data=None):
        self.page, self.content = page, content
        if data is None:
            # JSON's dates and keys are what Django's fields read.
            lasting, texts, steps = content["lasting"], content["texts"], content["steps"]
        else:
            lasting, texts, steps = {}, {}, []
        form_class = PageForm if page.pk else NewPageForm
        self.lasting = form_class(data, instance=Page(pk=page.pk, slug=page.slug), initial=lasting)
        if page.pk:
            self.lasting.instance.parent_id = page.parent_id
        self.texts = VersionForm(data, prefix="text", initial=_moments(texts))
        self.steps = Steps(
            data, prefix="steg", initial=steps, form_kwargs={"choices": _step_choices()}
        )

    @property
    def media(self):
        return self.lasting.media + self.texts.media + self.steps.empty_form.media

    def is_valid(self):
        return all([self.lasting.is_valid(), self.texts.is_valid(), self.steps.is_valid()])

    def posted(self):
        """What was sent, in the shape of page_contents.snapshot."""
        steps = [
            {name: plain(form.cleaned_data[name]) for name in STEP}
            for form in self.steps.kept_forms()
        ]
        steps.sort(key=lambda step: step["position"] or 0)
        return {
            "lasting": {name: plain(self.lasting.cleaned_data[name]) for name in LASTING},
            "texts": {name: plain(self.texts.cleaned_data[name]) for name in TEXTS},
            "steps": steps,
        }


def _moments(texts):
    field = PageVersion._meta.get_field("expire_at")
    if not texts.get("expire_at"):
        return texts
    moment = timezone.localtime(field.to_python(texts["expire_at"])).replace(tzinfo=None)
    return {**texts, "expire_at": moment}


def _step_choices():
    fields = StepForm.base_fields
    return {
        name: [(row.pk, str(row)) for row in fields[name].queryset.all()]
        for name in QUOTED_BY_STEPS
    }


class BaseContentField(forms.CharField):
    """What stood in the form when it was opened; only shown and compared, never trusted."""

    def clean(self, value):
        try:
            content = json.loads(super().clean(value) or "{}")
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


class SaveForm(forms.Form):
    """What is sent with a page besides its fields."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    base = BaseContentField(required=False)
    keep_other = forms.BooleanField(required=False)
