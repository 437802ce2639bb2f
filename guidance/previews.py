"""A draft shown to somebody without an account: by an address that is signed and ends.

The address names the version, a key that the version carries, and when it ends. The key is
taken away when the draft is changed, published or when somebody calls the link back, so no
address leads to another text than the one that was shared. Nothing of a reader is stored.
"""

from datetime import UTC, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.core.signing import Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string

from portal.accounts.models import User
from portal.publishing.models import WORKING

from .models import PageVersion

DAYS = 7
ONLY_DRAFTS = "Bara utkast kan delas: det publicerade har sin egen adress."

_signer = Signer(salt="guidance.previews")


class PreviewEnded(Exception):
    """An address that was ours leads nowhere any more: why, in Swedish for its reader.

    version  the one it showed
    """

    def __init__(self, message: str, version: PageVersion | None = None):
        super().__init__(message)
        self.message, self.version = message, version


@transaction.atomic
def share(version: PageVersion, *, by: User) -> tuple[str, datetime]:
    """The path of a draft's preview and when it ends; earlier links of the same text go on."""
    version = _changeable(version, by)
    if not version.preview_key:
        version.preview_key = get_random_string(22)
        version.save(update_fields=["preview_key"])
    until = (timezone.now() + timedelta(days=DAYS)).replace(microsecond=0)
    token = _signer.sign(f"{version.pk}.{version.preview_key}.{int(until.timestamp())}")
    return reverse("guidance:shared_preview", args=[token]), until


@transaction.atomic
def call_back(version: PageVersion, *, by: User) -> None:
    """All links to this draft stop leading to it."""
    version = _changeable(version, by)
    version.preview_key = ""
    version.save(update_fields=["preview_key"])


def _changeable(version, by):
    if not by.has_perm("guidance.change_page"):
        raise PermissionDenied("Du har inte behörighet att göra det här.")
    rows = PageVersion.objects.select_for_update().filter(pk=version.pk, state__in=WORKING)
    if draft := rows.first():
        return draft
    raise PreviewEnded(ONLY_DRAFTS)


def shared(token: str) -> tuple[PageVersion, datetime]:
    """The draft that an address shows, and until when.

    Raises BadSignature for an address that was never ours, PreviewEnded for one that was.
    """
    pk, key, ends = _signer.unsign(token).split(".")
    until = datetime.fromtimestamp(int(ends), UTC)
    rows = PageVersion.objects.select_related("page__parent", "page__owner")
    version = rows.filter(pk=pk).first()
    if version is None:
        raise PreviewEnded("Utkastet finns inte längre.")
    if version.state not in WORKING:
        raise PreviewEnded("Texten är inte längre ett utkast.", version)
    if until <= timezone.now():
        raise PreviewEnded(f"Länken gällde i {DAYS} dagar, och de har gått.")
    if not constant_time_compare(key, version.preview_key):
        raise PreviewEnded("Utkastet har ändrats sedan länken delades, eller länken är återkallad.")
    return version, until
