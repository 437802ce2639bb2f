"""A unit asks for training of its own. No account, no cookie."""

from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.web.open_forms import OpenForm

from . import training_requests
from .conversation import shown
from .request_forms import TrainingRequestForm

REQUEST = OpenForm("bestall-utbildning", per_hour=20)
STRUCTURE = "utbildningsstruktur"


@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    form, fault = TrainingRequestForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        if form.is_from_a_program:
            return redirect("education:request_thanks")
        if form.is_valid():
            fault = REQUEST.obstacle(request, form.cleaned_data["kod"])
            if not fault:
                training_requests.store(form)
                return redirect("education:request_thanks")
    title = "Beställ utbildning till er enhet"
    return shown(request, REQUEST, "request", title, below=STRUCTURE, form=form, fault=fault)


@require_safe
def thanks(request):
    title = "Tack, beställningen är skickad"
    return shown(request, REQUEST, "request_thanks", title, below=STRUCTURE)
