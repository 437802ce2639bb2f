"""What is asked behind the buttons that take a page's version on its way."""

from django import forms

from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.sensible_days import refuse_odd_days

from .models import SLUG_ADVICE, START_SLUG, Page
from .page_fields import MomentInput, ShortText


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
        validators=[refuse_odd_days],
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

    def __init__(self, *args, page, **kwargs):
        super().__init__(*args, **kwargs)
        # What is public is asked now, not when the server started.
        others = Page.objects.public().exclude(pk=page.pk)
        self.fields["successor"].queryset = others.order_by("nav_title")


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
