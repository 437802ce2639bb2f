"""What follows from the way in which somebody signed in."""

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from django.dispatch import receiver

from .claims import forget


@receiver(user_logged_in)
def follow_up(sender, request, user, **kwargs):
    """The list of sessions says how each began, and what claims gave counts only for who came
    with claims: somebody who has left the region may still know her password."""
    records = get_authentication_records(request, user)
    claimed = next((each for each in records if each.get("method") == "oidc"), None)
    if claimed is None:
        forget(user)
    way = claimed.get("way", "") if claimed else _own_way(records)
    # Else allauth, whose turn comes after this, takes the row for one of a session that is over.
    request.session.save()
    UserSession.objects.create_from_request(request)
    rows = UserSession.objects.filter(session_key=request.session.session_key)
    rows.update(data={"way": way})


def _own_way(records):
    if any(each.get("passwordless") for each in records):
        return "passkey"
    second = any(each.get("method") == "mfa" for each in records)
    return "lösenord och andra steg" if second else "lösenord"
