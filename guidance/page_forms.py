"""The admin's forms for a page: its lasting part, a draft's texts, the steps, transitions."""

import json
import re

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import slugify

from portal.richtext.editor import TextField
from portal.web.personal_numbers import refuse_personal_numbers

from .actions import NOTE_FOR_MAJOR
from .models import QUOTED_BY_STEPS, SLUG_ADVICE, START_SLUG, Page, PageVersion, ProcessStep
from .models.steps import DAYS_ADVICE
from .page_contents import LASTING, STEP, TEXTS, plain


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


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
        label="I korthet", required=False, help_text="Tre till fem korta punkter, en per rad."
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


class TransitionForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            # Kept in the page's history, which no form of a model stands before.
            self.fields["reason"].validators.append(refuse_personal_numbers)

    def clean(self):
        if "revision" in self.errors:
            raise forms.ValidationError("Formuläret kom inte fram helt. Öppna sidan på nytt.")
        return self.cleaned_data


class SubmitForm(TransitionForm):
    reason = forms.CharField(
        label="Till granskaren", required=False, max_length=300, widget=ShortText
    )


class SendBackForm(TransitionForm):
    reason = forms.CharField(label="Vad som behöver ändras", max_length=300, widget=ShortText)


class PublishForm(TransitionForm):
    """lasting  the names of the lasting fields that cannot wait for a moment to come"""

    CHOICES = {
        "text": "Bara texten, nu eller vid tiden nedan. Den fasta delen väntar i ett eget utkast, "
        "som du publicerar när den ska gälla.",
        "all": "Allt, nu. Tiden lämnas tom.",
    }

    parts = forms.ChoiceField(
        label="Vad som publiceras", choices=CHOICES.items(), widget=forms.RadioSelect
    )
    at = forms.DateTimeField(
        label="Publiceras",
        required=False,
        widget=MomentInput,
        help_text="Tomt betyder nu.",
    )
    reviewed = forms.BooleanField(
        label="Hela sidan är granskad i dag",
        required=False,
        help_text="Kryssa bara i om du har läst hela sidan mot källorna: datumet som läsaren ser "
        "under ”Senast granskad” flyttas till i dag.",
    )
    reason = forms.CharField(label="Anteckning", required=False, max_length=300, widget=ShortText)

    def __init__(self, *args, lasting=(), **kwargs):
        super().__init__(*args, **kwargs)
        if not lasting:
            del self.fields["parts"]
            return
        self.fields["parts"].help_text = (
            f"Sidans fasta del är ändrad: {', '.join(lasting)}. Den kan inte ändras vid ett "
            "klockslag, bara när du trycker."
        )

    def clean(self):
        values = super().clean()
        parts = values.pop("parts", None)
        if parts == "all" and values.get("at"):
            self.add_error("at", "Lämna tiden tom, eller välj att publicera bara texten.")
        if values.get("reviewed") and values.get("at"):
            self.add_error(
                "reviewed", "Datumet flyttas genast. Bekräfta sidan när texten är publicerad."
            )
        return {**values, "only_text": parts == "text"}


class ConfirmForm(TransitionForm):
    reason = forms.CharField(
        label="Anteckning",
        required=False,
        max_length=300,
        widget=ShortText,
        help_text="Till exempel vad du har jämfört med. Står i sidans historik.",
    )


class CancelForm(TransitionForm):
    reason = forms.CharField(
        label="Anteckning", required=False, max_length=300, widget=forms.Textarea
    )


class MoveForm(TransitionForm):
    parent = forms.ModelChoiceField(
        Page.objects.none(),
        label="Avdelning",
        required=False,
        empty_label="Ingen: sidan är en egen avdelning",
    )
    slug = forms.SlugField(
        label="Adressnamn",
        max_length=50,
        help_text="Sista delen av adressen: små bokstäver a–z, siffror och bindestreck.",
        error_messages={"invalid": SLUG_ADVICE},
    )
    confirm = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, page, **kwargs):
        super().__init__(*args, **kwargs)
        sections = Page.objects.filter(parent=None).exclude(slug=START_SLUG).exclude(pk=page.pk)
        self.fields["parent"].queryset = sections.order_by("nav_title")


class WithdrawForm(TransitionForm):
    reason = forms.CharField(
        label="Varför sidan inte längre gäller",
        max_length=300,
        widget=ShortText,
        help_text="Läsaren ser det. Texten går fortfarande att läsa i sidans historik; får den "
        "inte läsas alls, dölj den där efteråt (Versioner).",
    )
    successor = forms.ModelChoiceField(
        Page.objects.none(),
        label="Ersatt av",
        required=False,
        help_text="Dit läsaren hänvisas.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What is public is asked now, not when the server started.
        self.fields["successor"].queryset = Page.objects.public().order_by("nav_title")


class SuppressForm(TransitionForm):
    reason = forms.CharField(
        label="Varför texten döljs",
        max_length=300,
        widget=ShortText,
        help_text="Läsaren ser det i stället för texten, så skriv inte av det som ska döljas.",
    )


class RevealForm(TransitionForm):
    reason = forms.CharField(label="Anteckning", required=False, max_length=300, widget=ShortText)


class RestoreForm(TransitionForm):
    pass
