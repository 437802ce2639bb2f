"""What may be done with a version, as forms and buttons ask."""

from django.utils import timezone

from portal.accounts.models import User
from portal.caching.prepared import Question
from portal.publishing.models import VersionState

from .. import page_contents
from ..models import Page, PageVersion, PageVersionEvent
from .claims import Action


def needs_review(version: PageVersion) -> bool:
    """Guidelines do, and what is about to become or stop being one."""
    kinds = {version.page.kind, (version.lasting or {}).get("kind", version.page.kind)}
    return Page.Kind.GUIDELINE in kinds


_written_by = Question(
    lambda version, user: PageVersionEvent.objects.filter(
        version=version, by=user, action__in=[Action.SAVED, Action.RESTORED]
    ).values_list("pk")[:1]
)


def has_written(user: User, version: PageVersion) -> bool:
    return version.author_id == user.pk or bool(_written_by(version.pk, user.pk))


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
    changes = page_contents.lasting_changes(version)
    return changes if changes and known_to_readers(version.page) else []


def known_to_readers(page: Page) -> bool:
    return PageVersion.objects.released().filter(page=page).exists()
