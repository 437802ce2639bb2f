"""The two addresses of the region's sign-in. Where no provider is set they are 404."""

import logging
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import claims as meaning
from . import flow
from .faults import Refused

log = logging.getLogger(__name__)

ID_TOKEN = "oidc_id_token"  # noqa: S105  (the name of a session's entry)
# A hint is passed on in an address; longer ones would not get through.
LONGEST_HINT = 4_000


def where_offered(view):
    """A refusal is a page of its own, that says what to do; it is logged without the person."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if settings.OIDC is None:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            log.warning("En inloggning genom %s nekades: %s", settings.OIDC.name, refused)
            context = {"refused": refused, "provider": settings.OIDC}
            status = refused.status
            return render(request, "account/oidc_refused.html", context, status=status)

    return guarded


@where_offered
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    """Off to the provider; a pressed button only, so that no link signs anybody in."""
    if request.method != "POST":
        return redirect("account_login")
    wanted = request.POST.get(REDIRECT_FIELD_NAME, "")
    after = wanted if get_adapter(request).is_safe_url(wanted) else ""
    return HttpResponseRedirect(flow.start(request, after=after))


@where_offered
@require_safe
def answer(request):
    """Back from the provider: signed in, or told why not."""
    proof, after = flow.finish(request)
    user = meaning.account_of(proof.claims)
    if request.user.is_authenticated:
        logout(request, show_message=False)
    response = sign_in(request, user, after)
    if request.user.is_authenticated and len(proof.id_token) <= LONGEST_HINT:
        request.session[ID_TOKEN] = proof.id_token
    return response


def sign_in(request, user, after):
    """A proof that is strong enough is the second factor too; a weaker one stands for a
    password, and is followed by the factors that the account has."""
    strong = bool(settings.OIDC.assurance)
    record_authentication(request, user, "oidc", strong=strong, way=settings.OIDC.name)
    login = Login(user=user, redirect_url=after or None)
    if not strong:
        return perform_login(request, login)
    adapter = get_adapter(request)
    adapter.login(request, user)
    return adapter.post_login(
        request,
        user,
        email_verification=login.email_verification,
        signal_kwargs=login.signal_kwargs,
        email=login.email,
        signup=login.signup,
        redirect_url=login.redirect_url,
    )


@where_offered
@require_POST
def sign_out_there(request):
    """Ends the session here, and then leads on to where the provider ends its own."""
    token = request.session.get(ID_TOKEN)
    address = flow.sign_out_address(request, token) if token else ""
    logout(request)
    return HttpResponseRedirect(address) if address else redirect("signed_out")
