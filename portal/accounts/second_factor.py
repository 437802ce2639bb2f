"""Whether somebody has proved who they are with more than a password.

`PORTAL_REQUIRE_SECOND_FACTOR` asks it of staff. What changes texts, figures or accounts asks
`may_act(request)`, or wears `second_factor_required`.
"""

from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def may_act(request):
    """Whether this session may do what needs a trusted person.

    With the requirement on, the account must have a second factor and this very session
    must have used it: a session from before it was set up is as weak as its password. Or it
    came from the region's provider with the level of assurance that is demanded.
    """
    if not request.user.is_authenticated:
        return False
    if not settings.REQUIRE_SECOND_FACTOR:
        return True
    records = get_authentication_records(request, request.user)
    # The region's provider vouches for a card or the like; one who signed in before the level
    # of assurance was demanded has not shown it.
    if any(record.get("method") == "oidc" and record.get("strong") for record in records):
        return True
    used = any(record.get("method") == "mfa" for record in records)
    return used and is_mfa_enabled(request.user, FACTORS)


def lead_to_second_factor(request):
    """Redirects to signing in, to using the second factor, or to setting one up."""
    back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    if is_mfa_enabled(request.user, FACTORS):
        methods = get_adapter().get_reauthentication_methods(request.user)
        address = next(each["url"] for each in methods if each["id"].startswith("mfa"))
        return redirect(f"{address}?{urlencode({'next': back})}")
    messages.warning(
        request,
        "Ditt konto behöver tvåstegsverifiering innan du kan arbeta vidare. "
        "Välj en app eller en säkerhetsnyckel här.",
    )
    return redirect("mfa_index")


def second_factor_required(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not may_act(request):
            return lead_to_second_factor(request)
        return view(request, *args, **kwargs)

    return guarded


@receiver(authenticator_added)
def remember_new_factor(sender, request, user, authenticator, **kwargs):
    """Setting a factor up means using it; asking for it again at once would only annoy."""
    if authenticator.type in FACTORS:
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=str(authenticator.type)
        )
