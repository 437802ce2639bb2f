"""Accounts of those who have left: closed, never deleted, since history names them."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.audit.models import Action
from portal.audit.notes import note

from . import rights
from .actions import end_all_sessions
from .claims import forget
from .models import Invitation, User


class LastSuperuser(Exception):
    """Nobody would be left who may do everything."""


@transaction.atomic
def close(user: User) -> bool:
    """Takes away every way in and every right. Whether there was something to take away.

    What the account has written stays, and so does its name beside it.
    """
    # All of them are locked, so that two at once do not close each other.
    chiefs = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    chiefs = set(chiefs.order_by("pk").values_list("pk", flat=True))
    if chiefs == {user.pk}:
        raise LastSuperuser
    user = User.objects.select_for_update().get(pk=user.pk)
    forget(user)
    user.refresh_from_db()
    was_open = user.is_active or user.is_staff or user.is_superuser or user.has_usable_password()
    groups = sorted(user.groups.values_list("pk", flat=True))
    own = user.user_permissions.count()
    factors, _ = Authenticator.objects.filter(user=user).delete()
    ended = rights.end_all_of(user)
    waiting = Invitation.objects.open().filter(email__iexact=user.email)
    invited = waiting.update(expires_at=timezone.now())
    end_all_sessions(user)
    if not (was_open or groups or own or factors or ended or invited):
        return False
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    facts = {"groups": {"added": [], "removed": groups}, "unit_rights": ended}
    note(Action.CLOSE_ACCOUNT, "accounts.user", user.pk, name=str(user), facts=facts)
    return True


def idle(days: int):
    """Open accounts that nobody has signed in to for so many days, those the longest first.

    An account that nobody ever signed in to counts from the day it was made.
    """
    since = timezone.now() - timedelta(days=days)
    seen = User.objects.filter(is_active=True).annotate(
        last_seen=Coalesce(F("last_login"), F("date_joined"))
    )
    return seen.filter(last_seen__lt=since).order_by("last_seen", "pk")
