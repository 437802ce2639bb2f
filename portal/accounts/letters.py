"""Letters with a link that opens a door. They are written when they are sent: the link is in
the letter and nowhere else, and asking for one costs the same whoever asks."""

from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.template.loader import render_to_string
from django.urls import reverse

from portal.outbox import writers
from portal.outbox.actions import queue_confidential
from portal.outbox.models import OutgoingMail
from portal.web.models import SiteSettings

from .models import Invitation, User

LONGEST_ADDRESS = OutgoingMail._meta.get_field("to").max_length


def queue_new_password(address, request):
    """For an address that somebody has typed, with an account or without."""
    if len(address) > LONGEST_ADDRESS:
        return  # no account has it
    queue_confidential(
        to=address,
        subject="Försäkringsmedicin: Välj nytt lösenord",
        writer="new_password",
        about={"site": request.build_absolute_uri("/")},
    )


@writers.register("new_password")
def new_password(address, about):
    """To the account's own address, which is not always just what was typed."""
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user is None:
        return writers.NOBODY
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    context = {
        "user": user,
        "password_reset_url": _address(about, "account_reset_password_from_key", key),
        "current_site": {"domain": urlsplit(about["site"]).netloc},
    }
    return user.email, _text("password_reset_key_message", context)


def queue_invitation(invitation, site):
    """site  the address that the invited one is to come to: https://portal.example.org/"""
    queue_confidential(
        to=invitation.email,
        subject="Inbjudan till Försäkringsmedicin",
        writer="invitation",
        about={"site": site, "invitation": invitation.pk},
    )


@writers.register("invitation")
def invitation(address, about):
    """Each letter has a link of its own, and the latest works."""
    row = Invitation.objects.open().filter(pk=about["invitation"], email=address).first()
    if row is None:
        return writers.NOBODY
    token = row.renew()
    row.save(update_fields=["token_hash", "expires_at"])
    context = {
        "invitation": row,
        "address": _address(about, "accept_invitation", {"token": token}),
        "region_name": SiteSettings.objects.current().name,
    }
    return row.email, _text("invitation", context)


def _address(about, name, parts):
    return about["site"].rstrip("/") + reverse(name, kwargs=parts)


def _text(template, context):
    return render_to_string(f"account/email/{template}.txt", context).strip()
