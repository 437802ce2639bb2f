import logging

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from .choices import YEAR_IN_SECONDS, keep_choice, way_back
from .form_token import token_is_valid
from .forms import APPEARANCE_COOKIE, AppearanceForm
from .models import SiteSettings
from .theme import theme_css

logger = logging.getLogger(__name__)

# Style sheets inside the drawing may count when it is opened by itself, and nothing else.
LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@require_safe
def theme(request, hue):
    """The region's colours as a stylesheet; the address carries the hue and a version."""
    if hue > 359:
        raise Http404("Kulören anges som 0–359.")
    response = HttpResponse(theme_css(hue), content_type="text/css; charset=utf-8")
    return _for_ever(response)


@require_safe
def logo(request, code):
    """One of the region's logos; the address follows what it looks like."""
    site = SiteSettings.objects.filter(Q(logo_code=code) | Q(logo_dark_code=code)).first()
    if site is None:
        raise Http404("Logotypen har bytts ut.")
    svg = site.logo if site.logo_code == code else site.logo_dark
    response = HttpResponse(svg, content_type="image/svg+xml")
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    return _for_ever(response)


def _for_ever(response):
    response.headers["Cache-Control"] = f"public, max-age={YEAR_IN_SECONDS}, immutable"
    return response


@csrf_exempt
@require_POST
def appearance(request):
    """Remember light or dark; one of two cookies a reader can get, and only by this button.

    Exempt from Django's CSRF cookie: the form carries the signed token instead.
    """
    form = AppearanceForm(request.POST)
    if not form.is_valid() or not token_is_valid(form.cleaned_data["kod"], "utseende"):
        return HttpResponseBadRequest(
            "Utseendet kunde inte ändras. Gå tillbaka, läs in sidan på nytt och försök igen.",
            content_type="text/plain; charset=utf-8",
        )
    response = redirect(way_back(form.cleaned_data["sida"]))
    keep_choice(request, response, APPEARANCE_COOKIE, form.cleaned_data["utseende"])
    return response


@never_cache
@require_safe
def alive(request):
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request):
    """Whether the database answers and has all migrations."""
    try:
        get_user_model().objects.exists()
        pending = migrations_pending()
    except DatabaseError:
        logger.exception("Databasen svarar inte.")
        return JsonResponse({"status": "databasen svarar inte"}, status=503)
    if pending:
        return JsonResponse({"status": "migreringar väntar"}, status=503)
    return JsonResponse({"status": "ok"})


def migrations_pending():
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
