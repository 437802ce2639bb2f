"""A unit asks for training of its own. No account, no cookie."""

from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.web.form_token import token_is_valid
from portal.web.frames import Frame, frame_or_404
from portal.web.rate_limit import within_limit

from . import training_requests
from .following_views import OLD_FORM, TOO_MANY
from .request_forms import TrainingRequestForm

FORM_NAME = "bestall-utbildning"
PER_HOUR = 20


def shown(request, template, title, *, status=200, **context):
    structure = frame_or_404("utbildningsstruktur")
    crumbs = [*structure.crumbs, (structure.page.nav_title, structure.page.get_absolute_url())]
    context["frame"] = Frame(title=title, crumbs=crumbs)
    response = render(request, f"education/{template}.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_store=True)
    return response


@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    form, fault = TrainingRequestForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        if form.is_from_a_program:
            return redirect("education:request_thanks")
        if form.is_valid():
            if not token_is_valid(form.cleaned_data["kod"], FORM_NAME):
                fault = OLD_FORM
            elif not within_limit(request, FORM_NAME, per_hour=PER_HOUR):
                fault = TOO_MANY
            else:
                training_requests.store(form)
                return redirect("education:request_thanks")
    status = 429 if fault == TOO_MANY else 200
    title = "Beställ utbildning till er enhet"
    return shown(request, "request", title, status=status, form=form, fault=fault)


@require_safe
def thanks(request):
    return shown(request, "request_thanks", "Tack, beställningen är skickad")
