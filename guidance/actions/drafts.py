"""Writing beside the live version: drafts, and review of them."""

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.publishing.models import VersionState

from .. import page_contents
from ..models import Page, PageVersion
from .claims import (
    Action,
    TransitionRefused,
    claim,
    claimed,
    next_number,
    refuse_unless,
    require,
    tell,
)


@transaction.atomic
def save_draft(
    page: Page, *, content: dict, revision: int, by: User, keep_other: bool = False
) -> PageVersion:
    """Make or update the draft beside the live version. Readers see nothing of it.

    content     {"lasting": {…}, "texts": {…}, "steps": [{…}]} as `page_contents.snapshot`
    revision    the page's when the form was opened
    keep_other  leave the draft that is there as it is, and save as a draft after it

    A text that was in review has to be sent for review again. Raises EditConflict.
    """
    require(by, "change", "page")
    claim(page, revision)
    draft = page.versions.working().first()
    if draft is None or keep_other:
        draft = PageVersion(page=page, number=next_number(page), author=by)
    draft.state = VersionState.DRAFT
    draft.preview_key = ""  # a link that was shared showed another text
    page_contents.write(draft, content)
    event = draft.events.first()
    if event and event.action == Action.SAVED and event.by_id == by.pk:
        event.at = timezone.now()
        event.save(update_fields=["at"])
    else:
        tell(draft, Action.SAVED, by)
    return draft


@transaction.atomic
def submit(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Send a draft for review."""
    require(by, "submit")
    version = claimed(version, revision)
    refuse_unless(version, VersionState.DRAFT, "Bara ett utkast kan skickas för granskning.")
    version.state = VersionState.IN_REVIEW
    version.save(update_fields=["state"])
    tell(version, Action.SUBMITTED, by, reason)


@transaction.atomic
def send_back(version: PageVersion, *, by: User, revision: int, reason: str) -> None:
    """Give a text in review back to its author, with what has to be changed."""
    require(by, "approve")
    version = claimed(version, revision)
    refuse_unless(
        version, VersionState.IN_REVIEW, "Bara det som är för granskning kan skickas tillbaka."
    )
    if not reason.strip():
        raise TransitionRefused("Skriv vad som behöver ändras.")
    version.state = VersionState.DRAFT
    version.save(update_fields=["state"])
    tell(version, Action.SENT_BACK, by, reason)


@transaction.atomic
def restore_as_draft(version: PageVersion, *, by: User, revision: int) -> PageVersion:
    """Copy an earlier version's texts into a draft of their own; nothing else changes."""
    require(by, "change", "page")
    version = claimed(version, revision)
    page = version.page
    draft = PageVersion(page=page, number=next_number(page), author=by)
    content = page_contents.snapshot(page, version)
    content["texts"]["change_note"] = f"Återställd från version {version.number}"
    page_contents.write(draft, content)
    tell(draft, Action.RESTORED, by, f"Från version {version.number}")
    return draft
