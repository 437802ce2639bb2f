"""All public addresses, how they answer a plain GET, and the headers that guard them."""

import re

from django.urls import URLPattern, get_resolver

from education.models import Course
from followup.models import Indicator
from guidance.models import Document, DocumentVersion, Page
from organisation.models import Unit

PUBLIC_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def public_addresses():
    """An address for every public URL pattern, by its name: {"organisation:unit_detail": "/…/"}."""
    unit = Unit.objects.public().order_by("pk").first()
    indicator = Indicator.objects.exclude(kind="derived").order_by("pk").first()
    document = Document.objects.exclude(slug__in=Page.objects.values("slug")).first()
    values = {
        "hsa_id": unit.hsa_id,
        "code": indicator.code,
        "year": "2025",
        "hue": "200",
        "section": "sekretess-och-samtycke",
    }
    filed = DocumentVersion.objects.exclude(file="").first()
    values |= {
        "number": "1",
        "pk": "1",
        "kind": "sidor",
        "old": "1",
        "new": "2",
        "token": "pahittad",
        "receipt": "00000000-0000-0000-0000-000000000000",
        "version": filed.slug,
        "name": filed.download_name,
    }
    slugs = {
        "education:course_detail": Course.objects.public().first().slug,
        "api:course_detail": Course.objects.public().first().slug,
        "education:follow_course": Course.objects.public().first().slug,
        "guidance:document_detail": document.slug,
        "guidance:page_calendar": "tidslinje",
        "guidance:review_csv": "granskning",
    }
    sections = {
        "guidance:page_calendar": "sjukskrivningsprocessen",
        "guidance:review_csv": "om-webbplatsen",
    }
    codes = {
        "organisation:role_detail": "fma",
        "organisation:role_vcard": "rehabkoordinator",
        "api:role_detail": "fma",
    }

    def filled(name, route):
        known = {**values, "code": codes.get(name, indicator.code)}
        known["section"] = sections.get(name, values["section"])
        usual = "samtycke" if "<slug:section>" in route else "intyg"
        known["slug"] = slugs.get(name, filed.document.slug if "document_" in name else usual)
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known[match[1]], route)

    return {name: f"/{filled(name, route)}" for name, route in patterns(get_resolver())}


def patterns(resolver, route="", spaces=""):
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if here.startswith(("konto/", "logotyp-")):
            continue  # tests/accounts/test_account_pages.py and test_site_settings.py
        if isinstance(each, URLPattern):
            yield f"{spaces}{each.name or here}", here
        elif each.namespace != "admin":
            space = f"{each.namespace}:" if each.namespace else ""
            yield from patterns(each, here, spaces + space)


# Pages of who follows up: a question for a sign-in, or a button's.
SIGNED_IN_ONLY = {
    **dict.fromkeys(
        (
            *("followup:release_list", "followup:release", "followup:unit_review"),
            *("followup:review_list", "followup:review_year", "followup:review_csv"),
            *("followup:desk", "followup:desk_template_csv", "followup:desk_template_xlsx"),
            *("followup:desk_sources", "followup:desk_batch"),
        ),
        302,
    ),
    **dict.fromkeys(
        (
            *("followup:desk_units", "followup:desk_send", "followup:desk_approve"),
            *("followup:desk_reject", "followup:desk_cancel", "followup:desk_undo"),
        ),
        405,
    ),
}
# Answers that are not 200 by a plain GET, and why.
OTHER_ANSWERS = {
    "api:api-root": 404,  # nothing but its parts
    "numbers": 404,  # without a token
    "appearance": 405,  # a button's
    "organisation:choose_unit": 405,  # another button's
    "guidance:page_calendar": 400,  # without a first day
    "guidance:feedback_comment": 302,  # of a receipt that nobody has
    "guidance:shared_preview": 404,  # nor this token
    "versions:difference_of_page": 404,  # of a page with one version
    "versions:difference_of_section": 404,
    # A manager's own pages ask for a sign-in; their buttons are pressed.
    "organisation:unit_edit": 302,
    "organisation:unit_attest": 405,
    "organisation:unit_undo": 405,
    "organisation:deputies": 302,
    "organisation:deputy_end": 405,
    **SIGNED_IN_ONLY,
    # The token of a letter that nobody has sent.
    "education:follow_confirm": 404,
    "education:follow_leave": 404,
}
# A post is an answer: tests/guidance/test_feedback.py, tests/education/.
FORMS = {
    "guidance:feedback", "education:follow", "education:follow_course", "education:request",
}  # fmt: skip
# Files are read by no browser's engine, and may do nothing if one tries.
FILES = {"guidance:document_file", "guidance:document_latest"}


def policy(response):
    directives = response.headers["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


def assert_guarded(response, expected=PUBLIC_POLICY, referrer="same-origin"):
    headers = response.headers
    assert policy(response) == expected
    assert headers["Permissions-Policy"] == (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), "
        "geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), "
        "xr-spatial-tracking=()"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == referrer
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
