"""What machines ask: the numbers of the operation, and where faults in security are told."""

import secrets
from datetime import UTC, datetime, time, timedelta
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.observing.metrics import as_text

from .site import site_of

SECURITY_TXT_DAYS = 180


@never_cache
@require_safe
def numbers(request):
    """For the region's own monitoring; to everybody else the address does not exist."""
    if not (_has_token(request) or _is_inside(request)):
        raise Http404
    return HttpResponse(as_text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _has_token(request):
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    right = secrets.compare_digest(given.encode("utf-8", "replace"), token.encode())
    return bool(token) and scheme.lower() == "bearer" and right


def _is_inside(request):
    if not settings.METRICS_NETWORKS:
        return False
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


@require_safe
def security_txt(request):
    """RFC 9116. It expires half a year ahead, whatever day it is asked for."""
    contact = settings.SECURITY_CONTACT or site_of(request).contact_email
    if not contact:
        raise Http404("Ingen adress för säkerhetsfel är angiven.")
    if ":" not in contact:
        contact = f"mailto:{contact}"
    day = timezone.localdate() + timedelta(days=SECURITY_TXT_DAYS)
    expires = datetime.combine(day, time(), UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: sv, en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
