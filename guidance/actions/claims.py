"""What all actions on a page share: who may, whose turn it is, and what is told afterwards."""

from django.core.exceptions import PermissionDenied
from django.db.models import F

from portal.caching.prepared import Question

from ..models import Page, PageVersion, PageVersionEvent

Action = PageVersionEvent.Action


class EditConflict(Exception):
    """Somebody else has saved the page since the form was opened."""


class TransitionRefused(Exception):
    """Why something cannot be done now, in Swedish for the editor: one line an obstacle."""

    def __init__(self, *messages: str):
        super().__init__(" ".join(messages))
        self.messages = messages


class TextRefused(TransitionRefused):
    """What the content checks call errors on the page: one line an error."""


def require(user, action, model="pageversion"):
    if not user.has_perm(f"guidance.{action}_{model}"):
        raise PermissionDenied("Du har inte behörighet att göra det här.")


def claim(page, revision):
    """Count up the page's revision, or find that somebody else has done it: one question to
    the database, so that two who save at the same moment cannot both win."""
    mine = Page.objects.filter(pk=page.pk, revision=revision)
    if not mine.update(revision=F("revision") + 1):
        raise EditConflict
    page.revision = revision + 1


_version_with_page = Question(
    lambda pk: PageVersion.objects.filter(pk=pk).select_related("page__parent")
)


def claimed(version, revision):
    """The version as it stands in the database, its page being ours to change."""
    claim(version.page, revision)
    return _version_with_page(version.pk)[0]


def refuse_unless(version, states, message):
    if version.state not in ((states,) if isinstance(states, str) else states):
        raise TransitionRefused(message)


_numbers_of = Question(
    lambda page: PageVersion.objects.filter(page=page).order_by("-number").values_list("number")[:1]
)


def next_number(page):
    return max((number for (number,) in _numbers_of(page.pk)), default=0) + 1


def tell(version, action, by, reason=""):
    version.events.create(action=action, by=by, reason=reason.strip()[:300])
