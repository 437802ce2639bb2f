"""A page version's way to readers and back: drafts, review, publishing, withdrawal, moves."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from portal.accounts.models import User
from portal.publishing.models import VersionState
from portal.search.index import index, readdress

from . import moving, page_contents
from .content_checks import ERROR
from .law_register import amended_under
from .models import (
    Certificate,
    FormerSlug,
    Page,
    PageLink,
    PageVersion,
    PageVersionEvent,
    Redirect,
)
from .rendering import render_pages, render_version
from .text_control import findings_of, told

NOTE_FOR_MAJOR = (
    "En större ändring berättas för läsaren i Aktuellt. Skriv vad som har ändrats, eller ta bort "
    "krysset för större ändring."
)


class EditConflict(Exception):
    """Somebody else has saved the page since the form was opened."""


class TransitionRefused(Exception):
    """Why something cannot be done now, in Swedish for the editor: one line an obstacle."""

    def __init__(self, *messages: str):
        super().__init__(" ".join(messages))
        self.messages = messages


class TextRefused(TransitionRefused):
    """What the content checks call errors on the page: one line an error."""


Action = PageVersionEvent.Action


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
    _require(by, "change", "page")
    _claim(page, revision)
    draft = page.versions.working().first()
    if draft is None or keep_other:
        draft = PageVersion(page=page, number=_next_number(page), author=by)
    draft.state = VersionState.DRAFT
    draft.preview_key = ""  # a link that was shared showed another text
    page_contents.write(draft, content)
    event = draft.events.first()
    if event and event.action == Action.SAVED and event.by_id == by.pk:
        event.at = timezone.now()
        event.save(update_fields=["at"])
    else:
        _tell(draft, Action.SAVED, by)
    return draft


@transaction.atomic
def submit(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Send a draft for review."""
    _require(by, "submit")
    version = _claimed(version, revision)
    _refuse_unless(version, VersionState.DRAFT, "Bara ett utkast kan skickas för granskning.")
    version.state = VersionState.IN_REVIEW
    version.save(update_fields=["state"])
    _tell(version, Action.SUBMITTED, by, reason)


@transaction.atomic
def send_back(version: PageVersion, *, by: User, revision: int, reason: str) -> None:
    """Give a text in review back to its author, with what has to be changed."""
    _require(by, "approve")
    version = _claimed(version, revision)
    _refuse_unless(
        version, VersionState.IN_REVIEW, "Bara det som är för granskning kan skickas tillbaka."
    )
    if not reason.strip():
        raise TransitionRefused("Skriv vad som behöver ändras.")
    version.state = VersionState.DRAFT
    version.save(update_fields=["state"])
    _tell(version, Action.SENT_BACK, by, reason)


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
    _require(by, "publish")
    now = timezone.now()
    version = _claimed(version, revision)
    page = version.page
    if at is not None and at <= now:
        raise TransitionRefused("Tiden har passerat. Lämna tomt för att publicera nu.")
    is_guideline = needs_review(version)
    if is_guideline:
        _require(by, "approve")
        _refuse_unless(
            version, VersionState.IN_REVIEW, "En vägledning ska skickas för granskning först."
        )
    _refuse_unless(
        version,
        (VersionState.DRAFT, VersionState.IN_REVIEW),
        "Versionen är redan publicerad eller avpublicerad.",
    )
    if version.is_major and not version.change_note.strip():
        raise TransitionRefused(NOTE_FOR_MAJOR)
    own = has_written(by, version)
    if is_guideline and own:
        raise TransitionRefused(
            "Du har skrivit i texten. En vägledning godkänns av någon annan än den som skrivit."
        )
    if at and reviewed:
        raise TransitionRefused("Granskningens datum kan bara flyttas när texten publiceras nu.")
    changes = lasting_that_cannot_wait(version)
    if at and changes and not only_text:
        raise TransitionRefused(
            f"Sidans fasta del är ändrad ({', '.join(changes)}) och gäller så snart "
            "versionen är godkänd. Publicera allt nu, eller publicera bara texten."
        )
    if only_text and changes:
        _keep_lasting(version)
    elif faults := page_contents.apply_lasting(version):
        raise TransitionRefused(*faults)
    errors = [each for each in findings_of(version) if each.severity == ERROR]
    if errors:
        raise TextRefused(*(told(finding) for finding in errors))
    if not (only_text and changes) and page.versions.filter(number__gt=version.number).exists():
        version.number = _next_number(page)
    version.state = VersionState.APPROVED
    version.publish_at = at or now
    version.preview_key = ""
    version.faults = 0
    version.reviewer = None if own else by
    if version.expire_at and version.expire_at <= version.publish_at:
        raise TransitionRefused("Versionen slutar gälla innan den publiceras. Ändra slutdatum.")
    version.save()
    if reviewed:
        _set_reviewed(version)
    _tell(version, Action.PUBLISHED, by, reason)
    render_version(version)
    _refresh(page)
    return version


@transaction.atomic
def withdraw(
    version: PageVersion, *, by: User, revision: int, reason: str, successor: Page | None = None
) -> None:
    """Take a live version from readers, who are told why and where to go."""
    _require(by, "withdraw")
    version = _claimed(version, revision)
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
    _tell(version, Action.WITHDRAWN, by, reason)
    _refresh(version.page)
    # What leads here leads nowhere: counted right when those pages are checked.
    leading = PageVersion.objects.live().filter(links__target=version.page_id, faults=0)
    PageVersion.objects.filter(pk__in=list(leading.values_list("pk", flat=True))).update(faults=1)


@transaction.atomic
def cancel(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Stop a version before its time: no reader has seen it, and it is a draft again."""
    _require(by, "withdraw")
    version = _claimed(version, revision)
    if not can_be_cancelled(version):
        raise TransitionRefused(
            "Bara det som väntar på sin tid kan ställas in. Det läsaren redan ser avpubliceras."
        )
    version.state = VersionState.DRAFT
    version.publish_at = version.reviewer = None
    version.save(update_fields=["state", "publish_at", "reviewer"])
    _tell(version, Action.CANCELLED, by, reason)
    _refresh(version.page)


@transaction.atomic
def suppress(version: PageVersion, *, by: User, revision: int, reason: str) -> None:
    """Hide an earlier version's words from readers, as when it holds personal data or what
    is dangerous to follow. That it was, when, and why it is hidden stays to be read."""
    _require(by, "suppress")
    version = _claimed(version, revision)
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
    _tell(version, Action.SUPPRESSED, by, reason)


@transaction.atomic
def reveal(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Let readers read a hidden version again."""
    _require(by, "suppress")
    version = _claimed(version, revision)
    if version.suppressed_at is None:
        raise TransitionRefused("Versionen är inte dold.")
    version.suppressed_at, version.suppress_reason = None, ""
    version.save(update_fields=["suppressed_at", "suppress_reason"])
    _tell(version, Action.REVEALED, by, reason)


@transaction.atomic
def confirm_unchanged(version: PageVersion, *, by: User, revision: int, reason: str = "") -> None:
    """Somebody has read what readers see and finds that it still holds: the review is of today.

    A guideline is confirmed by who may approve it and has not written it, as it is approved.
    """
    _require(by, "change", "page")
    version = _claimed(version, revision)
    if not PageVersion.objects.live().filter(pk=version.pk).exists():
        raise TransitionRefused("Bara den text som läsaren ser nu kan bekräftas.")
    if version.page.kind == Page.Kind.GUIDELINE:
        _require(by, "approve")
        if has_written(by, version):
            raise TransitionRefused(
                "Du har skrivit i texten. En vägledning bekräftas av någon annan."
            )
    version.confirmed_on = timezone.localdate()
    version.save(update_fields=["confirmed_on"])
    if _set_reviewed(version):
        render_version(version)
    _tell(version, Action.CONFIRMED, by, reason)
    index("page", [version.pk])


@transaction.atomic
def move_page(
    page: Page, *, parent: Page | None, slug: str, by: User, revision: int
) -> moving.Plan:
    """Give a page a new section or a new last segment of its address, at once.

    Old addresses keep leading to it, also those of the pages below, since the last segment
    says which page it is and the names that it has had are kept. Texts that link to it are
    made ready again; they are not rewritten, for a link by a former name leads on.
    Raises TransitionRefused, EditConflict or PermissionDenied.
    """
    _require(by, "move", "page")
    # One move at a time, so that two cannot give each other's name away.
    Page.objects.select_for_update().order_by("pk").first()
    _claim(page, revision)
    page = Page.objects.select_related("parent").get(pk=page.pk)
    plan = moving.plan_for(page, parent=parent, slug=slug)
    if faults := moving.faults(page, plan):
        raise TransitionRefused(*(message for _, message in faults))
    if slug != page.slug:
        FormerSlug.objects.filter(slug=slug).delete()
        FormerSlug.objects.create(slug=page.slug, page=page)
    Redirect.objects.filter(old_path__in=[new for _, _, new in plan.addresses]).delete()
    plan.page.save(update_fields=["slug", "parent"])
    _readdress([each for each, _, _ in plan.addresses])
    return plan


@transaction.atomic
def restore_as_draft(version: PageVersion, *, by: User, revision: int) -> PageVersion:
    """Copy an earlier version's texts into a draft of their own; nothing else changes."""
    _require(by, "change", "page")
    version = _claimed(version, revision)
    page = version.page
    draft = PageVersion(page=page, number=_next_number(page), author=by)
    content = page_contents.snapshot(page, version)
    content["texts"]["change_note"] = f"Återställd från version {version.number}"
    page_contents.write(draft, content)
    _tell(draft, Action.RESTORED, by, f"Från version {version.number}")
    return draft


def needs_review(version: PageVersion) -> bool:
    """Guidelines do, and what is about to become or stop being one."""
    kinds = {version.page.kind, (version.lasting or {}).get("kind", version.page.kind)}
    return Page.Kind.GUIDELINE in kinds


def has_written(user: User, version: PageVersion) -> bool:
    written = version.events.filter(by=user, action__in=[Action.SAVED, Action.RESTORED])
    return version.author_id == user.pk or written.exists()


def may_confirm(user: User, version: PageVersion) -> bool:
    if version.page.kind != Page.Kind.GUIDELINE:
        return user.has_perm("guidance.change_page")
    rights = ["guidance.change_page", "guidance.approve_pageversion"]
    return user.has_perms(rights) and not has_written(user, version)


def can_be_withdrawn(version: PageVersion) -> bool:
    current = PageVersion.objects.current().filter(pk=version.pk)
    return version.state == VersionState.APPROVED and current.exists()


def can_be_cancelled(version: PageVersion) -> bool:
    return version.state == VersionState.APPROVED and version.publish_at > timezone.now()


def can_be_suppressed(version: PageVersion) -> bool:
    mine = PageVersion.objects.filter(pk=version.pk, suppressed_at=None)
    return mine.seen().exists() and not mine.live().exists()


def lasting_that_cannot_wait(version: PageVersion) -> list[str]:
    """The lasting fields that a draft changes on a page that readers already know."""
    known = PageVersion.objects.released().filter(page=version.page_id).exists()
    return page_contents.lasting_changes(version) if known else []


def _require(user, action, model="pageversion"):
    if not user.has_perm(f"guidance.{action}_{model}"):
        raise PermissionDenied("Du har inte behörighet att göra det här.")


def _claim(page, revision):
    """Count up the page's revision, or find that somebody else has done it: one question to
    the database, so that two who save at the same moment cannot both win."""
    mine = Page.objects.filter(pk=page.pk, revision=revision)
    if not mine.update(revision=F("revision") + 1):
        raise EditConflict
    page.revision = revision + 1


def _claimed(version, revision):
    """The version as it stands in the database, its page being ours to change."""
    _claim(version.page, revision)
    return PageVersion.objects.select_related("page__parent").get(pk=version.pk)


def _refuse_unless(version, states, message):
    if version.state not in ((states,) if isinstance(states, str) else states):
        raise TransitionRefused(message)


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
    for draft in page.versions.working().filter(lasting__isnull=False):
        if draft.lasting.get("reviewed_on") == before:
            draft.lasting["reviewed_on"] = page.reviewed_on.isoformat()
            draft.save(update_fields=["lasting"])
    return read


def _next_number(page):
    latest = page.versions.aggregate(latest=Max("number"))["latest"]
    return (latest or 0) + 1


def _keep_lasting(version):
    """The change in a version's lasting part as a draft of its own, with the same writers.

    The version itself gets the number after it: readers see the higher number, and the draft
    gets a new one when it is published.
    """
    page = version.page
    content = page_contents.snapshot(page, version)
    draft = PageVersion(page=page, number=version.number, author=version.author)
    version.lasting = None
    version.number = _next_number(page)
    version.save(update_fields=["lasting", "number"])
    page_contents.write(draft, content)
    for event in version.events.filter(action__in=[Action.SAVED, Action.RESTORED]):
        draft.events.create(action=event.action, by=event.by, at=event.at, reason=event.reason)


def _tell(version, action, by, reason=""):
    version.events.create(action=action, by=by, reason=reason.strip()[:300])


def _refresh(page):
    """What else shows that a page was published or withdrawn: search, and links to it."""
    index("page", page.versions.values_list("pk", flat=True))
    linking = PageVersion.objects.unexpired().filter(links__target=page).exclude(page=page)
    for version in linking.select_related("page__parent").distinct():
        render_version(version)


def _readdress(pages):
    """What else shows pages' addresses: search, and texts that link to them."""
    urls = {page.pk: page.get_absolute_url() for page in pages}
    versions = PageVersion.objects.filter(page__in=urls).values_list("pk", "page")
    readdress("page", {version: urls[page] for version, page in versions})
    index("certificate", Certificate.objects.filter(page__in=urls).values_list("pk", flat=True))
    render_pages(PageLink.objects.filter(target__in=urls).values_list("version", flat=True))
