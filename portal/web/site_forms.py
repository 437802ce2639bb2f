"""The forms of the site's settings in the admin."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.editing.history_admin import ReasonForm

from .svg import LARGEST_FILE, SvgRefused, read_svg, too_large
from .theme import hue_from

WRONG_HUE = (
    "Ange en kulör som ett helt tal 0–359, till exempel 200, eller en färg som #0062ba. "
    "Grått har ingen kulör."
)


class SvgField(forms.FileField):
    """A logo: an uploaded file that becomes the text of a checked SVG."""

    widget = forms.FileInput(attrs={"accept": ".svg,image/svg+xml"})

    def clean(self, data, initial=None):
        given = super().clean(data, initial)
        if not isinstance(given, UploadedFile):
            return given or ""
        try:
            if given.size > LARGEST_FILE:
                raise SvgRefused(too_large(given.size))
            return read_svg(given.read()).text
        except SvgRefused as fault:
            raise forms.ValidationError(str(fault)) from None


class SiteSettingsForm(ReasonForm):
    hue = forms.CharField(
        label="Färg",
        max_length=20,
        required=False,
        help_text="Som kulör 0–359 eller som en färg, till exempel #0062ba. Portalen räknar ut "
        "ljusa och mörka nyanser med tillräcklig kontrast.",
    )
    logo = SvgField(
        label="Logotyp",
        required=False,
        help_text="SVG på högst 50 kB. Visas i sidhuvudet i stället för regionens namn, så namnet "
        "bör ingå i bilden.",
    )
    remove_logo = forms.BooleanField(label="Ta bort logotyperna", required=False)
    logo_dark = SvgField(
        label="Logotyp för mörkt läge",
        required=False,
        help_text="Om den saknas visas den vanliga logotypen på vit botten även i mörkt läge.",
    )

    def clean_hue(self):
        given = self.cleaned_data["hue"].strip()
        if not given:
            return None
        try:
            return hue_from(given)
        except ValueError as fault:
            raise forms.ValidationError(
                f"Färgens kontrast räcker inte: {fault}." if "contrast" in str(fault) else WRONG_HUE
            ) from None

    def clean(self):
        if self.cleaned_data.get("remove_logo"):
            self.cleaned_data.update(logo="", logo_dark="")
        return super().clean()


class ServiceMessageForm(forms.ModelForm):
    class Meta:
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "cols": 60})}
