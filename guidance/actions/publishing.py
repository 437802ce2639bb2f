"""A version's way to readers and from them, and the day it was reviewed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.caching.prepared import Question
from portal.publishing.models import WORKING, VersionState
from portal.search.index import index

from .. import page_contents
from ..content_checks.findings import ERROR
from ..law_register import amended_under
from ..models import Page, PageVersion
from ..passages import forget_passages
from ..rendering import render_version
from ..text_control import findings_of, told
from .claims import (
    Action,
    TextRefused,
    TransitionRefused,
    claimed,
    next_number,
    refuse_unless,
    require,
    tell,
)
from .rules import (
    can_be_cancelled,
    can_be_withdrawn,
    has_written,
    known_to_readers,
    needs_review,
)

_live_of = Question(
    lambda at, page: PageVersion.objects.live(at).filter(page=page).values_list("pk")
)
SET_BY_PUBLISHING = ("number", "state", "publish_at", "preview_key", "faults", "reviewer")
_versions_of = Question(lambda page: PageVersion.objects.filter(page=page).values_list("pk"))
NOTE_FOR_MAJOR = (
    "En större ändring berättas för läsaren i Aktuellt. Skriv vad som har ändrats, eller ta bort "
    "krysset för större ändring."
)


@transaction.atomic
def approve_and_publish(
    version: PageVersion,
    *,
    by: User,
    revision: int,
    at: datetime | None = None,
    reason: str = "",
    only_text: bool = False,
    reviewed: bool = False,
) -> PageVersion:
    """Approve a version and let readers see it, now or at a moment to come.

    The lasting part of a page that readers know cannot wait for a moment to come: with
    `only_text` the text goes, and that change waits in a draft of its own. With `reviewed`
    the one who publishes says that all of the page is reviewed, and its date is moved.

    A guideline must have been sent for review and is approved by somebody who has not
    written in it; other pages need one person. What the content checks call an error on the
    page stops it. Raises TransitionRefused, EditConflict or PermissionDenied.
    """
    require(by, "publish")
    now = timezone.now()
    version = claimed(version, revision)
    page, own = version.page, has_written(by, version)
    _refuse_unready(version, by, own)
    if at is not None and at <= now:
        raise TransitionRefused("Tiden har passerat. Lämna tomt för att publicera nu.")
    if at and reviewed:
        raise TransitionRefused("Granskningens datum kan bara flyttas när texten publiceras nu.")
    lasting_waits = _settle_lasting(version, at, only_text)
    errors = [each for each in findings_of(version) if each.severity == ERROR]
    if errors:
        raise TextRefused(*(told(finding) for finding in errors))
    was_public = bool(_live_of(now, page.pk))
    if not lasting_waits and (number := next_number(page)) > version.number + 1:
        version.number = number
    version.state = VersionState.APPROVED
    version.publish_at = at or now
    version.preview_key = ""
    version.faults = 0
    version.reviewer = None if own else by
    if version.expire_at and version.expire_at <= version.publish_at:
        raise TransitionRefused("Versionen slutar gälla innan den publiceras. Ändra slutdatum.")
    if reviewed:
        _set_reviewed(version)
    tell(version, Action.PUBLISHED, by, reason)
    render_version(version, also=SET_BY_PUBLISHING)
    _refresh(page, links=not was_public)
    return version


def _refuse_unready(version, by, own):
    """Where the version is on its way, and whether this person may take it further."""
    is_guideline = needs_review(version)
    if is_guideline:
        require(by, "approve")
        refuse_unless(
            version, VersionState.IN_REVIEW, "En vägledning ska skickas för granskning först."
        )
    refuse_unless(version, WORKING, "Versionen är redan publicerad eller avpublicerad.")
    if version.is_major and not version.change_note.strip():
        raise TransitionRefused(NOTE_FOR_MAJOR)
    if is_guideline and own:
        raise TransitionRefused(
            "Du har skrivit i texten. En vägledning godkänns av någon annan än den som skrivit."
        )


def _settle_lasting(version, at, only_text):
    """Put the change of the page's lasting part in force, or leave it in a draft of its own.

    Returns whether it waits in a draft.
    """
    changes = page_contents.lasting_changes(version)
    cannot_wait = bool(changes) and known_to_readers(version.page)
    if cannot_wait and only_text:
        _keep_lasting(version)
        return True
    if cannot_wait and at:
        raise TransitionRefused(
            f"Sidans fasta del är ändrad ({', '.join(changes)}) och gäller så snart "
            "versionen är godkänd. Publicera allt nu, eller publicera bara texten."
        )
    if changes and (faults := page_contents.apply_lasting(version)):
        raise TransitionRefused(*faults)
    return False


@transaction.atomic
def withdraw(
    version: PageVersion, *, by: User, revision: int, reason: str, successor: Page | None = None
) -> None:
    """Take a live version from readers, who are told why and where to go."""
    require(by, "withdraw")
    version = claimed(version, revision)
    if not can_be_withdrawn(version):
        raise TransitionRefused("Bara det som är publicerat kan avpubliceras.")
    if not reason.strip():
        raise TransitionRefused("Skriv varför sidan inte längre gäller. Läsaren ser det.")
    if successor and successor.pk == version.page_id:
        raise TransitionRefused("En sida kan inte ersättas av sig själv.")
    version.state = VersionState.WITHDRAWN
    version.withdrawn_at = timezone.now()
    version.end_reason = reason.strip()
    version.successor = successor
    version.save(update_fields=["state", "withdrawn_at", "end_reason", "successor"])
    tell(version, Action.WITHDRAWN, by, reason)
    _refresh(version.page)
    # What leads here leads nowhere: counted right when those pages are checked.
    leading = PageVersion.objects.live().filter(links__target=version.page_id, faults=0)
    PageVersion.objects.filter(pk__in=list(leading.values_list("pk", flat=True))).update(faults=1)


@transaction.atomic
def cancel(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Stop a version before its time: no reader has seen it, and it is a draft again."""
    require(by, "withdraw")
    version = claimed(version, revision)
    if not can_be_cancelled(version):
        raise TransitionRefused(
            "Bara det som väntar på sin tid kan ställas in. Det läsaren redan ser avpubliceras."
        )
    version.state = VersionState.DRAFT
    version.publish_at = version.reviewer = None
    version.save(update_fields=["state", "publish_at", "reviewer"])
    tell(version, Action.CANCELLED, by, reason)
    _refresh(version.page)


@transaction.atomic
def confirm_unchanged(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Somebody has read what readers see and finds that it still holds: the review is of today.

    A guideline is confirmed by who may approve it and has not written it, as it is approved.
    """
    require(by, "change", "page")
    version = claimed(version, revision)
    if not PageVersion.objects.live().filter(pk=version.pk).exists():
        raise TransitionRefused("Bara den text som läsaren ser nu kan bekräftas.")
    if version.page.kind == Page.Kind.GUIDELINE:
        require(by, "approve")
        if has_written(by, version):
            raise TransitionRefused(
                "Du har skrivit i texten. En vägledning bekräftas av någon annan."
            )
    version.confirmed_on = timezone.localdate()
    version.save(update_fields=["confirmed_on"])
    if _set_reviewed(version):
        render_version(version)
    tell(version, Action.CONFIRMED, by, reason)
    index("page", [version.pk])


def _set_reviewed(version):
    """The page is reviewed today, also when a draft that waits with its lasting part is
    published later: unless somebody has written another day in it.

    Returns the laws that were amended, which the page is now read against.
    """
    page = version.page
    read = amended_under(version)
    page.amendments_read = [*page.amendments_read, *(law.amendment for law in read)]
    before = page.reviewed_on and page.reviewed_on.isoformat()
    page.reviewed_on = timezone.localdate()
    page.save(update_fields=["reviewed_on", "amendments_read"])
    for draft in page.versions.working().filter(lasting__isnull=False).exclude(pk=version.pk):
        if draft.lasting.get("reviewed_on") == before:
            draft.lasting["reviewed_on"] = page.reviewed_on.isoformat()
            draft.save(update_fields=["lasting"])
    return read


def _keep_lasting(version):
    """The change in a version's lasting part as a draft of its own, with the same writers.

    The version itself gets the number after it: readers see the higher number, and the draft
    gets a new one when it is published.
    """
    page = version.page
    content = page_contents.snapshot(page, version)
    draft = PageVersion(page=page, number=version.number, author=version.author)
    version.lasting = None
    version.number = next_number(page)
    version.save(update_fields=["lasting", "number"])
    page_contents.write(draft, content)
    for event in version.events.filter(action__in=[Action.SAVED, Action.RESTORED]):
        draft.events.create(action=event.action, by=event.by, at=event.at, reason=event.reason)


def _refresh(page, *, links=True):
    """What else shows that a page was published or withdrawn: search, what others are compared
    with, and links to it: not those where it was public before, since they lead to it already,
    and a page that many link to would cost them all."""
    index("page", [pk for (pk,) in _versions_of(page.pk)])
    forget_passages(page)
    if not links:
        return
    linking = PageVersion.objects.unexpired().filter(links__target=page).exclude(page=page)
    for version in linking.select_related("page__parent").distinct():
        render_version(version)
