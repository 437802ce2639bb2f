"""Hiding an earlier version's words from readers, and showing them again."""

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User

from ..models import PageVersion
from .claims import Action, TransitionRefused, claimed, require, tell
from .rules import can_be_suppressed


@transaction.atomic
def suppress(version: PageVersion, *, by: User, revision: int, reason: str) -> None:
    """Hide an earlier version's words from readers, as when it holds personal data or what
    is dangerous to follow. That it was, when, and why it is hidden stays to be read."""
    require(by, "suppress")
    version = claimed(version, revision)
    if not can_be_suppressed(version):
        raise TransitionRefused(
            "Bara det som läsaren har sett och som inte längre gäller kan döljas. Avpublicera "
            "först det som fortfarande gäller."
        )
    if not reason.strip():
        raise TransitionRefused("Skriv varför versionen döljs. Läsaren ser det.")
    version.suppressed_at = timezone.now()
    version.suppress_reason = reason.strip()
    version.save(update_fields=["suppressed_at", "suppress_reason"])
    tell(version, Action.SUPPRESSED, by, reason)


@transaction.atomic
def reveal(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Let readers read a hidden version again."""
    require(by, "suppress")
    version = claimed(version, revision)
    if version.suppressed_at is None:
        raise TransitionRefused("Versionen är inte dold.")
    version.suppressed_at, version.suppress_reason = None, ""
    version.save(update_fields=["suppressed_at", "suppress_reason"])
    tell(version, Action.REVEALED, by, reason)
