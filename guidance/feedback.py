"""What becomes of readers' feedback: stored, added to, forgotten when its time is over."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.web.rate_limit import sender_code

from .models import Feedback, Page

# A button that is pressed twice sends the same answer twice within a moment.
SAME_PRESS = 10
Status = Feedback.Status


def store_answer(request, page: Page, *, version_number: int, answer: str) -> uuid.UUID:
    """Stores an answer once, however fast the button is pressed; its receipt."""
    receipt = uuid.uuid4()
    key = f"feedback-{page.pk}-{answer}-{sender_code(request)}"
    if not cache.add(key, receipt.hex, SAME_PRESS) and (known := cache.get(key)):
        return uuid.UUID(known)
    Feedback.objects.create(
        receipt=receipt,
        page=page,
        version_number=version_number,
        answer=answer,
        done_at=timezone.now(),
    )
    return receipt


def add_comment(receipt: uuid.UUID, comment: str) -> bool:
    """Gives an answer its words, which make it new. False when it is closed by now."""
    answers = Feedback.objects.open_for_words().filter(receipt=receipt)
    return bool(answers.update(comment=comment, status=Status.NEW, done_at=None))


def handle(feedback: Feedback, *, by: User) -> None:
    """Sets what follows from a new status: who took it, and when it was done."""
    feedback.handler = by
    feedback.done_at = timezone.now() if feedback.status == Status.DONE else None


def out_of_time() -> QuerySet:
    """Feedback that has been done for longer than it is kept."""
    until = timezone.now() - timedelta(days=settings.FEEDBACK_DAYS)
    return Feedback.objects.finished_before(until)
