"""Where the uppföljningsansvarig lets a year's values out, after seeing what readers will see."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.second_factor import second_factor_required
from portal.web.frames import frame_or_404
from portal.web.personal_numbers import refuse_personal_numbers

from .disclosure.plans import plan_release, preview
from .models import Indicator, Release
from .releasing import ReleaseRefused, digest, release_year, waiting_releases

REASONS = {
    "empty": "Det finns inga värden att publicera.",
    "changed": "Värdena eller inställningarna har ändrats sedan du öppnade sidan. Se vad som "
    "gäller nu innan du publicerar.",
    "revealing": "Publiceringen stoppades: dolda tal skulle kunna räknas ut.",
}
NEWEST_SHOWN = 50


class ReleaseForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(
        label="Vad är rättat?",
        max_length=200,
        help_text="Visas för läsaren, till exempel ”Täljaren för två enheter är rättad”.",
        error_messages={"required": "Skriv vad som är rättat."},
    )
    checked = forms.BooleanField(
        label="Jag har kontrollerat värdena och vad som döljs",
        error_messages={"required": "Kryssa i att du har kontrollerat värdena."},
    )

    def __init__(self, *args, is_correction, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_correction:
            del self.fields["reason"]

    def clean_reason(self):
        refuse_personal_numbers(self.cleaned_data["reason"])
        return self.cleaned_data["reason"]


def for_releasers(view):
    allowed = permission_required("followup.publish_release", raise_exception=True)(view)
    return never_cache(login_required(second_factor_required(allowed)))


@require_safe
@for_releasers
def release_list(request):
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below("Publicera värden", frame.page.get_absolute_url()),
        "waiting": waiting_releases(),
        "releases": Release.objects.select_related("indicator", "released_by")[:NEWEST_SHOWN],
    }
    return render(request, "followup/release_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_releasers
def release(request, code, year):
    stored = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    indicator = get_object_or_404(stored, code=code)
    if not 1990 <= year <= 2199:
        raise Http404("Året finns inte.")
    former = Release.objects.current().filter(indicator=indicator, year=year).first()
    form = ReleaseForm(
        request.POST if request.method == "POST" else None, is_correction=former is not None
    )
    refused = ""
    if form.is_valid():
        try:
            release_year(
                indicator,
                year,
                by=request.user,
                reason=form.cleaned_data.get("reason", ""),
                seen=form.cleaned_data["seen"],
            )
        except ReleaseRefused as fault:
            refused = REASONS[fault.reason]
        else:
            messages.success(request, f"{indicator.name} {year} är publicerad.")
            return redirect("followup:release_list")
    plan = plan_release(indicator, year)
    if not plan.has_values:
        raise Http404("Indikatorn har inga värden för det året.")
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below(f"{indicator.name} {year}", frame.page.get_absolute_url()),
        "indicator": indicator,
        "year": year,
        "former": former,
        "form": form,
        "refused": refused,
        "plan": plan,
        "seen": digest(plan),
        "table": preview(plan),
    }
    return render(request, "followup/release.html", context, status=409 if refused else 200)
