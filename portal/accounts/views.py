from allauth.account.internal.flows.logout import logout
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.web import panels

from . import rights
from .actions import InvitationNotOpen, accept, end_all_sessions
from .forms import AcceptInvitationForm
from .models import Invitation
from .oidc.flow import end_address
from .oidc.views import ID_TOKEN


@require_safe
@login_required
def account_home(request):
    groups = request.user.groups.order_by("name")
    context = {
        "panels": panels.collect("account", request.user),
        "groups": groups,
        "told": rights.told(request.user),
        "goes_on_there": ID_TOKEN in request.session and bool(end_address()),
    }
    return render(request, "account/home.html", context)


@require_safe
def signed_out(request):
    return render(request, "account/signed_out.html")


@require_POST
@login_required
def sign_out_everywhere(request):
    end_all_sessions(request.user)
    logout(request)
    return redirect("signed_out")


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request, token):
    """One answer for used, expired and made-up links: they tell a stranger nothing."""
    invitation = Invitation.objects.open().with_token(token).first()
    if invitation is None:
        return render(request, "account/invitation_closed.html", status=404)
    form = AcceptInvitationForm(request.POST or None, email=invitation.email)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            accept(
                invitation,
                first_name=chosen["first_name"],
                last_name=chosen["last_name"],
                password=chosen["password1"],
            )
        except InvitationNotOpen:
            return render(request, "account/invitation_closed.html", status=404)
        messages.success(request, "Kontot är klart. Logga in med din e-postadress.")
        return redirect("account_login")
    context = {"form": form, "invitation": invitation}
    return render(request, "account/accept_invitation.html", context)
