"""Writes that touch several rows or leave the process."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.utils import timezone

from .models import Invitation, User


class InvitationNotOpen(Exception):
    """The invitation was accepted, has expired, or its address has an account."""


@transaction.atomic
def accept(invitation: Invitation, *, first_name: str, last_name: str, password: str) -> User:
    """Makes the account. The row is locked first, so that a link works once."""
    open_one = Invitation.objects.open().select_for_update().filter(pk=invitation.pk).first()
    if open_one is None or User.objects.filter(email__iexact=open_one.email).exists():
        raise InvitationNotOpen
    user = User.objects.create_user(
        open_one.email,
        password,
        first_name=first_name,
        last_name=last_name,
        is_staff=open_one.is_staff,
    )
    user.groups.set(open_one.groups.all())
    _log_groups(user, open_one)
    # The link came by mail, so the address is proved.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    open_one.accepted_at = timezone.now()
    open_one.save(update_fields=["accepted_at"])
    return user


def _log_groups(user, invitation):
    """Who invited gave the groups: the account's history says so. The log needs somebody;
    when the one who invited has no account any more, that is the invited one herself."""
    names = ", ".join(sorted(map(str, invitation.groups.all()))) or "inga"
    by = "" if invitation.invited_by_id else " från ett konto som inte finns längre"
    LogEntry.objects.log_actions(
        invitation.invited_by_id or user.pk,
        [user],
        ADDITION,
        f"Skapades genom inbjudan{by}. Grupper: {names}.",
        single_object=True,
    )


def end_all_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def remove_second_factors(user: User) -> None:
    """For somebody who has lost telephone and recovery codes. Their sessions end too."""
    Authenticator.objects.filter(user=user).delete()
    end_all_sessions(user)
