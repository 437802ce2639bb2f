"""A page version's way to readers and back: drafts, review, publishing, withdrawal, moves."""

from .claims import EditConflict, TextRefused, TransitionRefused
from .drafts import restore_as_draft, save_draft, send_back, submit
from .hiding import reveal, suppress
from .moves import move_page
from .publishing import NOTE_FOR_MAJOR, approve_and_publish, cancel, confirm_unchanged, withdraw
from .rules import (
    can_be_cancelled,
    can_be_suppressed,
    can_be_withdrawn,
    has_written,
    lasting_that_cannot_wait,
    may_confirm,
    needs_review,
)

__all__ = [
    "NOTE_FOR_MAJOR",
    "EditConflict",
    "TextRefused",
    "TransitionRefused",
    "approve_and_publish",
    "can_be_cancelled",
    "can_be_suppressed",
    "can_be_withdrawn",
    "cancel",
    "confirm_unchanged",
    "has_written",
    "lasting_that_cannot_wait",
    "may_confirm",
    "move_page",
    "needs_review",
    "restore_as_draft",
    "reveal",
    "save_draft",
    "send_back",
    "submit",
    "suppress",
    "withdraw",
]
