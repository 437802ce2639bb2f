"""Signing in, out, and failing to: accounts by number, and what somebody typed nowhere."""

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver

from portal.observing import metrics

from .models import Action
from .notes import note

USER = "accounts.user"


def _way(request, user) -> dict:
    """{"way": ["password", "mfa"]}: the methods in the order that they were used."""
    if request is None or not hasattr(request, "session"):
        return {}
    records = get_authentication_records(request, user)
    methods = [str(each.get("method", ""))[:20] for each in records]
    return {"way": methods} if methods else {}


@receiver(user_logged_in)
def signed_in(sender, request, user, **rest):
    note(Action.SIGN_IN, USER, user.pk, actor=user.pk, facts=_way(request, user))


@receiver(user_logged_out)
def signed_out(sender, request, user, **rest):
    if user is not None:
        note(Action.SIGN_OUT, USER, user.pk, actor=user.pk)


@receiver(user_login_failed)
def failed(sender, credentials, request=None, **rest):
    """The same work whether the address has an account or not: time must not tell."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip()
    user = None
    if typed and "\x00" not in typed and len(typed) <= 254:
        user = get_user_model().objects.filter(email__iexact=typed).values("pk").first()
    metrics.count("sign_in_failed")
    note(Action.SIGN_IN_FAILED, USER, user["pk"] if user else "")
